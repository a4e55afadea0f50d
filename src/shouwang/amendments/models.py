"""Proposed values of policy parameters, and what each would change."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.models import User
from shouwang.areas.models import Area


class Amendment(models.Model):
    """A new value of one parameter from a day on, with its ground; it counts once somebody else has accepted it.

    `value` is written as the pack writes it. `number` counts the accepted ones in the order of decision: that order is
    the list of decided values in the home. `key` and `decision_key` are those of the forms.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待审定")
        ACCEPTED = "accepted", _("已同意")
        REJECTED = "rejected", _("不同意")
        WITHDRAWN = "withdrawn", _("已撤回")

    pack = models.CharField(_("政策包"), max_length=50)
    parameter = models.CharField(_("参数"), max_length=100)
    value = models.CharField(_("数值"), max_length=500)
    valid_from = models.DateField(_("施行日期"))
    document = models.CharField(_("依据文件"), max_length=200)
    document_number = models.CharField(_("文号"), max_length=100, blank=True)
    clause = models.CharField(_("条款"), max_length=200)
    reason = models.CharField(_("理由"), max_length=1000)
    area = models.ForeignKey(Area, models.PROTECT, verbose_name=_("提出单位"))
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("提出人"))
    proposed_at = models.DateTimeField(_("提出时间"), auto_now_add=True)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.PROPOSED)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("审定人"))
    decided_at = models.DateTimeField(_("审定时间"), null=True)
    opinion = models.CharField(_("审定意见"), max_length=1000, blank=True)
    number = models.PositiveIntegerField(_("审定序号"), null=True)
    key = models.CharField(max_length=64, blank=True)
    decision_key = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("参数调整")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["pack", "parameter", "state"])]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="amendment_number_once"),
            models.UniqueConstraint(fields=["proposed_by", "key"], condition=~Q(key=""), name="amendment_form_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "rejected"])
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="amendment_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", number__isnull=False) | (~Q(state="accepted") & Q(number__isnull=True)),
                name="amendment_accepted_has_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parameter} {self.valid_from}"


class WhatIf(models.Model):
    """What the proposed value would change among the clues of the whole register, worked out by the background process.

    It speaks of the values in force when it was made: `pack_version` and `decided`, how many decisions that had.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("排队中")
        RUNNING = "running", _("推演中")
        DONE = "done", _("已完成")
        FAILED = "failed", _("未完成")

    amendment = models.ForeignKey(Amendment, models.CASCADE, related_name="whatifs")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("发起人"))
    created_at = models.DateTimeField(_("发起时间"), auto_now_add=True)
    finished_at = models.DateTimeField(_("完成时间"), null=True)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING)
    progress = models.PositiveSmallIntegerField(_("进度"), default=0)
    message = models.TextField(_("说明"), blank=True)
    as_of = models.DateField(_("截至日期"))
    pack_version = models.CharField(_("政策包版本"), max_length=100, blank=True)
    decided = models.PositiveIntegerField(default=0)
    result = models.JSONField(_("结果"), default=dict)

    class Meta:
        verbose_name = _("政策推演")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.amendment} {self.get_state_display()}"

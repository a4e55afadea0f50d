"""Entries of the audit, which are written once, and the head of their chain."""

from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext_lazy as _

REFUSAL = _("审计记录只能追加，不能修改或删除")


class AppendOnly(models.QuerySet["Entry"]):
    """Reads; every way of changing is refused here, and again by the database's triggers."""

    def _refuse(self, *args: Any, **named: Any) -> NoReturn:
        raise PermissionDenied(REFUSAL)

    update = delete = bulk_update = bulk_create = create = get_or_create = update_or_create = _raw_delete = _refuse
    _update = _refuse  # type: ignore[assignment]


class Entry(models.Model):
    """One thing that somebody did or was refused. Actor, post and subject stand as they were: no foreign key leads out.

    `detail` is a JSON object as text, hashed as it stands. `anchored` is the number of the last entry whose hash lay in the
    anchor file when this one was written: a cut anchor file contradicts it.
    """

    class Result(models.TextChoices):
        DONE = "done", _("完成")
        REFUSED = "refused", _("拒绝")

    sequence = models.BigIntegerField(_("序号"), primary_key=True)
    at = models.DateTimeField(_("时间"))
    actor = models.CharField(_("操作人"), max_length=150, blank=True)
    actor_id = models.BigIntegerField(null=True)
    post = models.CharField(_("岗位"), max_length=300, blank=True)
    action = models.CharField(_("事项"), max_length=40)
    subject_type = models.CharField(_("对象类别"), max_length=30, blank=True)
    subject = models.CharField(_("对象"), max_length=200, blank=True)
    area = models.CharField(_("区域"), max_length=12, blank=True)
    detail = models.TextField(_("详情"), default="{}")
    result = models.CharField(_("结果"), max_length=10, choices=Result)
    address = models.CharField(_("来源地址"), max_length=64, blank=True)
    anchored = models.BigIntegerField(default=0)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = AppendOnly.as_manager()

    class Meta:
        verbose_name = _("审计记录")
        indexes = [
            models.Index(fields=["actor", "sequence"], name="audit_by_actor"),
            models.Index(fields=["action", "sequence"], name="audit_by_action"),
            models.Index(fields=["subject_type", "subject", "sequence"], name="audit_by_subject"),
            models.Index(fields=["area", "sequence"], name="audit_by_area"),
            models.Index(fields=["at"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action}"

    def save(self, *args: Any, **named: Any) -> NoReturn:
        raise PermissionDenied(REFUSAL)

    def delete(self, *args: Any, **named: Any) -> NoReturn:
        raise PermissionDenied(REFUSAL)


class Head(models.Model):
    """The one row that writers of entries queue up for: number and hash of the last entry."""

    ONLY = 1

    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("审计链头")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="audit_has_one_head")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.hash[:12]}"

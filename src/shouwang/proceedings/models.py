"""What a matter and its steps keep, whatever the matter is; the concrete models name their stages and actions."""

from decimal import Decimal
from functools import cache
from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.encoding import force_str
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.models import User
from shouwang.areas.models import Area

LONGEST_NAME = 100


class AppendOnly(models.QuerySet[Any]):
    """Rows are added and read; what people did stays as it was written."""

    def _refuse(self, *args: Any, **named: Any) -> NoReturn:
        raise PermissionDenied(gettext("办理记录只能追加，不能修改或删除"))

    update = delete = bulk_update = update_or_create = _refuse


class WrittenOnce(models.Model):
    """A record that is never changed."""

    objects = AppendOnly.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **named: Any) -> None:
        if not self._state.adding:
            raise PermissionDenied(gettext("办理记录只能追加，不能修改或删除"))
        super().save(*args, **named)

    def delete(self, *args: Any, **named: Any) -> NoReturn:
        raise PermissionDenied(gettext("办理记录只能追加，不能修改或删除"))


class Matter(models.Model):
    """Something that lies on a desk with a clock; the concrete model has `number` and `stage`, and `steps` point to it.

    `desk` is the area whose office or village is to act, `due_on` the last day for that, `rises_on` the day on which it
    is (again) told one level higher, `raised_to` the highest level told so far, `arrived_on` the day on which it came to
    this stage or desk. `version` is the number of its last step. Only steps write these.
    """

    desk = models.ForeignKey(
        Area, models.PROTECT, null=True, related_name="%(class)ss_in_hand", verbose_name=_("办理单位")
    )
    arrived_on = models.DateField(_("到达本环节日期"), null=True)
    due_on = models.DateField(_("办理期限"), null=True)
    rises_on = models.DateField(null=True, db_index=True)
    raised_to = models.PositiveSmallIntegerField(_("已上报到"), choices=Area.LEVELS, null=True)
    version = models.PositiveIntegerField(db_default=0)

    class Meta:
        abstract = True

    def _get_FIELD_display(self, field: Any) -> str:  # noqa: N802
        """As Django's own; which gathers the words of the field anew for every line of a list."""
        value = getattr(self, field.attname)
        return force_str(_words(field).get(value, value), strings_only=True)


@cache
def _words(field: Any) -> dict[Any, Any]:
    return dict(field.flatchoices)


class Step(WrittenOnce):
    """One step with a matter: who, when, from where to where, why, and the clock that it started.

    `key` is drawn when a form is shown, so the same form sent again is the same step.
    """

    number = models.PositiveIntegerField(_("序号"))
    actor = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="%(app_label)s_steps", verbose_name=_("办理人")
    )
    post = models.CharField(_("岗位"), max_length=300, blank=True)
    at = models.DateTimeField(_("时间"))
    on = models.DateField(_("日期"))
    desk_from = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+", verbose_name=_("原办理单位"))
    desk_to = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+", verbose_name=_("现办理单位"))
    due_on = models.DateField(_("办理期限"), null=True)
    reason = models.TextField(_("理由"), blank=True)
    key = models.CharField(max_length=64, blank=True)

    class Meta:
        abstract = True


class DeliberationRecord(WrittenOnce):
    """Minutes and votes of a village's democratic review (民主评议); the concrete model names the matter and the step.

    `share` is the part of those present, from 0 to 1, of whom more have to be for it: the policy's on the day of the review.
    """

    held_on = models.DateField(_("评议日期"))
    chair = models.CharField(_("主持人"), max_length=LONGEST_NAME)
    present = models.PositiveIntegerField(_("到会人数"))
    votes_for = models.PositiveIntegerField(_("同意票"))
    votes_against = models.PositiveIntegerField(_("不同意票"))
    minutes = models.TextField(_("评议记录"))
    share = models.DecimalField(_("同意票须超过的比例"), max_digits=4, decimal_places=3, default=Decimal("0.5"))

    class Meta:
        abstract = True
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(present__gte=models.F("votes_for") + models.F("votes_against")),
                name="%(app_label)s_no_more_votes_than_present",
            )
        ]

    def __str__(self) -> str:
        return f"{self.held_on} {self.votes_for}:{self.votes_against}"

    @property
    def passed(self) -> bool:
        """More than the policy's share of those present are for it."""
        return self.votes_for > self.present * self.share

"""Who looks after a household, and what they saw there."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.areas.models import Area
from shouwang.assistance.models.plans import Plan, PlanStep
from shouwang.cases.models import Case
from shouwang.proceedings.models import WrittenOnce


class ContactKind(models.TextChoices):
    """Every monitored household has one of each (DOMAIN B8)."""

    ASSISTANCE = "assistance_contact", _("帮扶联系人")
    MONITORING = "monitoring_contact", _("监测联系人")


class Contact(models.Model):
    """Who looks after a household from a day on, up to the day before `to`. The telephone is sealed and shown masked.

    `area` is the village for which they were named or last confirmed: where the household has moved since, the new one has to say.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="contacts", verbose_name=_("案件"))
    kind = models.CharField(_("类别"), max_length=20, choices=ContactKind)
    name = models.CharField(_("姓名"), max_length=50)
    unit = models.CharField(_("单位和职务"), max_length=100)
    phone_masked = models.CharField(_("联系电话"), max_length=20)
    sealed = models.BinaryField()
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+", verbose_name=_("所在村"))
    since = models.DateField(_("自"))
    to = models.DateField(_("至"), null=True)
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["case", "kind", "-since", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"], condition=models.Q(to__isnull=True), name="one_contact_of_a_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.name}"


class Situation(models.TextChoices):
    """How those who visited found the household since the last time."""

    BETTER = "better", _("好转")
    SAME = "unchanged", _("平稳")
    WORSE = "worse", _("变差")


class FollowUp(WrittenOnce):
    """A visit to a household under assistance: what was seen, and whether the measures help."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="follow_ups", verbose_name=_("帮扶计划"))
    step = models.OneToOneField(PlanStep, models.PROTECT, related_name="follow_up")
    visited_on = models.DateField(_("走访日期"))
    visitors = models.JSONField(_("走访人员"), default=list)
    situation = models.CharField(_("家庭状况"), max_length=10, choices=Situation)
    findings = models.TextField(_("走访情况"))
    clue_number = models.CharField(_("新的线索"), max_length=72, blank=True)

    class Meta:
        ordering = ["-visited_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.visited_on}"


class FollowUpPhoto(WrittenOnce):
    """A photo of such a visit, kept as `clues.photos` keeps those of verification; `size` in bytes."""

    follow_up = models.ForeignKey(FollowUp, models.PROTECT, related_name="photos", verbose_name=_("走访"))
    name = models.CharField(max_length=32, unique=True)
    width = models.PositiveIntegerField(_("宽"))
    height = models.PositiveIntegerField(_("高"))
    size = models.PositiveIntegerField(_("大小"))

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

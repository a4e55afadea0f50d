"""Exports, from the request to the file that was taken and removed."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.models import User
from shouwang.areas.models import Area


class Content(models.TextChoices):
    """What an export holds."""

    HOUSEHOLD_FORM = "household_form", _("监测对象和家庭成员信息表")
    CASE_REGISTER = "case_register", _("监测对象台账")
    CLUE_REGISTER = "clue_register", _("线索台账")
    CLUE_LIST = "clue_list", _("线索清单")
    ROWS_TO_MEND = "rows_to_mend", _("待改正的行")
    AMENDMENT_SHEET = "amendment_sheet", _("名册修订单")


class Listed(models.TextChoices):
    """What is only ever taken at once from the page that shows it: nobody asks for it, so it is no choice of `Content`."""

    DEFECT_LIST = "defect_list", _("数据问题清单")
    STATISTICS = "statistics", _("统计表")


class State(models.TextChoices):
    """Where an export stands; what may be done there is the table in `flow`."""

    REQUESTED = "requested", _("待审批")
    APPROVED = "approved", _("正在生成")
    READY = "ready", _("可以下载")
    TAKEN = "taken", _("已下载")
    EXPIRED = "expired", _("已过期，文件已删除")
    DECLINED = "declined", _("不同意")
    WITHDRAWN = "withdrawn", _("已撤回")
    BROKEN = "broken", _("没有生成")


class Export(models.Model):
    """One export: who wants what of which area as of which day, what for, who agreed, and what became of the file.

    `identities` means identity numbers, telephones and addresses in clear; such a one needs a second person. `file` is the
    name of the sealed file while it waits to be taken. `subject` names the one thing that it holds, such as the number of an
    amendment sheet. `key` and `decision_key` are those of the forms.
    """

    content = models.CharField(_("内容"), max_length=20, choices=Content)
    subject = models.CharField(_("编号"), max_length=64, blank=True, db_default="")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("区域"))
    as_of = models.DateField(_("截至日期"))
    identities = models.BooleanField(_("含证件号码"), default=False)
    purpose = models.CharField(_("用途"), max_length=300, blank=True)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("申请人"))
    requested_at = models.DateTimeField(_("申请时间"), auto_now_add=True)
    post = models.CharField(_("岗位"), max_length=300)
    state = models.CharField(_("状态"), max_length=10, choices=State)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("审批人"))
    decided_at = models.DateTimeField(_("审批时间"), null=True)
    opinion = models.CharField(_("审批意见"), max_length=300, blank=True)
    rows = models.PositiveIntegerField(_("行数"), default=0)
    size = models.PositiveBigIntegerField(default=0)
    file = models.CharField(max_length=50, blank=True)
    problem = models.CharField(_("说明"), max_length=300, blank=True)
    ready_until = models.DateTimeField(_("有效至"), null=True)
    taken_at = models.DateTimeField(_("下载时间"), null=True)
    key = models.CharField(max_length=64, blank=True)
    decision_key = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("导出")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "ready_until"]), models.Index(fields=["requested_by", "requested_at"])]
        constraints = [
            models.UniqueConstraint(fields=["requested_by", "key"], condition=~Q(key=""), name="export_form_once"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")), name="export_decided_by_another"
            ),
            models.CheckConstraint(
                condition=Q(identities=False) | Q(state__in=["requested", "withdrawn"]) | Q(decided_by__isnull=False),
                name="export_of_identities_is_decided",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number that stands on every sheet and page: DC-2021-000012."""
        return f"DC-{self.requested_at.year}-{self.pk:06d}"

    def get_content_display(self) -> str:
        """What it holds, in words."""
        known = Listed if self.content in Listed.values else Content
        return str(known(self.content).label)

    @property
    def extension(self) -> str:
        return "pdf" if self.content in (Content.CASE_REGISTER, Content.CLUE_REGISTER) else "xlsx"

"""Eliminations with the records that each step leaves."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.cases.models import Case, CasePhoto, EliminationMode, Notice
from shouwang.proceedings.models import DeliberationRecord, Matter, Step, WrittenOnce


class Stage(models.TextChoices):
    """Where an elimination stands; what may be done there is the table in `flow`."""

    INSPECTION = "inspection", _("待入户核查")
    DELIBERATION = "deliberation", _("待民主评议")
    PUBLICITY = "publicity", _("村内公示")
    TOWNSHIP_AUDIT = "township_audit", _("待乡镇审核")
    COUNTY_APPROVAL = "county_approval", _("待区县审定")
    ANNOUNCEMENT = "announcement", _("待公告")
    WATCH = "watch", _("已消除，跟踪监测")
    ELIMINATED = "eliminated", _("已消除")
    RELAPSE_AUDIT = "relapse_audit", _("回退待乡镇审核")
    RELAPSE_APPROVAL = "relapse_approval", _("回退待区县审定")
    ROLLED_BACK = "rolled_back", _("已回退")
    REFUSED = "refused", _("不予消除")


class Action(models.TextChoices):
    """What people, and the clock, do to an elimination."""

    PROPOSE = "propose", _("提出消除")
    DELIBERATE = "deliberate", _("民主评议")
    POST_UP = "post_up", _("张贴公示")
    OBJECT = "object", _("公示期异议")
    SET_ASIDE = "set_aside", _("网上异议不予受理")
    REPORT = "report", _("公示期满报送")
    AGREE = "agree", _("乡镇审核同意")
    APPROVE = "approve", _("区县审定同意")
    REFUSE = "refuse", _("不予消除")
    SEND_BACK = "send_back", _("退回")
    ANNOUNCE = "announce", _("公告")
    WITHDRAW = "withdraw", _("撤回提出")
    FOLLOW_UP = "follow_up", _("跟踪走访")
    RELAPSE = "relapse", _("提出回退")
    CONFIRM = "confirm", _("同意回退")
    DENY = "deny", _("不予回退")
    ROLL_BACK = "roll_back", _("审定回退")
    URGE = "urge", _("催办")
    RISE = "rise", _("逾期上报")
    TAKE_OVER = "take_over", _("划转")


class NaturalGround(models.TextChoices):
    """Why the risk of a household ended by itself (DOMAIN B7): nobody of it lives there any more."""

    DEATH = "death", _("整户死亡")
    MOVED_AWAY = "moved_away", _("整户迁出")
    MERGED = "merged", _("并入他户")


class Elimination(Matter):
    """One monitored household's way to the end of its risk. Of a case one elimination at most is under way or stands.

    `eliminated_on` is the day of the announcement, `watched_until` the last day of the watching; `rolled_back_on` says
    that the household relapsed, `refused_on` that township or county did not eliminate it. `case_version` is the last step
    of the case that was looked at: a clue that joins the case later speaks of a relapse. Only steps write these.
    """

    number = models.CharField(_("编号"), max_length=72, unique=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="eliminations", verbose_name=_("案件"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="eliminations", verbose_name=_("所在村"))
    stage = models.CharField(_("办理环节"), max_length=16, choices=Stage)
    mode = models.CharField(_("消除方式"), max_length=10, choices=EliminationMode)
    ground = models.CharField(_("自然消除的原因"), max_length=12, choices=NaturalGround, blank=True)
    proposed_on = models.DateField(_("提出日期"))
    eliminated_on = models.DateField(_("风险消除时间"), null=True)
    watched_until = models.DateField(_("跟踪监测至"), null=True)
    rolled_back_on = models.DateField(_("回退时间"), null=True)
    refused_on = models.DateField(_("不予消除日期"), null=True)
    refusal = models.TextField(_("不予消除的理由"), blank=True)
    case_version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-proposed_on", "number"]
        indexes = [
            models.Index(fields=["stage", "desk", "due_on"], name="elimination_in_hand"),
            models.Index(fields=["area", "stage"], name="elimination_by_area"),
            models.Index(fields=["eliminated_on", "area"], name="eliminations_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=~models.Q(stage__in=["refused", "rolled_back"]),
                name="one_standing_elimination_a_case",
            ),
            models.CheckConstraint(
                condition=models.Q(mode="natural") & ~models.Q(ground="") | models.Q(mode="assisted", ground=""),
                name="natural_elimination_has_ground",
            ),
            models.CheckConstraint(
                condition=~models.Q(
                    stage__in=["watch", "eliminated", "relapse_audit", "relapse_approval", "rolled_back"]
                )
                | models.Q(eliminated_on__isnull=False),
                name="eliminated_has_day",
            ),
            models.CheckConstraint(
                condition=models.Q(stage="rolled_back", rolled_back_on__isnull=False)
                | ~models.Q(stage="rolled_back") & models.Q(rolled_back_on__isnull=True),
                name="rolled_back_has_day",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class EliminationStep(Step):
    """One step of an elimination."""

    elimination = models.ForeignKey(Elimination, models.PROTECT, related_name="steps", verbose_name=_("风险消除"))
    action = models.CharField(_("事项"), max_length=12, choices=Action)
    stage_from = models.CharField(_("原环节"), max_length=16, choices=Stage)
    stage_to = models.CharField(_("现环节"), max_length=16, choices=Stage)

    class Meta:
        ordering = ["elimination", "number"]
        constraints = [
            models.UniqueConstraint(fields=["elimination", "number"], name="elimination_steps_in_order"),
            models.UniqueConstraint(
                fields=["elimination", "key"], condition=~models.Q(key=""), name="a_form_is_one_elimination_step"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.elimination_id} {self.number} {self.action}"


class Proposal(WrittenOnce):
    """What the village found in the household and proposes: the fields that are filled in at the end of a risk (DOMAIN B7).

    `income` is by line of the statement as in a case's collection, with `net`, `per_capita` and `reference_per_capita` made
    from it; `dropout`, `unsafe_house`, `uninsured` and `unsafe_water` are what was seen. A natural end has none of these, for
    nobody is left. `conditions` are the checks as they were found on the day, `answers` by the name of each that data left
    open what the village saw. `photos` are of what the household signed.
    """

    elimination = models.ForeignKey(Elimination, models.PROTECT, related_name="proposals", verbose_name=_("风险消除"))
    step = models.OneToOneField(EliminationStep, models.PROTECT, related_name="proposal")
    visited_on = models.DateField(_("走访日期"))
    visitors = models.JSONField(_("走访人员"), default=list)
    consented_on = models.DateField(_("农户确认日期"))
    consented_by = models.CharField(_("签字人"), max_length=100)
    members = models.PositiveIntegerField(_("共同生活人数"))
    period_start = models.DateField(_("统计期起"), null=True)
    period_end = models.DateField(_("统计期止"), null=True)
    income = models.JSONField(_("收入测算"), default=dict)
    net = models.DecimalField(_("家庭纯收入"), max_digits=14, decimal_places=2, null=True)
    per_capita = models.DecimalField(_("人均纯收入"), max_digits=14, decimal_places=2, null=True)
    reference_per_capita = models.DecimalField(_("监测参考人均纯收入"), max_digits=14, decimal_places=2, null=True)
    line = models.DecimalField(_("当年监测线"), max_digits=14, decimal_places=2)
    dropout = models.BooleanField(_("有失学辍学"), null=True)
    unsafe_house = models.BooleanField(_("住房有安全隐患"), null=True)
    uninsured = models.BooleanField(_("有成员未参保"), null=True)
    unsafe_water = models.BooleanField(_("饮水有安全隐患"), null=True)
    reason = models.TextField(_("消除理由"))
    conditions = models.JSONField(_("消除条件"), default=list)
    answers = models.JSONField(_("逐项说明"), default=dict)
    photos = models.ManyToManyField(CasePhoto, related_name="proposals", verbose_name=_("农户签字的照片"))

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.elimination_id} {self.visited_on}"


class Deliberation(DeliberationRecord):
    """The village's democratic review of an elimination."""

    elimination = models.ForeignKey(
        Elimination, models.PROTECT, related_name="deliberations", verbose_name=_("风险消除")
    )
    step = models.OneToOneField(EliminationStep, models.PROTECT, related_name="deliberation")

    class Meta(DeliberationRecord.Meta):
        pass


class Posting(WrittenOnce):
    """A notice about the end of a risk, and the step that posted it up."""

    elimination = models.ForeignKey(Elimination, models.PROTECT, related_name="postings", verbose_name=_("风险消除"))
    step = models.OneToOneField(EliminationStep, models.PROTECT, related_name="posting")
    notice = models.OneToOneField(Notice, models.PROTECT, related_name="posting", verbose_name=_("公示"))

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.elimination_id} {self.notice_id}"


class Objection(WrittenOnce):
    """What somebody said against an elimination while the notice stood; who said it is kept if they wish."""

    elimination = models.ForeignKey(Elimination, models.PROTECT, related_name="objections", verbose_name=_("风险消除"))
    step = models.OneToOneField(EliminationStep, models.PROTECT, related_name="objection")
    raised_by = models.CharField(_("反映人"), max_length=100, blank=True)
    text = models.TextField(_("异议"))
    taken_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("受理人"))

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.elimination_id}"


class FollowUp(WrittenOnce):
    """A visit after the end of the risk: what was found, and whether it gives cause to worry."""

    elimination = models.ForeignKey(Elimination, models.PROTECT, related_name="follow_ups", verbose_name=_("风险消除"))
    step = models.OneToOneField(EliminationStep, models.PROTECT, related_name="follow_up")
    visited_on = models.DateField(_("走访日期"))
    visitors = models.JSONField(_("走访人员"), default=list)
    findings = models.TextField(_("走访情况"))
    worrying = models.BooleanField(_("有返贫苗头"))

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.elimination_id} {self.visited_on}"


class Relapse(WrittenOnce):
    """Why a household should be monitored again, for which risks, the main one first. `clues` are the numbers of the
    confirmed clues that say so; without any the village found it."""

    elimination = models.ForeignKey(Elimination, models.PROTECT, related_name="relapses", verbose_name=_("风险消除"))
    step = models.OneToOneField(EliminationStep, models.PROTECT, related_name="relapse")
    reason = models.TextField(_("返贫情况"))
    risks = models.JSONField(_("风险"), default=list)
    clues = models.JSONField(_("线索"), default=list)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.elimination_id}"


class ConditionCheck(models.Model):
    """What the last check of all monitored households found about one of them, so that a list need not check anew.

    `blocking` and `to_settle` are the names of the conditions that are not met, or left to the visit, by `as_of`; `met` counts
    the others. `no_labour`: nobody of the household can work (整户无劳动能力兜底保障户): it is never eliminated.
    """

    case = models.OneToOneField(Case, models.CASCADE, related_name="condition_check", verbose_name=_("案件"))
    as_of = models.DateField(_("核对日期"))
    mode = models.CharField(_("消除方式"), max_length=10, choices=EliminationMode)
    blocking = models.JSONField(_("不符合的条件"), default=list)
    to_settle = models.JSONField(_("待入户核实的条件"), default=list)
    unfulfilled = models.PositiveSmallIntegerField(_("不符合的条件数"))
    met = models.PositiveSmallIntegerField(_("符合的条件数"))
    no_labour = models.BooleanField(_("整户无劳动能力兜底保障户"))

    class Meta:
        ordering = ["unfulfilled", "case"]
        indexes = [models.Index(fields=["unfulfilled", "no_labour"], name="candidates_first")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.as_of} {self.unfulfilled}"

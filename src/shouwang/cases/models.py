"""Cases with the records that each step of identification leaves."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.clues.models import Clue, RiskType
from shouwang.households.models import Household
from shouwang.proceedings.models import DeliberationRecord, Matter, Step, WrittenOnce

MOST_RISKS = 5  # DOMAIN B6


class MonitorType(models.TextChoices):
    """The three types of monitored households (DOMAIN B1)."""

    UNSTABLE = "unstable", _("脱贫不稳定户")
    MARGINAL = "marginal", _("边缘易致贫户")
    SUDDEN = "sudden", _("突发严重困难户")


class Stage(models.TextChoices):
    """Where an identification stands; what may be done there is the table in `flow`."""

    COLLECTION = "collection", _("待采集信息")
    DELIBERATION = "deliberation", _("待民主评议")
    PUBLICITY = "publicity", _("村内公示")
    TOWNSHIP_AUDIT = "township_audit", _("待乡镇审核")
    COUNTY_APPROVAL = "county_approval", _("待区县审定")
    ANNOUNCEMENT = "announcement", _("待公告")
    INCLUDED = "included", _("已纳入监测")
    ELIMINATED = "eliminated", _("风险已消除")
    REFUSAL_NOTICE = "refusal_notice", _("待告知农户")
    REFUSED = "refused", _("未纳入")


class EliminationMode(models.TextChoices):
    """How the risk of a monitored household ended (DOMAIN B7): by help, or because nobody of it lives there any more."""

    ASSISTED = "assisted", _("帮扶消除")
    NATURAL = "natural", _("自然消除")


class Action(models.TextChoices):
    """What people, and the clock, do to a case."""

    OPEN = "open", _("立案")
    ATTACH = "attach", _("并入线索")
    COMPARE = "compare", _("信息比对")
    COLLECT = "collect", _("提交采集信息")
    DELIBERATE = "deliberate", _("民主评议")
    POST_UP = "post_up", _("张贴公示")
    OBJECT = "object", _("公示期异议")
    SET_ASIDE = "set_aside", _("网上异议不予受理")
    REPORT = "report", _("公示期满报送")
    AGREE = "agree", _("乡镇审核同意")
    APPROVE = "approve", _("区县审定同意")
    REFUSE = "refuse", _("不予纳入")
    NOTIFY = "notify", _("告知农户不予纳入")
    SEND_BACK = "send_back", _("退回")
    ANNOUNCE = "announce", _("公告")
    WITHDRAW = "withdraw", _("建议终止识别")
    RECHECK = "recheck", _("申请复查")
    HELP_FIRST = "help_first", _("先行帮扶")
    ELIMINATE = "eliminate", _("风险消除")
    ROLL_BACK = "roll_back", _("回退")
    URGE = "urge", _("催办")
    RISE = "rise", _("逾期上报")
    TAKE_OVER = "take_over", _("划转")


class Case(Matter):
    """One household's way to inclusion. Of a household one case at most is open, included or eliminated.

    `risks` are risk types, the main one first; `monitor_type` and `risks` are what the village proposes and, once
    included, what holds. `help_first` says why help began before the end of the procedure (绿色通道), and `complete_by` by when
    the procedure is to be completed then; no clock of a stage runs longer.
    `eliminated_on` and `elimination_mode` speak of an elimination that stands, `rolled_back_on` of the last roll-back;
    `ending` alone writes them, and the eliminations of `elimination` keep every earlier one.
    """

    number = models.CharField(_("编号"), max_length=72, unique=True)
    household = models.ForeignKey(Household, models.PROTECT, related_name="cases", verbose_name=_("户"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="cases", verbose_name=_("所在村"))
    stage = models.CharField(_("办理环节"), max_length=16, choices=Stage)
    opened_on = models.DateField(_("立案日期"))
    monitor_type = models.CharField(_("监测对象类型"), max_length=10, choices=MonitorType, blank=True)
    risks = models.JSONField(_("致贫返贫风险"), default=list)
    help_first = models.TextField(_("先行帮扶的理由"), blank=True)
    complete_by = models.DateField(_("补齐程序期限"), null=True)
    included_on = models.DateField(_("识别时间"), null=True)
    refused_on = models.DateField(_("不予纳入日期"), null=True)
    refusal = models.TextField(_("不予纳入的理由"), blank=True)
    eliminated_on = models.DateField(_("风险消除时间"), null=True)
    elimination_mode = models.CharField(_("消除方式"), max_length=10, choices=EliminationMode, blank=True)
    rolled_back_on = models.DateField(_("回退时间"), null=True)

    class Meta:
        ordering = ["-opened_on", "number"]
        indexes = [
            models.Index(fields=["stage", "desk", "due_on"], name="case_in_hand"),
            models.Index(fields=["area", "stage"], name="case_by_area"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=~models.Q(stage__in=["refused", "refusal_notice"]),
                name="one_standing_case_a_household",
            ),
            models.CheckConstraint(
                condition=~models.Q(stage="included")
                | (models.Q(included_on__isnull=False) & ~models.Q(monitor_type="")),
                name="included_case_has_type_and_day",
            ),
            models.CheckConstraint(
                condition=models.Q(stage="eliminated", eliminated_on__isnull=False) & ~models.Q(elimination_mode="")
                | ~models.Q(stage="eliminated") & models.Q(eliminated_on__isnull=True, elimination_mode=""),
                name="eliminated_case_has_mode_and_day",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def main_risk(self) -> str:
        """The first of the risks in words; empty before any is proposed."""
        return str(RiskType(self.risks[0]).label) if self.risks else ""


class CaseStep(Step):
    """One step of an identification."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps", verbose_name=_("案件"))
    action = models.CharField(_("事项"), max_length=12, choices=Action)
    stage_from = models.CharField(_("原环节"), max_length=16, choices=Stage, blank=True)
    stage_to = models.CharField(_("现环节"), max_length=16, choices=Stage)

    class Meta:
        ordering = ["case", "number"]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="case_steps_in_order"),
            models.UniqueConstraint(
                fields=["case", "key"], condition=~models.Q(key=""), name="a_form_is_one_case_step"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.number} {self.action}"


class CaseClue(WrittenOnce):
    """A clue on which a case rests. A clue belongs to one case."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="clues", verbose_name=_("案件"))
    clue = models.OneToOneField(Clue, models.PROTECT, related_name="case_clue", verbose_name=_("线索"))
    step = models.ForeignKey(CaseStep, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.clue_id}"


class Comparison(WrittenOnce):
    """信息比对: what departments have delivered about the household by a day, row by row, before its collection.

    `rows` are {"source", "title", "owner", "delivery", "line", "person", "text"}; `assets` those among them that need an
    explanation. `low_income` is the row by which the household is checked already as 低保: its assets are not asked again.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="comparisons", verbose_name=_("案件"))
    step = models.OneToOneField(CaseStep, models.PROTECT, related_name="comparison")
    rows = models.JSONField(_("部门数据"), default=list)
    assets = models.JSONField(_("资产登记"), default=list)
    low_income = models.TextField(_("已作为低保对象比对"), blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.case_id} {len(self.rows)}"


class Collection(WrittenOnce):
    """What the village collected in the home: the household's consent, its income, and what it proposes.

    `income` is by line of the statement: {"amount", "delivered", "delivery", "line", "reason"}, amounts in yuan as text;
    `delivered` is what departments sent and `amount` what the village holds true, `reason` why they differ. `answers`
    has an explanation for each review flag of the household.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="collections", verbose_name=_("案件"))
    step = models.OneToOneField(CaseStep, models.PROTECT, related_name="collection")
    consented_on = models.DateField(_("承诺授权书签署日期"))
    consented_by = models.CharField(_("签署人"), max_length=100)
    period_start = models.DateField(_("统计期起"))
    period_end = models.DateField(_("统计期止"))
    members = models.PositiveIntegerField(_("共同生活人数"))
    income = models.JSONField(_("收入测算"), default=dict)
    net = models.DecimalField(_("家庭纯收入"), max_digits=14, decimal_places=2)
    per_capita = models.DecimalField(_("人均纯收入"), max_digits=14, decimal_places=2)
    reference_per_capita = models.DecimalField(_("监测参考人均纯收入"), max_digits=14, decimal_places=2)
    line = models.DecimalField(_("当时的监测线"), max_digits=14, decimal_places=2)
    monitor_type = models.CharField(_("建议类型"), max_length=10, choices=MonitorType)
    risks = models.JSONField(_("风险"), default=list)
    reason = models.TextField(_("认定理由"))
    answers = models.JSONField(_("逐项说明"), default=list)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.per_capita}"


class Deliberation(DeliberationRecord):
    """The village's democratic review of a case (民主评议): minutes and votes."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="deliberations", verbose_name=_("案件"))
    step = models.OneToOneField(CaseStep, models.PROTECT, related_name="deliberation")

    class Meta(DeliberationRecord.Meta):
        pass


class Notice(models.Model):
    """What the village posts up about a household's case: before a decision (公示) or after it (公告), about its inclusion or
    about the end of its risk.

    `step` is that of the identification; a notice about the end of a risk belongs to a step of `elimination` instead. `text` is
    made from the case and has no identity number, telephone, account or health (DOMAIN B2). It stands from
    `posted_on` to the end of `stands_until`.
    """

    class Kind(models.TextChoices):
        PUBLICITY = "publicity", _("公示")
        ANNOUNCEMENT = "announcement", _("公告")
        ELIMINATION_PUBLICITY = "elimination_publicity", _("风险消除公示")
        ELIMINATION_ANNOUNCEMENT = "elimination_announcement", _("风险消除公告")

    case = models.ForeignKey(Case, models.PROTECT, related_name="notices", verbose_name=_("案件"))
    step = models.OneToOneField(CaseStep, models.PROTECT, null=True, related_name="notice")
    kind = models.CharField(_("类别"), max_length=24, choices=Kind)
    text = models.TextField(_("内容"))
    posted_on = models.DateField(_("张贴日期"))
    stands_until = models.DateField(_("公示至"))
    place = models.CharField(_("张贴地点"), max_length=200)
    taken_down_on = models.DateField(_("撤下日期"), null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["kind", "stands_until"], name="notices_that_stand")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["publicity", "announcement"], step__isnull=False)
                | models.Q(kind__in=["elimination_publicity", "elimination_announcement"], step__isnull=True),
                name="notice_belongs_to_its_procedure",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.posted_on}"

    @property
    def asks_for_objections(self) -> bool:
        """It stands before a decision, so that whoever reads it may object."""
        return self.kind in BEFORE_A_DECISION


BEFORE_A_DECISION = (Notice.Kind.PUBLICITY, Notice.Kind.ELIMINATION_PUBLICITY)


class Proof(WrittenOnce):
    """That a notice hangs where it should: the day and the place, with photos. `key` is that of the form."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="proofs", verbose_name=_("公示"))
    taken_on = models.DateField(_("拍摄日期"))
    place = models.CharField(_("拍摄地点"), max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("上传人"))
    at = models.DateTimeField(_("时间"), auto_now_add=True)
    key = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "key"], condition=~models.Q(key=""), name="a_form_is_one_proof"),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.taken_on}"


class CasePhoto(WrittenOnce):
    """A photo or scan of a signed consent, of a notice that hangs, or of what the household signed at the end of its risk (a
    proposal of `elimination` then points to it); drawn anew and sealed as photos of visits are."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="photos", verbose_name=_("案件"))
    collection = models.ForeignKey(Collection, models.PROTECT, null=True, related_name="photos")
    proof = models.ForeignKey(Proof, models.PROTECT, null=True, related_name="photos")
    name = models.CharField(max_length=32, unique=True)
    width = models.PositiveIntegerField(_("宽"))
    height = models.PositiveIntegerField(_("高"))
    size = models.PositiveIntegerField(_("大小"))

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(collection__isnull=True) | models.Q(proof__isnull=True),
                name="photo_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return self.name


class OnlineObjection(WrittenOnce):
    """What somebody wrote on the village's public page against a notice: it waits until it is taken up or set aside.

    `sealed` is how the writer wishes to be found, empty where they left nothing. `key` is that of the form.
    """

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="online_objections", verbose_name=_("公示"))
    text = models.TextField(_("异议"))
    sealed = models.BinaryField(_("联系方式"), default=bytes)
    received_on = models.DateField(_("收到日期"))
    at = models.DateTimeField(_("时间"), auto_now_add=True)
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.received_on}"


class ObjectionAnswer(WrittenOnce):
    """What became of an objection from the public page: the village took it up and looks again, or the township had it not
    taken up, and said why."""

    online = models.OneToOneField(OnlineObjection, models.PROTECT, related_name="answer")
    taken_up = models.BooleanField(_("受理"))
    reason = models.TextField(_("不予受理的理由"), blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(taken_up=True) | ~models.Q(reason=""), name="objection_set_aside_has_reason"
            )
        ]

    def __str__(self) -> str:
        return f"{self.online_id} {self.taken_up}"


class Objection(WrittenOnce):
    """What somebody said against an inclusion while the notice stood; who said it is kept if they wish."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="objections", verbose_name=_("案件"))
    step = models.OneToOneField(CaseStep, models.PROTECT, related_name="objection")
    raised_by = models.CharField(_("反映人"), max_length=100, blank=True)
    text = models.TextField(_("异议"))
    taken_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("受理人"))

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.case_id}"


class RefusalTold(WrittenOnce):
    """That a household was told why it is not included, and that it may have that looked at again."""

    class Way(models.TextChoices):
        IN_PERSON = "in_person", _("当面告知")
        IN_WRITING = "in_writing", _("书面送达")
        BY_PHONE = "by_phone", _("电话告知")
        POSTED = "posted", _("张贴公告送达")

    case = models.ForeignKey(Case, models.PROTECT, related_name="refusals_told", verbose_name=_("案件"))
    step = models.OneToOneField(CaseStep, models.PROTECT, related_name="refusal_told")
    told_on = models.DateField(_("告知日期"))
    told_to = models.CharField(_("被告知人"), max_length=100)
    way = models.CharField(_("告知方式"), max_length=12, choices=Way)
    refusal = models.TextField(_("不予纳入的理由"))

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.told_on}"


class BoardContact(models.Model):
    """Whom a village's public board tells people to speak to: an office's telephone, nobody's own."""

    area = models.OneToOneField(Area, models.PROTECT, primary_key=True, related_name="board_contact")
    phone = models.CharField(_("反映电话"), max_length=30)
    place = models.CharField(_("反映地点"), max_length=100, blank=True)

    def __str__(self) -> str:
        return f"{self.area_id}"

"""The plan of assistance for one monitored household, and its measures."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.areas.models import Area
from shouwang.cases.models import Case
from shouwang.households.models import Person
from shouwang.proceedings.models import Matter, Step, WrittenOnce


class MeasureCategory(models.TextChoices):
    """What kind of help a measure is (DOMAIN B8)."""

    INDUSTRY = "industry", _("产业帮扶")
    EMPLOYMENT = "employment", _("就业帮扶")
    PUBLIC_POST = "public_post", _("公益性岗位")
    FINANCE = "finance", _("金融帮扶")
    HEALTH = "health", _("健康帮扶")
    EDUCATION = "education_aid", _("教育帮扶")
    COMPULSORY_EDUCATION = "compulsory_education", _("义务教育保障")
    HOUSING = "housing_safety", _("住房安全保障")
    WATER = "water_safety", _("饮水安全保障")
    COMPREHENSIVE_SECURITY = "comprehensive_security", _("综合保障")
    SOCIAL = "social_help", _("社会帮扶")
    RELOCATION = "relocation", _("搬迁")
    LIVING_CONDITIONS = "living_conditions", _("生产生活条件改善")
    INFRASTRUCTURE = "infrastructure", _("基础设施建设")


class FundSource(models.TextChoices):
    """Where the money of a measure comes from (DOMAIN A3, 5.4)."""

    SECTOR_POLICY = "sector_policy", _("行业政策")
    BRIDGING_FUND = "bridging_fund", _("衔接资金")
    SOCIAL = "social_funds", _("社会力量")


class PlanStage(models.TextChoices):
    """Where a plan stands; what may be done there is the table in `flow`."""

    DRAFTING = "drafting", _("待制定帮扶计划")
    PLAN_AUDIT = "plan_audit", _("帮扶计划待乡镇审核")
    PLAN_APPROVAL = "plan_approval", _("帮扶计划待区县审定")
    RUNNING = "plan_running", _("正在帮扶")
    CLOSED = "plan_closed", _("帮扶结束")


class PlanAction(models.TextChoices):
    """What people, and the clock, do to a plan, its measures included."""

    OPEN = "open", _("建立帮扶计划")
    SUBMIT = "submit_plan", _("报送帮扶计划")
    AGREE = "agree", _("乡镇审核同意")
    APPROVE = "approve", _("区县审定同意")
    SEND_BACK = "send_back", _("退回修改")
    REVISE = "revise", _("调整帮扶计划")
    BEGIN_FIRST = "begin_first", _("先行落实措施")
    BEGIN = "begin", _("开始实施措施")
    DELIVER = "deliver", _("措施落实到位")
    END = "end", _("措施结束")
    IN_CHARGE = "in_charge", _("确定措施责任人")
    FOLLOW_UP = "follow_up", _("帮扶走访")
    CLOSE = "close_plan", _("结束帮扶")
    URGE = "urge", _("催办")
    RISE = "rise", _("逾期上报")
    TAKE_OVER = "take_over", _("划转")


class Plan(Matter):
    """What is to be done for one household. Of a case one plan at most stands.

    `visit_due_on` is the last day for the next visit by those who look after the household, `visit_told_for` that
    of which they were told last. `first_helped_on` is the day
    on which the first of its measures began: help counts from there. `help_due_on` is the last day for that, by the pack's
    clock `first_help` from the household's first clue. `urged_until` is the last day that an office above has set for whatever
    of it is late: up to then that has risen to nobody.
    """

    number = models.CharField(_("编号"), max_length=72, unique=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="plans", verbose_name=_("案件"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="plans", verbose_name=_("所在村"))
    stage = models.CharField(_("办理环节"), max_length=16, choices=PlanStage)
    opened_on = models.DateField(_("建立日期"))
    first_helped_on = models.DateField(_("首次落实帮扶日期"), null=True)
    help_due_on = models.DateField(_("首次帮扶期限"), null=True, db_index=True)
    visit_due_on = models.DateField(_("下次走访期限"), null=True)
    visit_told_for = models.DateField(null=True)
    urged_until = models.DateField(_("催办后期限"), null=True)
    closed_on = models.DateField(_("结束日期"), null=True)

    class Meta:
        ordering = ["-opened_on", "number"]
        indexes = [
            models.Index(fields=["stage", "desk", "due_on"], name="plan_in_hand"),
            models.Index(fields=["area", "stage", "visit_due_on"], name="plan_visits_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=~models.Q(stage="plan_closed"), name="one_standing_plan_a_case"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class PlanStep(Step):
    """One step with a plan, or with one of its measures."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="steps", verbose_name=_("帮扶计划"))
    measure = models.ForeignKey("Measure", models.PROTECT, null=True, related_name="steps", verbose_name=_("措施"))
    action = models.CharField(_("事项"), max_length=12, choices=PlanAction)
    stage_from = models.CharField(_("原环节"), max_length=16, choices=PlanStage, blank=True)
    stage_to = models.CharField(_("现环节"), max_length=16, choices=PlanStage)

    class Meta:
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_steps_in_order"),
            models.UniqueConstraint(
                fields=["plan", "key"], condition=~models.Q(key=""), name="a_form_is_one_plan_step"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.number} {self.action}"


class Submission(WrittenOnce):
    """What the village submitted: by which knowledge of labour and received help, and why it departs from a rule.

    `labour` names the members who can work; `received` is what the household receives already; `reasons` has by the id of
    each rule that the plan departs from the rule's words and the village's reason: {"rule", "said", "reason"}.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="submissions", verbose_name=_("帮扶计划"))
    step = models.OneToOneField(PlanStep, models.PROTECT, related_name="submission")
    labour = models.JSONField(_("有劳动能力的成员"), default=list)
    received = models.JSONField(_("已经享受"), default=list)
    reasons = models.JSONField(_("与规定不同之处的理由"), default=list)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.step_id}"


class MeasureState(models.TextChoices):
    """Where a measure stands: before approval it is proposed; replaced or never approved it is withdrawn."""

    PROPOSED = "proposed", _("拟定")
    PLANNED = "planned", _("待实施")
    RUNNING = "measure_running", _("实施中")
    DELIVERED = "delivered", _("已落实")
    ENDED = "ended", _("已结束")
    WITHDRAWN = "withdrawn", _("已撤销")


class Measure(models.Model):
    """One measure of a plan.

    It is active from `started_on` to the day before `ended_on`: a delivery does not end it, for what was delivered goes
    on helping until the village ends the measure. `risks` are the risk types that it answers; `owner` the area whose
    office carries it out, or the department of that name there; `in_charge` is empty after it was handed over to another
    office; `amount` in yuan, null where it is no money; `due_on` the last day for it to be in place, `until` the day up to
    which it is meant to run (the term of a loan or a post).
    `already`: the household received it before, and it is counted, not arranged. `entry` is its place in the pack's
    measure map, empty where the village thought of it.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="measures", verbose_name=_("帮扶计划"))
    number = models.PositiveSmallIntegerField(_("序号"))
    category = models.CharField(_("类别"), max_length=24, choices=MeasureCategory)
    entry = models.CharField(_("措施库条目"), max_length=40, blank=True)
    title = models.CharField(_("措施"), max_length=100)
    risks = models.JSONField(_("针对的风险"), default=list)
    member = models.ForeignKey(Person, models.PROTECT, null=True, related_name="measures", verbose_name=_("受益成员"))
    owner = models.ForeignKey(Area, models.PROTECT, related_name="measures_owned", verbose_name=_("责任单位"))
    department = models.CharField(_("责任部门"), max_length=50, blank=True)
    in_charge = models.CharField(_("责任人"), max_length=50, blank=True)
    fund_source = models.CharField(_("资金来源"), max_length=16, choices=FundSource)
    amount = models.DecimalField(_("金额"), max_digits=12, decimal_places=2, null=True)
    for_production = models.BooleanField(_("用于发展生产"), default=False)
    already = models.BooleanField(_("原已享受"), default=False)
    due_on = models.DateField(_("落实期限"))
    until = models.DateField(_("计划到期"), null=True)
    state = models.CharField(_("状态"), max_length=16, choices=MeasureState, default=MeasureState.PROPOSED)
    started_on = models.DateField(_("开始日期"), null=True)
    delivered_on = models.DateField(_("落实日期"), null=True)
    ended_on = models.DateField(_("结束日期"), null=True)
    result = models.TextField(_("成效"), blank=True)

    class Meta:
        ordering = ["plan", "number"]
        indexes = [
            models.Index(fields=["plan", "started_on", "ended_on"], name="measures_active"),
            models.Index(
                fields=["owner", "due_on"],
                condition=models.Q(state__in=["planned", "measure_running"], already=False),
                name="measures_owed",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="measures_of_a_plan_in_order"),
            models.CheckConstraint(
                condition=models.Q(state__in=["proposed", "planned", "withdrawn"]) | models.Q(started_on__isnull=False),
                name="measure_under_way_has_begun",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(amount__gte=0), name="measure_amount_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.number} {self.title}"

"""Clues with what people did about them, the notes that replace them under monitoring, and the screenings that found them."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.households.models import Household
from shouwang.proceedings.models import Matter, Step, WrittenOnce


class Level(models.TextChoices):
    RED = "red", _("红色")
    ORANGE = "orange", _("橙色")
    YELLOW = "yellow", _("黄色")


class RiskType(models.TextChoices):
    """STANDARD_RULES, risk types of the standard rules."""

    ILLNESS = "illness", _("因病")
    DISABILITY = "disability", _("因残")
    SCHOOLING = "schooling", _("因学")
    NATURAL_DISASTER = "natural_disaster", _("因自然灾害")
    ACCIDENT = "accident", _("因意外事故")
    INDUSTRY_FAILURE = "industry_failure", _("因产业项目失败")
    UNSTABLE_EMPLOYMENT = "unstable_employment", _("因务工就业不稳")
    LABOUR_SHORTAGE = "labour_shortage", _("因缺劳动力")
    UNSAFE_HOUSING = "unsafe_housing", _("因住房安全")
    UNSAFE_WATER = "unsafe_water", _("因饮水安全")
    OTHER = "other", _("其他")


class Channel(models.TextChoices):
    """三渠道: by which door a clue came (the plan, 5.3)."""

    SELF_REPORT = "self_report", _("农户自主申报")
    SWEEP = "sweep", _("基层干部排查")
    SCREENING = "screening", _("部门筛查预警")


class ScreeningRun(models.Model):
    """One screening: asked for, running, or done with what it found. `digest` is a fingerprint of its result.

    `hits` counts households by rule; `new`, `updated` and `standing` count clues by level.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等待筛查")
        RUNNING = "running", _("正在筛查")
        DONE = "done", _("已完成")
        FAILED = "failed", _("未完成")

    as_of = models.DateField(_("截至日期"), db_index=True)
    known_at = models.DateField(_("已收到截至"))
    pack_version = models.CharField(_("政策包版本"), max_length=100, blank=True)
    households = models.PositiveIntegerField(_("筛查户数"), default=0)
    hits = models.JSONField(default=dict)
    new = models.JSONField(default=dict)
    updated = models.JSONField(default=dict)
    standing = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True, db_index=True)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.DONE)
    progress = models.PositiveSmallIntegerField(_("进度"), default=0)
    message = models.TextField(_("说明"), blank=True)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="screenings", verbose_name=_("发起人"))
    created_at = models.DateTimeField(_("时间"), auto_now_add=True)

    class Meta:
        ordering = ["-as_of", "-pk"]

    def __str__(self) -> str:
        return f"{self.as_of} {self.get_state_display()}"


class Stage(models.TextChoices):
    """Where the handling of a clue stands; what may be done there is the table in `flow`."""

    NEW = "new", _("刚提出")
    CITY = "city", _("待市级下发")
    COUNTY = "county", _("待区县下发")
    TOWNSHIP = "township", _("待乡镇下发")
    VILLAGE = "village", _("待入户核实")
    TOWNSHIP_REVIEW = "township_review", _("待乡镇审核")
    COUNTY_REVIEW = "county_review", _("待区县复核")
    MERGED = "merged", _("并入同户线索")
    CLOSED = "closed", _("已办结")


class Action(models.TextChoices):
    """What people, and the clock, do to a clue."""

    ARRIVE = "arrive", _("提出")
    DISPATCH = "dispatch", _("下发")
    RETURN = "return", _("退回")
    REASSIGN = "reassign", _("改派")
    MERGE = "merge", _("合并")
    SEPARATE = "separate", _("拆分")
    VISIT = "visit", _("入户走访")
    CONFIRM = "confirm", _("报送：属实")
    DISMISS = "dismiss", _("报送：建议排除")
    AGREE = "agree", _("同意")
    SEND_BACK = "send_back", _("退回重新核实")
    HELP_FIRST = "help_first", _("先行帮扶")
    URGE = "urge", _("催办")
    RISE = "rise", _("逾期上报")
    TAKE_OVER = "take_over", _("划转")


class Spelt(models.Case):
    """A case whose values stand in its words: SQLite uses an index over it only for a question that says the very same."""

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> tuple[str, list[Any]]:
        words, values = super().as_sql(compiler, connection, *args, **extra)
        quote = connection.schema_editor().quote_value
        return words % tuple(quote(value) for value in values), []


_RANKS = [models.When(level=level, then=models.Value(rank)) for rank, level in enumerate(Level.values)]
RANK = Spelt(*_RANKS, output_field=models.IntegerField())
"""The gravest level first."""
INDEXED = models.Case(*_RANKS, output_field=models.IntegerField())


class Clue(Matter):
    """One household, one risk type, one question. A dismissed question that comes back is a new clue with `earlier`.

    `owners` are the departments on whose rows it rests, written |医保|民政|; `evidence` is as screening gave it when it last
    found something else, and empty where the clue was only reported. By which doors it came is in `sources`.
    `stage` is where its handling stands, `desk` the area whose office or village is to act, `due_on` the last day for
    that, `rises_on` the day on which it is (again) told one level higher, `raised_to` the highest level told so far,
    `arrived_on` the day on which it came to this stage or desk.
    `version` is the number of its last step. Only `handling` and `rising` write these.
    """

    class State(models.TextChoices):
        OPEN = "open", _("待核实")
        CONFIRMED = "confirmed", _("核实属实")
        DISMISSED = "dismissed", _("已排除")
        MONITORED = "monitored", _("已纳入监测")

    number = models.CharField(_("线索编号"), max_length=72, unique=True)
    household = models.ForeignKey(Household, models.PROTECT, related_name="clues", verbose_name=_("户"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="clues", verbose_name=_("所在村"))
    risk_type = models.CharField(_("风险类型"), max_length=24, choices=RiskType)
    level = models.CharField(_("级别"), max_length=8, choices=Level)
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.OPEN)
    opened_on = models.DateField(_("首次发现"))
    last_seen_on = models.DateField(_("最近发现"))
    rules = models.JSONField(default=list)
    reasons = models.TextField(_("原因"))
    evidence = models.JSONField(default=dict)
    flags = models.JSONField(default=list)
    owners = models.CharField(_("相关部门"), max_length=300, blank=True)
    dismissed_on = models.DateField(_("排除日期"), null=True)
    dismissed_reason = models.TextField(_("排除理由"), blank=True)
    earlier = models.ForeignKey("self", models.PROTECT, null=True, related_name="later", verbose_name=_("此前线索"))
    stage = models.CharField(_("办理环节"), max_length=16, choices=Stage, db_default=Stage.NEW)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", verbose_name=_("并入"))

    class Meta:
        ordering = ["-last_seen_on", "number"]
        indexes = [
            # What lies on a desk, in the order of its first page.
            models.Index("stage", "desk", "due_on", INDEXED, "number", name="clues_soonest"),
            # What the overview counts by: each of its questions reads one index, in its order, and no clue itself (their
            # evidence is long).
            models.Index(fields=["state", "area", "level", "risk_type", "household"], name="clue_overview"),
            models.Index(fields=["opened_on", "level", "area"], name="clue_months"),
            models.Index(
                fields=["stage", "state", "level", "arrived_on", "due_on", "opened_on", "area"], name="clue_progress"
            ),
            models.Index(fields=["household", "risk_type"]),
            # The orders of the worklist: a city's first page is read off, and not sorted from all its clues.
            models.Index("state", INDEXED, models.F("opened_on").desc(), "number", name="clues_by_level"),
            models.Index(models.F("opened_on").desc(), INDEXED, "number", name="clues_newest"),
            models.Index("state", "due_on", INDEXED, "number", name="clues_by_due_day"),
            models.Index("state", "area", INDEXED, "number", name="clues_by_area"),
            # What a county, a township or a village has lies in its area or on its desk: each half has its index.
            models.Index(fields=["state", "desk"], name="clues_by_desk"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "risk_type"], condition=models.Q(state="open"), name="one_open_clue_per_risk"
            )
        ]

    def __str__(self) -> str:
        return self.number


class ClueSource(WrittenOnce):
    """One of the doors by which a clue came, and what was said there: a clue has one row for each report, and one for the
    first screening that found it.

    `reference` is the number of the declaration or of the sweep's task; empty for a screening. `text` are the words of the
    report, or what the screening said first; neither is overwritten when the clue takes new evidence.
    """

    clue = models.ForeignKey(Clue, models.PROTECT, related_name="sources", verbose_name=_("线索"))
    channel = models.CharField(_("发现渠道"), max_length=12, choices=Channel)
    reference = models.CharField(_("来源编号"), max_length=64, blank=True)
    received_on = models.DateField(_("收到日期"))
    text = models.TextField(_("内容"))
    taken_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["received_on", "pk"]
        indexes = [models.Index(fields=["channel", "clue"], name="sources_by_channel")]
        constraints = [models.UniqueConstraint(fields=["clue", "channel", "reference"], name="one_source_a_report")]

    def __str__(self) -> str:
        return f"{self.clue_id} {self.channel} {self.reference}"


class MonitoringNote(models.Model):
    """What a screening or a report said about a household that is already monitored for the same risk, or verified.

    A screening that finds the very same again makes no further note: `last_seen_on` is the last one that did.
    """

    clue = models.ForeignKey(Clue, models.CASCADE, related_name="notes", verbose_name=_("线索"))
    channel = models.CharField(_("发现渠道"), max_length=12, choices=Channel, db_default=Channel.SCREENING)
    reference = models.CharField(_("来源编号"), max_length=64, blank=True, db_default="")
    as_of = models.DateField(_("截至日期"))
    last_seen_on = models.DateField(_("最近发现"), null=True)
    level = models.CharField(_("级别"), max_length=8, choices=Level)
    rules = models.JSONField(default=list)
    reasons = models.TextField(_("原因"))
    evidence = models.JSONField(default=dict)

    class Meta:
        ordering = ["-as_of"]
        constraints = [
            models.UniqueConstraint(fields=["clue", "as_of", "channel", "reference"], name="one_note_a_day_and_report")
        ]

    def __str__(self) -> str:
        return f"{self.clue_id} {self.as_of}"


class ClueStep(Step):
    """One step in the handling of a clue: who, when, from where to where, why, and the clock that it started.

    `key` is drawn when a form is shown, so the same form sent again is the same step.
    """

    clue = models.ForeignKey(Clue, models.PROTECT, related_name="steps", verbose_name=_("线索"))
    action = models.CharField(_("事项"), max_length=12, choices=Action)
    stage_from = models.CharField(_("原环节"), max_length=16, choices=Stage)
    stage_to = models.CharField(_("现环节"), max_length=16, choices=Stage)

    class Meta:
        ordering = ["clue", "number"]
        indexes = [models.Index(fields=["action", "clue", "stage_from"], name="steps_by_action")]
        constraints = [
            models.UniqueConstraint(fields=["clue", "number"], name="clue_steps_in_order"),
            models.UniqueConstraint(fields=["clue", "key"], condition=~models.Q(key=""), name="a_form_is_one_step"),
        ]

    def __str__(self) -> str:
        return f"{self.clue_id} {self.number} {self.action}"


class Visit(WrittenOnce):
    """What people saw who went to the household; a further visit is a further record."""

    clue = models.ForeignKey(Clue, models.PROTECT, related_name="visits", verbose_name=_("线索"))
    step = models.OneToOneField(ClueStep, models.PROTECT, related_name="visit")
    visited_on = models.DateField(_("走访日期"))
    visitors = models.JSONField(_("走访人员"), default=list)
    place = models.CharField(_("走访地点"), max_length=200)
    latitude = models.DecimalField(_("纬度"), max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(_("经度"), max_digits=9, decimal_places=6, null=True)
    findings = models.TextField(_("走访情况"))

    class Meta:
        ordering = ["-visited_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.clue_id} {self.visited_on}"


class Photo(WrittenOnce):
    """A photo of a visit, drawn anew without whatever the camera noted, and sealed in the home; `size` in bytes."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="photos", verbose_name=_("走访"))
    name = models.CharField(max_length=32, unique=True)
    width = models.PositiveIntegerField(_("宽"))
    height = models.PositiveIntegerField(_("高"))
    size = models.PositiveIntegerField(_("大小"))

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class Finding(WrittenOnce):
    """What the village submitted: the conclusion, why, an answer to each review flag, and what evidence it had before it.

    `evidence` is by clue number, as `evidence.rows_of` gives it.
    """

    class Conclusion(models.TextChoices):
        CONFIRMED = "confirm", _("情况属实")
        DISMISSED = "dismiss", _("建议排除")

    clue = models.ForeignKey(Clue, models.PROTECT, related_name="findings", verbose_name=_("线索"))
    step = models.OneToOneField(ClueStep, models.PROTECT, related_name="finding")
    conclusion = models.CharField(_("结论"), max_length=8, choices=Conclusion)
    reason = models.TextField(_("理由"))
    answers = models.JSONField(_("逐项说明"), default=list)
    evidence = models.JSONField(default=dict)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.clue_id} {self.conclusion}"


class DispatchRule(models.Model):
    """A standing order of an office: clues that come to its desk and fit go on by themselves. Empty means any."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="dispatch_rules", verbose_name=_("单位"))
    level = models.CharField(_("级别"), max_length=8, choices=Level, blank=True)
    risk_type = models.CharField(_("风险类型"), max_length=24, choices=RiskType, blank=True)
    to_level = models.PositiveSmallIntegerField(_("下发到"), choices=Area.LEVELS)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("制定人"))
    made_at = models.DateTimeField(_("制定时间"), auto_now_add=True)

    class Meta:
        ordering = ["area", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["area", "level", "risk_type"], name="one_dispatch_rule_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.level} {self.risk_type} → {self.to_level}"


class SavedView(models.Model):
    """The filters of the worklist that a user keeps under a name; `query` is that of the address."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_views", verbose_name=_("用户"))
    name = models.CharField(_("名称"), max_length=50)
    query = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="one_view_a_name")]

    def __str__(self) -> str:
        return self.name

"""Clues, the notes that replace them under monitoring, and the screenings that found them."""

from django.db import models

from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.households.models import Household


class Level(models.TextChoices):
    RED = "red", "红色"
    ORANGE = "orange", "橙色"
    YELLOW = "yellow", "黄色"


class RiskType(models.TextChoices):
    """STANDARD_RULES, risk types of the standard rules."""

    ILLNESS = "illness", "因病"
    DISABILITY = "disability", "因残"
    SCHOOLING = "schooling", "因学"
    NATURAL_DISASTER = "natural_disaster", "因自然灾害"
    ACCIDENT = "accident", "因意外事故"
    INDUSTRY_FAILURE = "industry_failure", "因产业项目失败"
    UNSTABLE_EMPLOYMENT = "unstable_employment", "因务工就业不稳"
    LABOUR_SHORTAGE = "labour_shortage", "因缺劳动力"
    UNSAFE_HOUSING = "unsafe_housing", "因住房安全"
    UNSAFE_WATER = "unsafe_water", "因饮水安全"
    OTHER = "other", "其他"


class ScreeningRun(models.Model):
    """One screening: asked for, running, or done with what it found. `digest` is a fingerprint of its result.

    `hits` counts households by rule; `new`, `updated` and `standing` count clues by level.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "等待筛查"
        RUNNING = "running", "正在筛查"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"

    as_of = models.DateField("截至日期", db_index=True)
    known_at = models.DateField("已收到截至")
    pack_version = models.CharField("政策包版本", max_length=100, blank=True)
    households = models.PositiveIntegerField("筛查户数", default=0)
    hits = models.JSONField(default=dict)
    new = models.JSONField(default=dict)
    updated = models.JSONField(default=dict)
    standing = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True, db_index=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DONE)
    progress = models.PositiveSmallIntegerField("进度", default=0)
    message = models.TextField("说明", blank=True)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="screenings", verbose_name="发起人")
    created_at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        ordering = ["-as_of", "-pk"]

    def __str__(self) -> str:
        return f"{self.as_of} {self.get_state_display()}"


class Clue(models.Model):
    """One household, one risk type, one question. A dismissed question that comes back is a new clue with `earlier`.

    `owners` are the departments on whose rows it rests, written |医保|民政|; `evidence` is as screening gave it.
    """

    class State(models.TextChoices):
        OPEN = "open", "待核实"
        DISMISSED = "dismissed", "已排除"
        MONITORED = "monitored", "已纳入监测"

    number = models.CharField("线索编号", max_length=72, unique=True)
    household = models.ForeignKey(Household, models.PROTECT, related_name="clues", verbose_name="户")
    area = models.ForeignKey(Area, models.PROTECT, related_name="clues", verbose_name="所在村")
    risk_type = models.CharField("风险类型", max_length=24, choices=RiskType)
    level = models.CharField("级别", max_length=8, choices=Level)
    state = models.CharField("状态", max_length=12, choices=State, default=State.OPEN)
    opened_on = models.DateField("首次发现")
    last_seen_on = models.DateField("最近发现")
    rules = models.JSONField(default=list)
    reasons = models.TextField("原因")
    evidence = models.JSONField(default=dict)
    flags = models.JSONField(default=list)
    owners = models.CharField("相关部门", max_length=300, blank=True)
    dismissed_on = models.DateField("排除日期", null=True)
    dismissed_reason = models.TextField("排除理由", blank=True)
    earlier = models.ForeignKey("self", models.PROTECT, null=True, related_name="later", verbose_name="此前线索")

    class Meta:
        ordering = ["-last_seen_on", "number"]
        indexes = [
            models.Index(fields=["state", "area", "level"]),
            models.Index(fields=["household", "risk_type"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "risk_type"], condition=models.Q(state="open"), name="one_open_clue_per_risk"
            )
        ]

    def __str__(self) -> str:
        return self.number


class MonitoringNote(models.Model):
    """What a screening found about a household that is already monitored for the same risk."""

    clue = models.ForeignKey(Clue, models.CASCADE, related_name="notes", verbose_name="线索")
    as_of = models.DateField("截至日期")
    level = models.CharField("级别", max_length=8, choices=Level)
    rules = models.JSONField(default=list)
    reasons = models.TextField("原因")
    evidence = models.JSONField(default=dict)

    class Meta:
        ordering = ["-as_of"]
        constraints = [models.UniqueConstraint(fields=["clue", "as_of"], name="one_note_a_day")]

    def __str__(self) -> str:
        return f"{self.clue_id} {self.as_of}"

"""What somebody reported by themselves, with its steps, photos and appeal; one-time codes, and how many of them were sent."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.households.models import Household
from shouwang.proceedings.models import Matter, Step, WrittenOnce


class Stage(models.TextChoices):
    """Where a declaration stands; what may be done there is the table in `flow`."""

    UNVERIFIED = "unverified", _("待验证手机号")
    TOWNSHIP = "township", _("待乡镇受理")
    VILLAGE = "village", _("待村里核对")
    CLOSING = "closing", _("待第二人同意不予受理")
    LINKED = "linked", _("已转为线索")
    CLOSED = "closed", _("不予受理")
    APPEALED = "appealed", _("待处理申诉")


class Action(models.TextChoices):
    """What people, and the clock, do to a declaration."""

    RECEIVE = "receive", _("收到申报")
    VERIFY = "verify", _("验证手机号")
    ARRIVE = "arrive", _("转到乡镇")
    PASS_DOWN = "pass_down", _("交村里核对")
    GIVE_BACK = "give_back", _("退回乡镇")
    REASSIGN = "reassign", _("改派")
    LINK = "link", _("关联农户")
    PROPOSE = "propose", _("建议不予受理")
    AGREE = "agree", _("同意不予受理")
    KEEP = "keep", _("不同意，继续办理")
    APPEAL = "appeal", _("提出申诉")
    REOPEN = "reopen", _("申诉成立，重新办理")
    UPHOLD = "uphold", _("维持原来的答复")
    URGE = "urge", _("催办")
    RISE = "rise", _("逾期上报")
    TAKE_OVER = "take_over", _("划转")


class Behalf(models.TextChoices):
    """For whom somebody reports."""

    MYSELF = "myself", _("我自己家")
    PARENT = "parent", _("我的父母或亲属")
    NEIGHBOUR = "neighbour", _("邻居或同村人")


class Way(models.TextChoices):
    """How a report came: by the household's own telephone, or told to somebody of an office, who wrote it down."""

    ONLINE = "online", _("手机扫码")
    IN_PERSON = "in_person", _("当面口头")
    PAPER = "paper", _("书面申请")
    CALL = "call", _("打电话")
    HOTLINE = "hotline", _("12317 热线")


class Declaration(Matter):
    """One report. `number` is its receipt: whoever has it may ask how the report stands, so it cannot be guessed.

    `area` is the village of the poster. `reporter`, telephone and identity number are as somebody wrote them; the latter two
    are in `sealed` (JSON {"phone", "id_number"} under AES-GCM), and `phone_key` is the keyed digest of the telephone, null
    where nobody left one. `about` is who is in trouble, `place` where they live, `said` their own words. `verified_at` is when
    the code of that telephone was entered. `insider` is what the desk found out: whoever is none learns no result of a household
    that is not theirs. `key` is that of the form, so that the same form sent again is the same report. `told` is the state that
    the telephone was last told, `told_at` when it was last looked at whether there is another one. What did not come online
    was taken by somebody of an office (`taken_by`), who stands for the reporter in place of the code: `heard_on` is the day on
    which it was told or handed in.
    """

    number = models.CharField(_("回执编号"), max_length=16, unique=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="declarations", verbose_name=_("所在村"))
    stage = models.CharField(_("办理环节"), max_length=12, choices=Stage)
    behalf = models.CharField(_("为谁申报"), max_length=10, choices=Behalf)
    anonymous = models.BooleanField(_("匿名"), default=False)
    reporter = models.CharField(_("申报人"), max_length=50, blank=True)
    about = models.CharField(_("有困难的人"), max_length=50)
    place = models.CharField(_("住在哪里"), max_length=100, blank=True)
    risks = models.JSONField(_("遇到的困难"), default=list)
    said = models.TextField(_("情况"))
    sealed = models.BinaryField()
    phone_key = models.BigIntegerField(null=True, db_index=True)
    received_at = models.DateTimeField(_("收到时间"))
    verified_at = models.DateTimeField(_("验证时间"), null=True)
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, related_name="declarations", verbose_name=_("户")
    )
    insider = models.BooleanField(_("申报人是这一户的人"), default=False)
    closed_reason = models.TextField(_("不予受理的理由"), blank=True)
    key = models.CharField(max_length=64, unique=True)
    told = models.CharField(_("已短信告知"), max_length=60, default="", db_default="")
    told_at = models.DateTimeField(null=True)
    way = models.CharField(_("申报方式"), max_length=10, choices=Way, default=Way.ONLINE, db_default=Way.ONLINE)
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("受理登记人"))
    heard_on = models.DateField(_("申报日期"), null=True)

    class Meta:
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(fields=["stage", "desk", "due_on"], name="declaration_in_hand"),
            models.Index(fields=["area", "stage"], name="declaration_by_area"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(stage="linked") | models.Q(household__isnull=False),
                name="linked_declaration_has_household",
            ),
            models.CheckConstraint(
                condition=~models.Q(stage="closed") | ~models.Q(closed_reason=""),
                name="closed_declaration_has_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(way="online", taken_by__isnull=True)
                | ~models.Q(way="online") & models.Q(taken_by__isnull=False, heard_on__isnull=False),
                name="told_declaration_names_who_took_it",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class DeclarationStep(Step):
    """One step with a declaration: who, when, from where to where, why, and the clock that it started."""

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="steps", verbose_name=_("申报"))
    action = models.CharField(_("事项"), max_length=12, choices=Action)
    stage_from = models.CharField(_("原环节"), max_length=12, choices=Stage)
    stage_to = models.CharField(_("现环节"), max_length=12, choices=Stage)

    class Meta:
        ordering = ["declaration", "number"]
        constraints = [
            models.UniqueConstraint(fields=["declaration", "number"], name="declaration_steps_in_order"),
            models.UniqueConstraint(
                fields=["declaration", "key"], condition=~models.Q(key=""), name="a_declaration_form_is_one_step"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.declaration_id} {self.number} {self.action}"


class DeclarationPhoto(WrittenOnce):
    """A photo that came with a report, drawn anew and sealed as those of visits are; `size` in bytes."""

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="photos", verbose_name=_("申报"))
    name = models.CharField(max_length=32, unique=True)
    width = models.PositiveIntegerField(_("宽"))
    height = models.PositiveIntegerField(_("高"))
    size = models.PositiveIntegerField(_("大小"))

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class Appeal(WrittenOnce):
    """Somebody does not accept the answer; of a declaration there is one appeal. `about` says what the answer was."""

    declaration = models.OneToOneField(Declaration, models.PROTECT, related_name="appeal", verbose_name=_("申报"))
    step = models.OneToOneField(DeclarationStep, models.PROTECT, related_name="appeal")
    text = models.TextField(_("申诉理由"))
    about = models.TextField(_("原来的答复"))

    def __str__(self) -> str:
        return str(self.declaration_id)


class OneTimeCode(models.Model):
    """The latest code that was sent for a declaration, as a keyed digest; it counts until `expires_at` or its last try."""

    declaration = models.OneToOneField(Declaration, models.CASCADE, related_name="code")
    digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent = models.PositiveSmallIntegerField(default=1)

    def __str__(self) -> str:
        return str(self.declaration_id)


class Allowance(models.Model):
    """How much of something was used since the beginning of an hour or a day: codes to a telephone, codes asked for from an
    address, unverified reports. `who` is a keyed digest; neither telephone nor address can be read from it."""

    class What(models.TextChoices):
        CODE_TO_PHONE = "code_to_phone", _("发到一个手机号的验证码")
        CODE_FROM_ADDRESS = "code_from_address", _("一个网络地址要求的验证码")
        UNVERIFIED_FROM_ADDRESS = "unverified_from_address", _("一个网络地址未验证的申报")
        UNVERIFIED_IN_VILLAGE = "unverified_in_village", _("一个村未验证的申报")
        OBJECTION_FROM_ADDRESS = "objection_from_address", _("一个网络地址的网上异议")
        OBJECTION_IN_VILLAGE = "objection_in_village", _("一个村的网上异议")
        LOOKED_UP = "looked_up", _("查询时没有对上的次数")

    what = models.CharField(max_length=24, choices=What)
    who = models.BigIntegerField()
    since = models.DateTimeField(db_index=True)
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["what", "who", "since"], name="one_allowance_a_while")]

    def __str__(self) -> str:
        return f"{self.what} {self.since} {self.used}"

"""Messages that lie on desks, who has read them, and what goes out of the system."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.models import User
from shouwang.areas.models import Area


class Message(models.Model):
    """One message for one desk: for whoever holds `permission` in a post of that very `area`, or for one `user`.

    `department` names the department whose desk it is; empty means the area's own office. `link` is the address, within
    the desk, of what it is about; whoever may not open that sees no content. `key` makes it one message however often it
    is told. `sealed` holds what nobody but its readers may see (who is to be told a code, and which): AES-GCM.
    """

    class Kind(models.TextChoices):
        DUE = "due", _("期限提醒")
        TASK = "task", _("待办事项")
        RESULT = "result", _("办理结果")
        RELAY = "relay", _("请转告")
        SYSTEM = "system", _("系统提醒")

    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+", verbose_name=_("单位"))
    permission = models.CharField(max_length=30, blank=True)
    department = models.CharField(_("部门"), max_length=50, blank=True)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("收件人"))
    kind = models.CharField(_("类别"), max_length=10, choices=Kind)
    title = models.CharField(_("标题"), max_length=200)
    text = models.TextField(_("内容"), blank=True)
    link = models.CharField(max_length=300, blank=True)
    on = models.DateField(_("日期"))
    at = models.DateTimeField(_("时间"), auto_now_add=True)
    key = models.CharField(max_length=200)
    sealed = models.BinaryField(default=b"")

    class Meta:
        verbose_name = _("消息")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["area", "permission", "on"]), models.Index(fields=["user", "on"])]
        constraints = [
            models.UniqueConstraint(
                fields=["area", "permission", "department", "key"],
                condition=Q(user__isnull=True),
                name="message_once_a_desk",
            ),
            models.UniqueConstraint(
                fields=["user", "key"], condition=Q(user__isnull=False), name="message_once_a_user"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, area__isnull=True, permission="")
                | (Q(user__isnull=True, area__isnull=False) & ~Q(permission="")),
                name="message_for_a_desk_or_a_user",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ToldUpTo(models.Model):
    """How far the steps of one kind of matter (its label) have been told to the desks to which they brought it: number of a step."""

    matter = models.CharField(max_length=60, primary_key=True)
    step = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.matter} {self.step}"


class ReadMark(models.Model):
    """That one user has read one message; the colleagues at the same desk have marks of their own."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, models.CASCADE, related_name="marks")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("已读记录")
        constraints = [models.UniqueConstraint(fields=["user", "message"], name="read_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.message_id}"


class Channel(models.Model):
    """Where the messages of an area's desk, or of one user, are told outside the desk too: counts and links, nothing else.

    `sealed` is the address under AES-GCM, empty once the channel has ended; `mark` its keyed hash, so that nobody sets the
    same one twice. `told_up_to` is the number of the last message that was told there.
    """

    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+", verbose_name=_("单位"))
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="channels", verbose_name=_("用户"))
    title = models.CharField(_("名称"), max_length=50)
    kind = models.CharField(_("方式"), max_length=20)
    sealed = models.BinaryField(default=b"")
    mark = models.BigIntegerField()
    told_up_to = models.BigIntegerField(default=0)
    told_at = models.DateTimeField(_("最近推送"), null=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("设置人"))
    made_at = models.DateTimeField(_("设置时间"), auto_now_add=True)
    ended_at = models.DateTimeField(_("停用时间"), null=True)

    class Meta:
        verbose_name = _("消息推送")
        constraints = [
            models.UniqueConstraint(
                fields=["area", "mark"], condition=Q(ended_at=None, user=None), name="channel_once_an_area"
            ),
            models.UniqueConstraint(
                fields=["user", "mark"], condition=Q(ended_at=None, area=None), name="channel_once_a_user"
            ),
            models.CheckConstraint(
                condition=Q(area__isnull=True, user__isnull=False) | Q(area__isnull=False, user__isnull=True),
                name="channel_of_an_area_or_a_user",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Sending(models.Model):
    """Something that goes out of the system, a text message to a telephone or a line to a channel. It waits here until sent.

    `sealed` holds what goes out while it waits and nothing afterwards; `recipient` is a keyed hash of the telephone number,
    by which too many to one telephone are noticed; `shown` is the number masked, or the name of the channel. `next_at` is
    when it is (again) tried.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("待发送")
        SENT = "sent", _("已发送")
        RELAYED = "relayed", _("已请村镇转告")
        FAILED = "failed", _("未能发出")

    channel = models.ForeignKey(Channel, models.PROTECT, null=True, related_name="sendings", verbose_name=_("消息推送"))
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+", verbose_name=_("区域"))
    recipient = models.BigIntegerField(null=True, db_index=True)
    shown = models.CharField(_("号码"), max_length=50)
    sealed = models.BinaryField(default=b"")
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(_("已试次数"), default=0)
    made_at = models.DateTimeField(_("时间"), auto_now_add=True)
    next_at = models.DateTimeField()
    problem = models.CharField(_("未发出的原因"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("外发")
        indexes = [models.Index(fields=["state", "next_at"])]

    def __str__(self) -> str:
        return f"{self.shown} {self.get_state_display()}"

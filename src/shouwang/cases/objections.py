"""What somebody wrote on the public page against a notice, from its waiting to its answer, whatever the notice is about.

The village takes it up and looks again, or the township, which is no party, has it not taken up and says why.
"""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from shouwang.cases.models import Notice, ObjectionAnswer, OnlineObjection
from shouwang.kernel.errors import InputError


def waiting_against(notices: QuerySet[Notice]) -> QuerySet[OnlineObjection]:
    """Objections against these notices that nobody has answered, the oldest first."""
    found = OnlineObjection.objects.filter(notice__in=notices, answer=None)
    return found.select_related("notice").order_by("pk")


def waiting_one(notices: QuerySet[Notice], online: int) -> OnlineObjection:
    """One of them by its key. Raises InputError where there is none that waits."""
    for each in waiting_against(notices):
        if each.pk == online:
            return each
    raise InputError(_("没有这条网上异议，可能已经办理"), _("刷新页面查看最新情况"))


def answered(online: OnlineObjection, *, taken_up: bool, reason: str = "") -> ObjectionAnswer:
    """Writes down what became of an objection; it has one answer."""
    return ObjectionAnswer.objects.create(online=online, taken_up=taken_up, reason=reason)


def set_aside_against(notices: QuerySet[Notice]) -> QuerySet[ObjectionAnswer]:
    """Objections that were not taken up, with the reasons, the oldest first."""
    found = ObjectionAnswer.objects.filter(online__notice__in=notices, taken_up=False)
    return found.select_related("online").order_by("pk")

"""Standing orders and saved views: what an office or a user has set once, so that it need not be done each time."""

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope
from shouwang.areas.models import Area
from shouwang.audit.record import in_the_language_of_record, record
from shouwang.clues.flow import STAGE_AT, move_of
from shouwang.clues.models import Action, DispatchRule, Level, RiskType, SavedView
from shouwang.clues.steps import NotOpen, words
from shouwang.kernel.errors import InputError

MOST_VIEWS = 20


def offices_of(scope: Scope) -> list[Area]:
    """The desks from which somebody dispatches."""
    return [reach.area for reach in scope.holding(Permission.DISPATCH)]


def levels_below(office: Area) -> list[tuple[int, str]]:
    """The levels to which a desk may dispatch, as the table has them."""
    move = move_of(STAGE_AT[office.level], Action.DISPATCH)
    return [(level, title) for level, title in Area.LEVELS if move is not None and STAGE_AT[level] in move.to]


def rules_of(scope: Scope) -> QuerySet[DispatchRule]:
    """The standing orders of the offices in which somebody dispatches."""
    return DispatchRule.objects.filter(area__in=offices_of(scope)).select_related("area", "made_by")


@transaction.atomic
def set_rule(*, acting_user: User, scope: Scope, area: str, level: str, risk_type: str, to_level: int) -> DispatchRule:
    """Has clues of a kind go on by themselves from an office's desk; empty level or risk type means any.

    Raises:
        NotOpen: it is not the user's office.
        InputError: no such kind or level, or there is a rule for that kind already.
    """
    office = next((each for each in offices_of(scope) if each.pk == area), None)
    if office is None:
        raise NotOpen(_("只能为自己的单位制定下发规则"), _("选择自己的单位"))
    if level not in ("", *Level.values) or risk_type not in ("", *RiskType.values):
        raise InputError(_("没有这样的级别或风险类型"), _("重新选择"))
    if to_level not in dict(levels_below(office)):
        raise InputError(_("不能下发到这一级"), _("选择下级"))
    try:
        with transaction.atomic():
            rule = DispatchRule.objects.create(
                area=office, level=level, risk_type=risk_type, to_level=to_level, made_by=acting_user
            )
    except IntegrityError:
        raise InputError(_("这一类线索已有下发规则"), _("先撤销原来的规则")) from None
    record(acting_user, "dispatch_rule_set", office, area=office, **_told(rule))
    return rule


@transaction.atomic
def end_rule(pk: int, *, acting_user: User, scope: Scope) -> None:
    """Takes a standing order back. Raises DispatchRule.DoesNotExist where it is not one of the user's offices."""
    rule = rules_of(scope).select_for_update(of=("self",)).get(pk=pk)
    record(acting_user, "dispatch_rule_ended", rule.area, area=rule.area, **_told(rule))
    rule.delete()


@in_the_language_of_record
def _told(rule: DispatchRule) -> dict[str, str]:
    kind = "".join((rule.get_level_display() or "", rule.get_risk_type_display() or "")) or _("全部")
    return {"what": kind, "to": rule.get_to_level_display()}


def views_of(user: User) -> QuerySet[SavedView]:
    return SavedView.objects.filter(user=user)


@transaction.atomic
def save_view(*, acting_user: User, name: str, query: str) -> SavedView:
    """Keeps the filters of a list under a name; the same name again replaces them.

    Raises:
        InputError: there is no name, or there are too many views.
    """
    kept = words(name, _("名称"))[:50]
    if views_of(acting_user).exclude(name=kept).count() >= MOST_VIEWS:
        raise InputError(_("最多保存 {most_views} 个视图").format(most_views=MOST_VIEWS), _("先删去不用的"))
    return SavedView.objects.update_or_create(user=acting_user, name=kept, defaults={"query": query[:500]})[0]


def remove_view(pk: int, *, acting_user: User) -> bool:
    """Whether there was such a view of the user."""
    return bool(views_of(acting_user).filter(pk=pk).delete()[0])

"""Standing orders and saved views: what an office or a user has set once, so that it need not be done each time."""

from collections import Counter
from datetime import date

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
from shouwang.notifications.telling import Kind, Note, tell
from shouwang.proceedings.desks import standing
from shouwang.questions import Blank, Question

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


def inherited_rules(scope: Scope, on: date) -> list[DispatchRule]:
    """The standing orders of offices that were merged into the user's: they do nothing until somebody there adopts them, for
    they would cover the whole of the successor's area."""
    own = {office.pk for office in offices_of(scope)}
    return [rule for rule in _of_merged_offices(on) if standing(rule.area_id, on).pk in own]


def _of_merged_offices(on: date) -> QuerySet[DispatchRule]:
    return DispatchRule.objects.filter(area__valid_to__lte=on, area__successor__isnull=False).select_related("area")


def tell_of_rules(on: date) -> int:
    """Tells an office which standing orders wait for its word since another office was merged into it; returns how many
    messages. One for each merged office."""
    waiting = Counter(rule.area for rule in _of_merged_offices(on))
    notes = []
    for office, number in waiting.items():
        heir = standing(office.pk, on)
        names = {"area": office.name, "heir": heir.name, "number": number}
        title = _("{area}已并入{heir}，原来的 {number} 条下发规则等您决定").format(**names)
        text = _("没有沿用的规则不再下发线索。请逐条决定沿用还是撤销；沿用的对{heir}全部线索有效。").format(**names)
        key = f"rules-{office.pk}-{office.valid_to}"
        notes.append(Note(Kind.TASK, title, text, "/clues/rules/", on, key, heir.pk, Permission.DISPATCH))
    tell(notes)
    return len(notes)


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
    rule = DispatchRule(area=office, level=level, risk_type=risk_type, to_level=to_level, made_by=acting_user)
    _save_as_only_one(rule)
    record(acting_user, "dispatch_rule_set", office, area=office, **_told(rule))
    return rule


@transaction.atomic
def adopt_rule(pk: int, *, acting_user: User, scope: Scope, on: date) -> DispatchRule:
    """Makes a standing order of a merged office one of its successor's.

    Raises:
        DispatchRule.DoesNotExist: it is not one of those that wait for the user's offices.
        InputError: the successor has a rule for that kind already.
    """
    rule = _locked(pk, scope, on)
    merged, heir = rule.area, standing(rule.area_id, on)
    if merged == heir:
        raise DispatchRule.DoesNotExist
    rule.area, rule.made_by = heir, acting_user
    _save_as_only_one(rule)
    record(acting_user, "dispatch_rule_set", heir, area=heir, **_told(rule), **{"from": merged.name})
    return rule


def _save_as_only_one(rule: DispatchRule) -> None:
    """Raises InputError where its office has a rule for that kind already."""
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError:
        raise InputError(_("这一类线索已有下发规则"), _("先撤销原来的规则")) from None


def _locked(pk: int, scope: Scope, on: date) -> DispatchRule:
    """A rule of the user's offices, or one that waits for them, for the rest of the transaction."""
    known = [*rules_of(scope).values_list("pk", flat=True), *(rule.pk for rule in inherited_rules(scope, on))]
    return DispatchRule.objects.select_for_update().get(pk=pk, pk__in=known)


@transaction.atomic
def end_rule(pk: int, *, acting_user: User, scope: Scope, on: date) -> None:
    """Takes a standing order back. Raises DispatchRule.DoesNotExist where it is not one of the user's offices, nor of one that
    was merged into them."""
    rule = _locked(pk, scope, on)
    record(acting_user, "dispatch_rule_ended", rule.area, area=rule.area, **_told(rule))
    rule.delete()


@in_the_language_of_record
def _told(rule: DispatchRule) -> dict[str, str]:
    kind = "".join((rule.get_level_display() or "", rule.get_risk_type_display() or "")) or _("全部")
    return {"what": kind, "to": rule.get_to_level_display()}


def views_of(user: User) -> QuerySet[SavedView]:
    return SavedView.objects.filter(user=user)


def views_shown_to(user: User) -> list[SavedView]:
    """The user's own views, for the list that offers them."""
    return _views.ask(user=user.pk)


_views = Question(lambda: SavedView.objects.filter(user=Blank("user")))


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

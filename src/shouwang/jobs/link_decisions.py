"""Deciding, and undoing, whom a row in review is about: one line in the lake's ledger and one entry in the audit.

The entry is written first, in a transaction that holds until the line is on the disk. Who is killed between line and
commit leaves a line without its entry; whoever decides next writes that entry before anything else.
"""

from django.db import transaction
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope, scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import full_name
from shouwang.audit.models import Entry
from shouwang.audit.record import record
from shouwang.deliveries.decided_links import NOBODY, PERSON, UNDONE, Decision, LinkDesk, deciding
from shouwang.deliveries.ledger import label
from shouwang.exchange.models import Delivery
from shouwang.households.models import Person
from shouwang.jobs.review import Candidate, ReviewRow, row_in_review
from shouwang.kernel.citizen_id import mask_identity_numbers
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home
from shouwang.tables.acting import acting_everywhere

LONGEST_REASON = 300
ACTIONS = {PERSON: "link_decided", NOBODY: "link_decided", UNDONE: "link_undone"}
VERDICTS = {PERSON: "是此人", NOBODY: "都不是", UNDONE: "撤销认定"}


class NotWaiting(LookupError):
    """There is no such row within the user's scope."""


def decide_link(
    home: Home, number: int, line: int, *, acting_user: User, person: int | None, reason: str, key: str
) -> Decision:
    """Says that a row is about one of its candidates (`person`, the id of a registered person) or none of them (None).

    Raises:
        NotWaiting: no such row within scope.
        InputError: no reason, somebody who is no candidate within scope, or none of them while some lie elsewhere.
        AlreadyDecided: somebody was first.
    """
    row, scope = _row(home, acting_user, number, line)
    chosen = next((each for each in row.candidates if each.person.pk == person), None)
    if person is not None and chosen is None:
        raise InputError(_("所选的人不是这一行的候选人员"), _("从页面列出的候选人员中选择"))
    if person is None and not row.sees_all:
        raise InputError(_("有的候选人员不在您的辖区内，不能认定“都不是”"), _("请上级单位认定，或只确认本辖区内的人"))
    verdict = NOBODY if chosen is None else PERSON
    return _take_down(home, row, scope, acting_user, verdict, chosen or row.candidates[0], reason, key)


def undo_link(home: Home, number: int, line: int, *, acting_user: User, reason: str, key: str) -> Decision:
    """Opens a decided row again. Raises as `decide_link`; AlreadyDecided where it is open."""
    row, scope = _row(home, acting_user, number, line)
    meant = row.decided.person if row.decided else None
    about = next((each for each in row.candidates if each.person == meant), row.candidates[0])
    return _take_down(home, row, scope, acting_user, UNDONE, about, reason, key)


def _row(home: Home, user: User, number: int, line: int) -> tuple[ReviewRow, Scope]:
    scope = scope_of(user, localdate())
    row = row_in_review(home, scope, number, line)
    if row is None:
        raise NotWaiting
    return row, scope


def _take_down(
    home: Home, row: ReviewRow, scope: Scope, user: User, verdict: str, about: Candidate, reason: str, key: str
) -> Decision:
    said = reason.strip()
    if not said or len(said) > LONGEST_REASON:
        raise InputError(
            _("请写明理由，不超过{longest_reason}字").format(longest_reason=LONGEST_REASON),
            _("例如：电话核实，本人于当日反映"),
        )
    if mask_identity_numbers(said) != said:
        raise InputError(_("理由中不能写证件号码"), _("改为写明核实的方式和结果"))
    if not key:
        raise InputError(_("表单不完整"), _("回到页面重新提交"))
    decision = Decision(
        delivery=row.delivery,
        line=row.line,
        verdict=verdict,
        person=about.person.key if verdict == PERSON else None,
        office=_office(scope, about.person.household.area_id),
        user=user.get_username(),
        reason=said,
        known=localdate(),
        at=now().isoformat(timespec="seconds"),
        key=key,
    )
    with deciding(home) as desk:
        _make_up_for_a_kill(desk)
        if (before := desk.of_key(key)) is not None:
            return before
        with transaction.atomic():
            _tell_the_audit(user, decision, about.person)
            desk.add(decision)
    return decision


def _office(scope: Scope, village: str) -> str:
    """For whom the user decides in a village: the narrowest post that may."""
    reach = [each for each in scope.holding(Permission.DECIDE_LINKS) if each.covers(village)][-1]
    name = full_name(reach.area).replace(" ", "")
    return f"{name}乡村振兴部门" if reach.area.level <= Area.COUNTY else name


def _tell_the_audit(user: User | None, decision: Decision, person: Person | None) -> None:
    delivery = Delivery.objects.filter(pk=decision.delivery).first() or ("delivery", label(decision.delivery))
    named = {"person": person.name} if person and decision.verdict != NOBODY else {}
    record(
        user,
        ACTIONS[decision.verdict],
        delivery,
        area=person.household.area_id if person else None,
        line=decision.line,
        verdict=VERDICTS[decision.verdict],
        reason=decision.reason,
        form=decision.key,
        **named,
    )


def _make_up_for_a_kill(desk: LinkDesk) -> None:
    """Only the last line can lack its entry: whoever adds one holds the ledger until the entry is committed."""
    last = desk.made[-1] if desk.made else None
    if last is None:
        return
    entries = Entry.objects.filter(action=ACTIONS[last.verdict], subject=label(last.delivery))
    if entries.filter(detail__contains=f'"form":"{last.key}"').exists():
        return
    with acting_everywhere():  # it may be another county's decision whose entry is made up for
        person = Person.objects.filter(key=last.person).select_related("household").first() if last.person else None
    with transaction.atomic():
        _tell_the_audit(User.objects.filter(username=last.user).first(), last, person)

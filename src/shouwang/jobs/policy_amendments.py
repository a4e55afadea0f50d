"""A proposed value from the form to the decided value in the home: checked against the pack, tried, decided, written down."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from shouwang.accounts.models import User
from shouwang.amendments import deciding
from shouwang.amendments.deciding import Wanted
from shouwang.amendments.flow import Step
from shouwang.amendments.models import Amendment
from shouwang.jobs.policy import current_pack, write_decided, write_decided_after_start
from shouwang.jobs.policy_whatif import ask_for_whatif
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import open_home
from shouwang.policy.decided import Decided
from shouwang.policy.holidays import PREFIX as HOLIDAYS
from shouwang.policy.pack import Pack
from shouwang.screening.pack_check import unsuitable

FURTHEST_AHEAD = timedelta(days=3 * 366)  # a day later than that is a slip of the pen


def propose(
    parameter: str,
    value: str,
    valid_from: date,
    *,
    acting_user: User,
    document: str,
    document_number: str,
    clause: str,
    reason: str,
    key: str = "",
) -> Amendment:
    """Proposes a value and has the background process work out what it would change.

    Raises:
        PermissionDenied: the user proposes nothing.
        InputError: the pack has no such parameter; the value cannot be read, changes nothing or has unknown codes; the day
            is before the parameter begins or too far ahead; something is not filled in.
    """
    pack = current_pack()
    if parameter.startswith(HOLIDAYS) and (known := pack.holidays.get(parameter.removeprefix(HOLIDAYS))):
        valid_from = date(known.year, 1, 1)  # a table is of its whole year; the later decision replaces the earlier
    wanted = Wanted(
        pack.id,
        parameter,
        checked(pack, parameter, value, valid_from),
        valid_from,
        document,
        document_number,
        clause,
        reason,
    )
    with transaction.atomic():
        made = deciding.propose(wanted, acting_user=acting_user, key=key)
        if not made.whatifs.exists():
            ask_for_whatif(made, acting_user=acting_user)
    return made


def checked(pack: Pack, parameter: str, text: str, valid_from: date) -> str:
    """The value as the pack writes it. Raises InputError as `propose`."""
    known, today = pack.dated.get(parameter), localdate()
    if known is None:
        raise InputError(_("没有参数 {parameter}").format(parameter=parameter), _("从政策页选择"))
    value = known.parse(text)
    kept = known.text(value)
    if valid_from > today + FURTHEST_AHEAD and not parameter.startswith(HOLIDAYS):
        raise InputError(_("施行日期 {valid_from} 太远").format(valid_from=valid_from), _("核对年份"))
    if known.at(valid_from) == value:
        raise InputError(
            _("自{valid_from}起本来就是{value}").format(valid_from=valid_from, value=known.words(value)),
            _("数值没有变化，不必提出"),
        )
    tried = pack.with_decided((*pack.decided, _as_decided(pack, parameter, kept, valid_from)))
    if found := unsuitable(tried, valid_from):
        raise InputError(found[0], _("核对代码，用逗号分开"))
    return kept


def _as_decided(pack: Pack, parameter: str, value: str, valid_from: date) -> Decided:
    return Decided(len(pack.decided) + 1, pack.id, parameter, value, valid_from, "", "", "", valid_from, 0)


def decide(pk: int, step: Step, *, acting_user: User, reason: str, key: str = "") -> Amendment:
    """Accepts, rejects or takes back. What was accepted is in the home's list when this returns.

    Raises:
        NotOpen, Overtaken, InputError, Amendment.DoesNotExist: as `deciding.decide`.
    """
    home = open_home()
    write_decided(home)  # what an earlier process did not come to write
    pack = current_pack()
    with transaction.atomic():
        amendment = deciding.decide(
            pk,
            step,
            acting_user=acting_user,
            reason=reason,
            pack_version=pack.version,
            decided=len(pack.decided),
            key=key,
        )
        transaction.on_commit(lambda: write_decided_after_start(home))
    return amendment

"""The register checked for defects and the desk told: again and again, by the background process, whenever something changed.

What a check finds replaces what the one before found; what was mended is gone, what stays keeps the day of its first finding.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max, Q
from django.utils.translation import gettext

from shouwang.areas.models import Area
from shouwang.assistance.models import Measure, MeasureCategory
from shouwang.assistance.reading import active_on, cases_without_help
from shouwang.assistance.requirements import FIRST_MEASURE
from shouwang.cases.models import Case, CaseStep, Stage
from shouwang.clues.models import Clue
from shouwang.clues.models import Stage as ClueStage
from shouwang.defects.models import Defect, QualityCheck
from shouwang.deliveries.ledger import deliveries
from shouwang.households.models import Household
from shouwang.jobs.handling import clocks_of
from shouwang.jobs.policy import current_pack
from shouwang.jobs.policy_words import spoken
from shouwang.jobs.rows import beside, in_bulk
from shouwang.kernel.home import Home
from shouwang.quality.check import Found, checking
from shouwang.quality.declaration import Place, QualityRule, filled
from shouwang.quality.declared import BY_ID, RULES
from shouwang.quality.tables import NUMBERS, Desk
from shouwang.registration.models import RecordedFact

__all__ = ["BY_ID", "RULES", "Place", "QualityRule", "check_quality", "refresh_quality", "words_of"]
KEY = ("rule", "household", "person_key")
BY_HOUSEHOLD = ("household", "rule", "person_key")
CHANGING = ("severity", "values", "delivery", "line")
FOUND = (*KEY, *CHANGING)
AT_RISK = (
    Stage.COLLECTION,
    Stage.DELIBERATION,
    Stage.PUBLICITY,
    Stage.TOWNSHIP_AUDIT,
    Stage.COUNTY_APPROVAL,
    Stage.ANNOUNCEMENT,
    Stage.INCLUDED,
)
SHOWS_IN: Mapping[str, str] = {
    MeasureCategory.INDUSTRY: "industry",
    MeasureCategory.EMPLOYMENT: "employment",
    MeasureCategory.PUBLIC_POST: "employment",
}


def refresh_quality(home: Home, on: date) -> QualityCheck | None:
    """Checks again where the day, the deliveries, the policy or the cases have changed since; None where nothing has.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    state, last = _state(home, on), QualityCheck.objects.first()
    if last is not None and last.as_of == on and last.state == state:
        return None
    return check_quality(home, on)


def check_quality(home: Home, on: date) -> QualityCheck:
    """Checks the whole register as known and as of a day, and brings the desk's defects up to it.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    state = _state(home, on)
    desk = Desk(_cases(on), _facts(), _help(on), _explained())
    with checking(home, current_pack(), on, desk) as (households, found):
        rows = (_row(each) for each in found)
        with in_bulk(), beside(Defect, FOUND, rows, BY_HOUSEHOLD) as arriving:
            _bring_up_to(arriving, on)
    with transaction.atomic():
        by_rule = {rule.id: 0 for rule in RULES}
        by_rule |= dict(Defect.objects.order_by().values_list("rule").annotate(n=Count("pk")))
        return QualityCheck.objects.create(
            as_of=on, state=state, households=households, defects=sum(by_rule.values()), by_rule=by_rule
        )


def words_of(defect: Defect) -> str:
    """What is wrong, in words, in the language of the page."""
    rule = BY_ID[defect.rule]
    values = {name: spoken(str(value)) for name, value in defect.values.items()}
    return filled(gettext(rule.says), values, gettext("未填"))


def _state(home: Home, on: date) -> str:
    ledger = home.lake / "decisions" / "links.jsonl"
    decided = ledger.stat().st_size if ledger.exists() else 0
    step = CaseStep.objects.aggregate(last=Max("pk"))["last"] or 0
    fact = RecordedFact.objects.aggregate(last=Max("pk"))["last"] or 0
    helping = Measure.objects.filter(active_on(on)).count()
    dismissed = Clue.objects.filter(state=Clue.State.DISMISSED).count()
    received = deliveries(home)
    newest = max((each.number for each in received), default=0)
    return f"{len(received)}:{newest}:{decided}:{step}:{fact}:{helping}:{dismissed}:{current_pack().version}"


def _cases(on: date) -> Any:
    """The standing cases, one a household; and since when those are included whose time for a first measure is over without one."""
    import pyarrow as pa

    clocks = clocks_of(on)
    unhelped = dict(cases_without_help(Case.objects.all(), on).order_by().values_list("household_id", "included_on"))
    told = Case.objects.exclude(stage=Stage.REFUSED).order_by().values_list("household_id", "risks", "stage")
    rows = []
    for number, risks, stage in told.iterator():
        since = unhelped.get(number)
        late = since is not None and clocks.due(FIRST_MEASURE, since) < on
        at_risk, eliminated = stage in AT_RISK, stage == Stage.ELIMINATED
        rows.append((number, f"|{'|'.join(risks)}|", at_risk, eliminated, since if late else None))
    columns = list(zip(*rows, strict=True)) or [(), (), (), (), ()]
    types = (pa.string(), pa.string(), pa.bool_(), pa.bool_(), pa.date32())
    names = ("household_no", "risks", "at_risk", "eliminated", "unhelped_since")
    return pa.table({name: pa.array(column, kind) for name, column, kind in zip(names, columns, types, strict=True)})


def _explained() -> Any:
    """When it was decided, with a reason, that a household is not to be monitored: refused as a case, or a clue that rested on its
    income dismissed."""
    import pyarrow as pa

    rows = list(
        Case.objects.filter(stage=Stage.REFUSED, refused_on__isnull=False).values_list("household_id", "refused_on")
    )
    closing = Max("steps__on", filter=Q(steps__stage_to=ClueStage.CLOSED))
    dismissed = Clue.objects.filter(state=Clue.State.DISMISSED).order_by().annotate(closed_on=closing)
    of_income = f"{current_pack().income_area}."
    for number, rules, closed_on in dismissed.values_list("household_id", "rules", "closed_on").iterator():
        if closed_on is not None and any(rule.startswith(of_income) for rule in rules):
            rows.append((number, closed_on))
    columns = list(zip(*rows, strict=True)) or [(), ()]
    return pa.table({"household_no": pa.array(columns[0], pa.string()), "on": pa.array(columns[1], pa.date32())})


def _help(on: date) -> Any:
    """Since when measures run that should show in an income; whoever has a public post earns a wage."""
    import pyarrow as pa

    running = Measure.objects.filter(active_on(on), category__in=SHOWS_IN).order_by()
    told = running.values_list("plan__case__household_id", "category", "started_on")
    rows = [(number, SHOWS_IN[category], since) for number, category, since in told.iterator()]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    types, names = (pa.string(), pa.string(), pa.date32()), ("household_no", "kind", "since")
    return pa.table({name: pa.array(column, kind) for name, column, kind in zip(names, columns, types, strict=True)})


def _facts() -> Any:
    """The number that was recorded last of each field that rules speak of."""
    import pyarrow as pa

    told = RecordedFact.objects.filter(field__in=NUMBERS).order_by("pk").values_list("household_id", "field", "value")
    last = {(number, field): value for number, field, value in told.iterator()}
    rows = [(number, field, float(value)) for (number, field), value in last.items() if value]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    types, names = (pa.string(), pa.string(), pa.float64()), ("household_no", "field", "number")
    return pa.table({name: pa.array(column, kind) for name, column, kind in zip(names, columns, types, strict=True)})


def _row(found: Found) -> tuple[Any, ...]:
    severity = int(BY_ID[found.rule].severity)
    return found.rule, found.household_no, found.person, severity, found.values, found.delivery, found.line


def _bring_up_to(arriving: str, on: date) -> None:
    """Removes what is mended, corrects what changed, and writes what is new, one county after another: nobody waits for a city.

    A household that the desk does not have yet comes with the next check.
    """
    quoted = connection.ops.quote_name
    held, desk = f"{quoted(Defect._meta.db_table)} AS d", f"{quoted(Household._meta.db_table)} AS h"
    same = " AND ".join(f"a.{column} = d.{column}" for column in map(_column, KEY))
    told = [quoted(_column(name)) for name in FOUND]
    corrected = [quoted(name) for name in CHANGING]
    assigned = ", ".join(["area_id = h.area_id", *(f"{column} = a.{column}" for column in corrected)])
    differs = " OR ".join(["d.area_id <> h.area_id", *(f"d.{column} <> a.{column}" for column in corrected)])
    of_county = "h.area_id BETWEEN %s AND %s AND a.household_id = h.household_no"
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {held} WHERE NOT EXISTS (SELECT 1 FROM {arriving} AS a WHERE {same})")
        cursor.execute(
            f"UPDATE {held} SET {assigned} FROM {arriving} AS a, {desk}"
            f" WHERE {same} AND h.household_no = a.household_id AND ({differs})"
        )
        counties = Area.objects.filter(level=Area.COUNTY).order_by("code").values_list("code", flat=True)
        for county in (code[:6] for code in counties):
            cursor.execute(  # crossed: SQLite looks at a county's households first, and at what was found of each
                f"INSERT INTO {quoted(Defect._meta.db_table)} ({', '.join(told)}, area_id, found_on)"
                f" SELECT {', '.join(f'a.{column}' for column in told)}, h.area_id, {_day()}"
                f" FROM {desk} CROSS JOIN {arriving} AS a"
                f" WHERE {of_county} AND NOT EXISTS (SELECT 1 FROM {held} WHERE {same})",
                [connection.ops.adapt_datefield_value(on), f"{county}000000", f"{county}999999"],
            )


def _day() -> str:
    return "CAST(%s AS date)" if connection.vendor == "postgresql" else "%s"


def _column(name: str) -> str:
    return str(Defect._meta.get_field(name).column)

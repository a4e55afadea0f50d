"""制定帮扶计划: measures proposed with everything filled in that is known; the village takes, changes or adds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.areas.models import Area
from shouwang.assistance import measures, planning
from shouwang.assistance.flow import PLANS
from shouwang.assistance.labour import members_of
from shouwang.assistance.models import FundSource, Measure, MeasureCategory, MeasureState, Plan, PlanAction
from shouwang.assistance.plan_rules import Breach, Drafted, Ground, breaches, cannot_work
from shouwang.assistance.planning import ground_of
from shouwang.assistance.proposals import Proposal, proposed
from shouwang.assistance.requirements import Requirements
from shouwang.clues.models import RiskType
from shouwang.households.models import Person
from shouwang.jobs.account_sheet import departments
from shouwang.jobs.assistance import assistance_requirements, received_by
from shouwang.kernel.errors import InputError, ShouwangError
from shouwang.proceedings.desks import line_of
from shouwang.web.doors import door
from shouwang.web.handling import in_words, new_key
from shouwang.web.ordering import day_in, day_of
from shouwang.web.plans import carried_out, order_of, told, visible_plan

MORE_ROWS = 3
FIRST = "first"
FIELDS = ("title", "category", "owner", "in_charge", "fund", "amount", "due_on", "until", "member", "production")


@dataclass
class Row:
    """One measure of the form; `values` by the names in FIELDS, as text; `own` rows are thought of by the village."""

    name: str
    values: dict[str, str]
    ticked: bool = False
    entry: str = ""
    risks: tuple[str, ...] = ()
    reason: str = ""
    received: tuple[str, ...] = ()
    own: bool = False

    @property
    def category_title(self) -> str:
        category = self.values["category"]
        return str(MeasureCategory(category).label) if category in MeasureCategory.values else ""


@dataclass(frozen=True)
class Draft:
    """What the form stands on: the plan, what it is judged by, who lives there, whom a measure may belong to."""

    plan: Plan
    ground: Ground
    asked: Requirements
    members: list[Person]
    owners: list[tuple[str, str]]

    @classmethod
    def of(cls, plan: Plan) -> "Draft":
        today, household = localdate(), plan.case.household
        asked = assistance_requirements(today)
        received = received_by(settings.HOME, household, asked.measures, today)
        ground = ground_of(plan, received, asked, today)
        return cls(plan, ground, asked, members_of(household), _owners(line_of(plan.area, today)))

    @property
    def proposals(self) -> list[Proposal]:
        ground = self.ground
        return proposed(ground.risks, ground.able, ground.received, self.asked, ground.on, ground.included_on)


def _owners(line: Mapping[int, Area]) -> list[tuple[str, str]]:
    """村, 乡镇, 区县, and each department of the county, then of the city."""
    village, township, county, city = (line[level] for level in (Area.VILLAGE, Area.TOWNSHIP, Area.COUNTY, Area.CITY))
    offices = [(f"{area.pk}|", area.name) for area in (village, township, county)]
    return offices + [
        (f"{area.pk}|{name}", f"{area.name} {gettext(name)}") for area in (county, city) for name in departments()
    ]


@door(Permission.SUBMIT, post=Permission.SUBMIT)
def plan_draft(request: HttpRequest, number: str) -> HttpResponse:
    """The form of a plan; also of a measure that begins first, where the township let the household be helped first."""
    found, today = visible_plan(request, number), localdate()
    scope = scope_of(request.user, today)
    first = request.GET.get(FIRST, request.POST.get(FIRST, "")) == "1"
    action = PlanAction.BEGIN_FIRST if first else PlanAction.SUBMIT
    if request.method == "GET" and not PLANS.may(scope, found, action):
        return told(request, "plan", found.number, gettext("这一环节已经办过，或不由您办理。"), wrong=True)
    draft, wrong = Draft.of(found), ""
    rows = _rows(request, draft, sent=request.method == "POST")
    reasons = {name.removeprefix("why-"): str(value) for name, value in request.POST.items() if name[:4] == "why-"}
    departures: list[Breach] = []
    try:
        ticked = [_drafted(row, draft) for row in rows if row.ticked]
        departures = [each for each in breaches(ticked, draft.ground, draft.asked) if not each.rule.blocks]
        if request.method == "POST":
            if first:
                return _begun_first(request, found, ticked)
            step = planning.submit(number, order_of(request), ticked, draft.ground.received, reasons)
            return carried_out(request, "plan", found.number, lambda: step)
    except ShouwangError as refused:
        wrong = in_words(refused) if request.method == "POST" else ""
    return render(
        request,
        "desk/plan_draft.html",
        {
            "plan": found,
            "case": found.case,
            "first": first,
            "proposed": [row for row in rows if not row.own],
            "own": [row for row in rows if row.own],
            "able": draft.ground.able,
            "unable": cannot_work(draft.ground, draft.asked),
            "risks": [RiskType(risk).label for risk in draft.ground.risks],
            "standing": draft.ground.standing,
            "departures": [(each, reasons.get(each.rule.id, "")) for each in departures],
            "members": draft.members,
            "owners": draft.owners,
            "funds": FundSource.choices,
            "categories": MeasureCategory.choices,
            "seen": request.POST.get("seen") or found.version,
            "key": request.POST.get("key") or new_key(),
            "wrong": wrong,
        },
        status=422 if wrong else 200,
    )


def _begun_first(request: HttpRequest, found: Plan, ticked: list[Drafted]) -> HttpResponse:
    if len(ticked) != 1:
        raise InputError(gettext("先行帮扶一次登记一项措施"), gettext("只勾选一项"))
    step = measures.begin_first(found.number, order_of(request), ticked[0], day_in(request.POST))
    return carried_out(request, "plan", found.number, lambda: step)


def _rows(request: HttpRequest, draft: Draft, *, sent: bool) -> list[Row]:
    """The proposals of the map, then rows for what the village thinks of; what it typed or proposed before stands in them."""
    earlier = list(draft.plan.measures.filter(state=MeasureState.PROPOSED)) if not sent else []
    by_entry = {measure.entry: measure for measure in earlier if measure.entry}
    rows = [_proposed_row(f"p{n}", each, draft, by_entry, bool(earlier)) for n, each in enumerate(draft.proposals)]
    known = {row.entry for row in rows}
    own = [measure for measure in earlier if measure.entry not in known]
    for n in range(max(MORE_ROWS, len(own))):
        row = Row(f"o{n}", dict.fromkeys(FIELDS, ""), own=True)
        row.values |= {"owner": draft.owners[0][0]}
        rows.append(_filled(row, own[n]) if n < len(own) else row)
    if sent:
        rows = [_sent(row, request) for row in rows]
    return rows


def _proposed_row(name: str, each: Proposal, draft: Draft, by_entry: Mapping[str, Measure], again: bool) -> Row:
    entry = each.entry
    county = next(value for value, _ in draft.owners[2:])
    owner = f"{county.split('|')[0]}|{entry.department}" if entry.department else draft.owners[0][0]
    values = dict.fromkeys(FIELDS, "") | {
        "title": entry.title,
        "category": entry.category,
        "owner": owner,
        "in_charge": gettext("由部门确定") if entry.department else draft.plan.area.name[:20],
        "fund": entry.fund,
        "amount": str(each.amount or ""),
        "due_on": each.due_on.isoformat(),
        "member": str(draft.ground.able[0].pk) if entry.member and len(draft.ground.able) == 1 else "",
    }
    received = tuple(one.words for one in each.received)
    row = Row(name, values, each.chosen or bool(received), entry.id, each.risks, each.reason, received)
    if not again:
        return row
    return _filled(row, by_entry[entry.id]) if entry.id in by_entry else replace(row, ticked=False)


def _filled(row: Row, measure: Measure) -> Row:
    values = {
        "title": measure.title,
        "category": measure.category,
        "owner": f"{measure.owner_id}|{measure.department}",
        "in_charge": measure.in_charge,
        "fund": measure.fund_source,
        "amount": str(measure.amount if measure.amount is not None else ""),
        "due_on": measure.due_on.isoformat(),
        "until": measure.until.isoformat() if measure.until else "",
        "member": str(measure.member_id or ""),
        "production": "1" if measure.for_production else "",
    }
    return replace(row, values=values, ticked=True)


def _sent(row: Row, request: HttpRequest) -> Row:
    values = {name: request.POST.get(f"{row.name}-{name}", "")[:300] for name in FIELDS}
    if not row.own:
        values["category"] = row.values["category"]
    ticked = bool(values["title"].strip()) if row.own else request.POST.get(row.name) == "1"
    return replace(row, values=values, ticked=ticked)


def _drafted(row: Row, draft: Draft) -> Drafted:
    values = row.values
    if values["category"] not in MeasureCategory.values:
        raise InputError(gettext("“{title}”没有选择类别").format(title=values["title"]), gettext("选择措施类别"))
    owner, _, department = values["owner"].partition("|")
    member = next((each for each in draft.members if str(each.pk) == values["member"]), None)
    due = _day(values["due_on"], gettext("落实期限"), row)
    if due is None and row.received:
        due = draft.ground.on
    if due is None:
        raise InputError(gettext("“{title}”没有填写落实期限").format(title=values["title"]), gettext("填写日期"))
    return Drafted(
        category=values["category"],
        title=values["title"],
        owner=owner,
        in_charge=values["in_charge"],
        fund_source=values["fund"],
        due_on=due,
        risks=row.risks or (tuple(draft.ground.risks[:1]) if row.own else ()),
        entry=row.entry,
        department=department,
        member=member,
        amount=_amount(values["amount"], row),
        for_production=bool(values["production"]),
        until=_day(values["until"], gettext("计划到期"), row),
        already=bool(row.received),
    )


def _day(text: str, what: str, row: Row) -> Any:
    found = day_of(text) if text else None
    if text and found is None:
        raise InputError(
            gettext("“{title}”的{what}不是日期").format(title=row.values["title"], what=what),
            gettext("写成 2024-03-05 这样的日期"),
        )
    return found


def _amount(text: str, row: Row) -> Decimal | None:
    if not text.strip():
        return None
    try:
        found = Decimal(text.replace(",", "").replace("，", "").strip())
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise InputError(
            gettext("“{title}”的金额不对").format(title=row.values["title"]), gettext("填写元，最多两位小数")
        )
    return found

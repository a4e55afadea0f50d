"""数据问题: what is wrong with the record, worst first, in words, with the place where it is mended."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.db.models.functions import Substr
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import Seen, scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import full_names
from shouwang.cases.models import Stage
from shouwang.cases.reading import cases_visible_to
from shouwang.defects.models import Defect, Severity
from shouwang.defects.reading import defects_to_export, defects_visible_to, last_check, names_in
from shouwang.jobs.outputs import mark_of
from shouwang.jobs.quality import BY_ID, RULES, Place, QualityRule, words_of
from shouwang.kernel.divisions import digits_below
from shouwang.kernel.errors import InputError
from shouwang.outputs.models import Listed
from shouwang.outputs.requesting import let_out
from shouwang.outputs.workbook import one_sheet
from shouwang.questions import Blank
from shouwang.web.doors import door
from shouwang.web.handling import in_words
from shouwang.web.paging import page_of
from shouwang.web.places import area_for, below, rows_inside
from shouwang.web.worklist import area_choices
from shouwang.web.worklist_sheet import SHEET, limits_of_a_sheet

FILTERS = ("area", "severity", "rule")
WHERE: Mapping[Place, Any] = {
    Place.REGISTER: _("去农户页改名册"),
    Place.RECORD: _("去农户页改登记"),
    Place.CASE: _("去办案件"),
    Place.INCOME: _("去核对收入"),
    Place.DEPARTMENT: _("请部门更正"),
}
ANCHORS = {Place.INCOME: "#income", Place.DEPARTMENT: "#secured", Place.REGISTER: "#members"}
HEADERS = (_("程度"), _("问题"), _("户编号"), _("户主"), _("成员"), _("所在村"), _("说明"), _("怎么改"), _("发现日期"))


@dataclass(frozen=True)
class ToMend:
    """One defect as it is shown: whom it is about, what is wrong, and the link to where it is mended."""

    defect: Defect
    rule: QualityRule
    person: str
    words: str
    where: str
    url: str
    place: str = ""

    @property
    def advice(self) -> str:
        return gettext(self.rule.advice)


def to_mend(defects: Iterable[Defect], cases: Mapping[str, str], registering: Collection[str] = ()) -> list[ToMend]:
    """The defects in words. `cases`: the standing case of each household, by its number; `registering`: the villages whose
    register the reader puts right. One query for all names."""
    every = list(defects)
    names = names_in(every)
    places = full_names(sorted({each.area_id for each in every})) if every else {}
    shown = []
    for each in every:
        rule = BY_ID[each.rule]
        url = reverse("household", args=[each.household_id]) + ANCHORS.get(rule.place, "")
        if rule.place is Place.CASE and each.household_id in cases:
            url = reverse("case", args=[cases[each.household_id]])
        if rule.place is Place.REGISTER and each.area_id in registering:
            asked = {"kind": "correction", "field": rule.field, "person": each.person_key or ""}
            url = reverse("register-request-new", args=[each.household_id]) + f"?{urlencode(asked)}"
        if rule.place is Place.RECORD and each.area_id in registering:
            url = reverse("household-facts", args=[each.household_id])
        name = names.get(each.person_key, "")
        shown.append(ToMend(each, rule, name, words_of(each), str(WHERE[rule.place]), url, places[each.area_id]))
    return shown


def villages_of(request: HttpRequest) -> set[str]:
    """The villages for which the reader proposes changes of the register."""
    return {each.area.pk for each in scope_of(request.user, localdate()).holding(Permission.SUBMIT)}


def cases_of(request: HttpRequest, defects: Iterable[Defect]) -> dict[str, str]:
    """The number of the standing case of each household, where the user may see it."""
    households = {each.household_id for each in defects if BY_ID[each.rule].place is Place.CASE}
    if not households:
        return {}
    standing = cases_visible_to(request.user).filter(household__in=households).exclude(stage=Stage.REFUSED)
    return dict(standing.order_by().values_list("household_id", "number"))


def matching(defects: QuerySet[Defect], query: QueryDict, area: Area | None) -> QuerySet[Defect]:
    """The defects that an address asks for; a filter that means nothing is left out."""
    found = rows_inside(defects, area).filter(rule__in=list(BY_ID))
    if query.get("rule") in BY_ID:
        found = found.filter(rule=query["rule"])
    if query.get("severity") in {str(each) for each in Severity.values}:
        found = found.filter(severity=query["severity"])
    return found


@door(Permission.SEE_HOUSEHOLDS)
def defects(request: HttpRequest) -> HttpResponse:
    """The list, with counts by rule and by the areas below; filters stand in the address."""
    scope, area = area_for(request.user, request.GET.get("area"))
    visible = defects_visible_to(request.user)
    found = matching(visible, request.GET, area)
    page = page_of(request, found)
    rows = list(page)
    without_rule = request.GET.copy()
    without_rule.pop("rule", None)
    counts = dict(
        matching(visible, without_rule, area)
        .order_by()
        .values_list("rule")
        .annotate(n=Count("pk"))
        .values_list("rule", "n")
    )
    chosen = BY_ID.get(request.GET.get("rule", ""))
    severity = request.GET.get("severity", "")
    return render(
        request,
        "desk/defects.html",
        {
            "page": page,
            "rows": to_mend(rows, cases_of(request, rows), villages_of(request)),
            "rules": sorted(
                ((rule, counts[rule.id]) for rule in RULES if counts.get(rule.id)), key=lambda e: e[0].severity
            ),
            "chosen": chosen,
            "severities": Severity.choices,
            "severity": int(severity) if severity in {str(each) for each in Severity.values} else 0,
            "area": area,
            "areas": area_choices(scope, area),
            "below": _below(found, area) if area else [],
            "check": last_check(),
            "may_export": scope.may(Permission.EXPORT) and any(not each.department for each in scope.reaches),
            "all_rules": RULES,
        },
    )


def _below(found: QuerySet[Defect], area: Area) -> list[tuple[Area, int]]:
    """How many lie in each area directly below, the most first; in one query beside that of the areas."""
    areas = below(area)
    if not areas:
        return []
    digits = digits_below(area.level)
    counted = found.order_by().annotate(part=Substr("area_id", 1, digits)).values("part").annotate(n=Count("pk"))
    by_part = {row["part"]: row["n"] for row in counted}
    some = [(each, by_part.get(each.pk[:digits], 0)) for each in areas]
    return sorted((each for each in some if each[1]), key=lambda each: -each[1])


@door(Permission.EXPORT)
def export(request: HttpRequest) -> HttpResponse:
    """What the filters find as a spreadsheet; numbered, marked, limited, and in the audit."""
    _scope, area = area_for(request.user, request.GET.get("area"))
    found = matching(defects_to_export(request.user), request.GET, area)
    used = "，".join(name for name in FILTERS if request.GET.get(name))
    where = area or scope_of(request.user, localdate()).holding(Permission.EXPORT)[0].area
    try:
        most = limits_of_a_sheet(localdate())
        taken = let_out(
            request.user, Listed.DEFECT_LIST, where, found.count(), most, action="defects_exported", search=used
        )
    except InputError as refused:
        messages.error(request, in_words(refused), "bad")
        return HttpResponseRedirect(f"{reverse('defects')}?{request.GET.urlencode()}")
    rows = (_cells(each) for each in to_mend(found, {}))
    heads = [str(header) for header in HEADERS]
    content = one_sheet(mark_of(taken), gettext("数据问题"), heads, rows, [18] * len(heads))
    response = HttpResponse(content, content_type=SHEET)
    response["Content-Disposition"] = f'attachment; filename="defects-{localdate():%Y%m%d}.xlsx"'
    return response


def _cells(each: ToMend) -> list[str]:
    defect = each.defect
    return [
        str(defect.get_severity_display()),
        gettext(each.rule.title),
        defect.household_id,
        defect.household.head_name,
        each.person,
        each.place,
        each.words,
        each.advice,
        f"{defect.found_on:%Y-%m-%d}",
    ]


def worst_of(request: HttpRequest, found: QuerySet[Defect], most: int) -> list[ToMend]:
    """The first few of some defects, in words."""
    rows = list(found[:most])
    return to_mend(rows, cases_of(request, rows), villages_of(request))


def of_household(request: HttpRequest, number: str) -> list[ToMend]:
    """What is wrong with one household."""
    rows = _of_household.ask(request.user, household=number)
    return to_mend(rows, cases_of(request, rows), villages_of(request))


_of_household = Seen(lambda user: defects_visible_to(user).filter(household=Blank("household"), rule__in=list(BY_ID)))

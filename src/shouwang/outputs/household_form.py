"""The household form (DOMAIN B9) as data: its columns, in the order of the form, and where each value comes from.

Values are those of the case and the register, of what the village recorded (`registration`), and of what departments delivered;
the latter two are told with their source. A column whose value nobody knows stays empty, so that the sheet keeps the shape of
the form. Dates of the procedure are YYYYMM as the form has them; codes are words; identity numbers, telephones, addresses and
bank accounts are masked unless the export was agreed to hold them.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import TypeVar

from django.conf import settings
from django.db.models import Q, QuerySet

from shouwang.areas.models import Area
from shouwang.assistance.contacts import context_of
from shouwang.assistance.models import Contact, ContactKind, Measure, MeasureCategory
from shouwang.assistance.reading import active_on
from shouwang.cases.models import Case, Collection, EliminationMode, MonitorType
from shouwang.clues.models import RiskType
from shouwang.households.models import Person
from shouwang.kernel.divisions import code_at
from shouwang.outputs.told import Delivered, Told
from shouwang.registration.models import RecordedFact
from shouwang.registration.recording import context_of_fact, latest

AT_ONCE = 500
MOST_RISKS = 5
VOCATIONAL_GRANT = "vocational_grant"  # the measure map's entry for 雨露计划
HEAD = "户主"
SANITARY = "卫生厕所"
Identity = Mapping[str, str]
Row = TypeVar("Row")


@dataclass(frozen=True)
class Home:
    """One household with all that its row says; `opened` has what is sealed of each person, by key; `facts` what the village
    recorded, by field; `measures` help on the day; `unable` are the labour skills of whoever cannot work."""

    case: Case
    on: date
    places: Sequence[str]
    persons: Sequence[Person]
    opened: Mapping[int, Identity]
    identities: bool = False
    collection: Collection | None = None
    contacts: Mapping[str, Contact] = field(default_factory=dict)
    facts: Mapping[str, RecordedFact] = field(default_factory=dict)
    measures: Sequence[Measure] = ()
    delivered: Delivered = field(default_factory=Delivered)
    unable: Sequence[str] = ()

    @property
    def head(self) -> Person | None:
        return next((each for each in self.persons if each.relation == HEAD), self.persons[0] if self.persons else None)

    @property
    def is_over(self) -> bool:
        """Whether the risk had ended by the day."""
        return self.case.eliminated_on is not None and self.case.eliminated_on <= self.on

    def sealed(self, person: Person | None, name: str) -> str:
        """What is sealed of a person: in clear where the export may hold it, masked otherwise."""
        return str(self.opened.get(person.key, {}).get(name) or "") if person else ""

    def about_the_house(self, name: str) -> Told | None:
        """The latest that departments said of the household by naming a member of it, or its village."""
        found = [self.delivered.of_person(each.key, name) for each in self.persons]
        found.append(self.delivered.of_village(self.case.area_id, name))
        return max((each for each in found if each), key=lambda each: each.on, default=None)


OfHome = Callable[[Home], str]
OfPerson = Callable[[Home, Person], str]


@dataclass(frozen=True)
class Column:
    """One column: the head that the form gives it, and its value, or the value with its source; neither where nothing here
    knows it."""

    head: str
    value: OfHome | None = None
    told: Callable[[Home], Told | None] | None = None


@dataclass(frozen=True)
class PersonColumn:
    """One column of a member's row; `told` is the name of what departments deliver, `measure` says which measures of the
    member's fill it."""

    head: str
    value: OfPerson | None = None
    told: str = ""
    measure: Callable[[Measure], bool] | None = None

    def known(self, home: Home, person: Person) -> Told | None:
        """The value with its source; None where nobody has told it."""
        if self.measure is not None:
            return _helped(home, person, self.measure)
        return home.delivered.of_person(person.key, self.told)


def month(day: date | None) -> str:
    """YYYYMM as the form writes dates of the procedure."""
    return f"{day:%Y%m}" if day else ""


def yes(holds: bool) -> str:
    return "是" if holds else "否"


def _risk(place: int) -> OfHome:
    return lambda home: str(RiskType(home.case.risks[place]).label) if len(home.case.risks) > place else ""


def _income(name: str) -> OfHome:
    return lambda home: str(home.collection.income.get(name, {}).get("amount", "")) if home.collection else ""


def _collected(read: Callable[[Collection], object]) -> OfHome:
    return lambda home: str(read(home.collection)) if home.collection else ""


def _contact(kind: str, name: str) -> OfHome:
    return lambda home: str(getattr(home.contacts[kind], name)) if kind in home.contacts else ""


def _phone_of(kind: str) -> OfHome:
    """The telephone of whoever looks after the household: in clear where the export may hold it."""

    def of(home: Home) -> str:
        contact = home.contacts.get(kind)
        if contact is None or not home.identities:
            return contact.phone_masked if contact else ""
        return settings.HOME.sealer().unseal(bytes(contact.sealed), context_of(contact.key))

    return of


def _fact(name: str, value: Callable[[str], str] = str) -> Callable[[Home], Told | None]:
    """What the village recorded last of a field; a sealed value in clear where the export may hold it."""

    def of(home: Home) -> Told | None:
        fact = home.facts.get(name)
        if fact is None or not fact.value:
            return None
        said = fact.value
        if fact.sealed and home.identities:
            said = settings.HOME.sealer().unseal(bytes(fact.sealed), context_of_fact(fact.household_id))
        return Told(value(said), f"村里登记：{fact.source}（{fact.on}，{fact.recorded_by}）", fact.on)

    return of


def _house(name: str) -> Callable[[Home], Told | None]:
    return lambda home: home.about_the_house(name)


def _disaster(home: Home) -> Told | None:
    return home.about_the_house("disaster") if RiskType.NATURAL_DISASTER in home.case.risks else None


def _unable(home: Home) -> str:
    return yes(bool(home.persons) and all(each.labour in home.unable for each in home.persons))


def _helped(home: Home, person: Person, wanted: Callable[[Measure], bool]) -> Told | None:
    """What the measures say that help a member on the day."""
    found = [each for each in home.measures if each.member_id == person.pk and each.started_on and wanted(each)]
    if not found:
        return None
    source = "；".join(f"帮扶计划 {each.plan.number} 第{each.number}项（{each.started_on}起）" for each in found)
    return Told(
        "；".join(each.title for each in found), source, max(each.started_on for each in found if each.started_on)
    )


HOUSEHOLD: tuple[Column, ...] = (
    Column("户编号", lambda home: home.case.household_id),
    Column("市", lambda home: home.places[0]),
    Column("区县", lambda home: home.places[1]),
    Column("乡镇（街道）", lambda home: home.places[2]),
    Column("村（社区）", lambda home: home.places[3]),
    Column("户主姓名", lambda home: home.head.name if home.head else home.case.household.head_name),
    Column("户主证件号码", lambda home: home.sealed(home.head, "id")),
    Column("联系电话", lambda home: home.sealed(home.head, "phone")),
    Column("家庭住址", lambda home: home.sealed(home.head, "address")),
    Column("家庭人口数", lambda home: str(len(home.persons))),
    Column("户类型", lambda home: home.case.household.household_type),
    Column("监测对象类型", lambda home: str(MonitorType(home.case.monitor_type).label)),
    Column("识别时间", lambda home: month(home.case.included_on)),
    *(Column(f"致贫返贫风险{place + 1}", _risk(place)) for place in range(MOST_RISKS)),
    Column("自然灾害子类", told=_disaster),
    Column("风险是否已消除", lambda home: yes(home.is_over)),
    Column(
        "风险消除方式",
        lambda home: str(EliminationMode(home.case.elimination_mode).label) if home.is_over else "",
    ),
    Column("风险消除时间", lambda home: month(home.case.eliminated_on) if home.is_over else ""),
    Column("收入统计期起", lambda home: month(home.collection.period_start) if home.collection else ""),
    Column("收入统计期止", lambda home: month(home.collection.period_end) if home.collection else ""),
    Column("工资性收入", _income("wage_income")),
    Column("生产经营性收入", _income("business_income")),
    Column("财产性收入", _income("property_income")),
    Column("转移性收入", _income("transfer_income")),
    Column("生产经营性支出", _income("business_cost")),
    Column("理赔收入", _income("claims_income")),
    Column("合规自付支出", _income("compliant_out_of_pocket")),
    Column("家庭纯收入", _collected(lambda each: each.net)),
    Column("家庭人均纯收入", _collected(lambda each: each.per_capita)),
    Column("监测参考人均纯收入", _collected(lambda each: each.reference_per_capita)),
    Column("耕地面积", told=_fact("farmland")),
    Column("林地面积", told=_fact("forest")),
    Column("果园面积", told=_fact("orchard")),
    Column("牧草地面积", told=_fact("pasture")),
    Column("水面面积", told=_fact("water_surface")),
    Column("退耕还林面积", told=_fact("returned_land")),
    Column("住房面积", told=_fact("house_area")),
    Column("住房结构", told=_fact("house_structure")),
    Column("住房鉴定等级", told=_house("housing_grade")),
    Column("是否危房", told=_house("housing_unsafe")),
    Column("是否饮水安全", told=_house("water_safe")),
    Column("是否通生活用电"),
    Column("是否有卫生厕所", told=_fact("toilet", lambda value: yes(value == SANITARY))),
    Column("入户路类型", told=_fact("road")),
    Column("与村主干路距离（公里）", told=_fact("road_distance")),
    Column("主要燃料类型", told=_fact("fuel")),
    Column("机动车", told=_fact("vehicles")),
    Column("易地搬迁安置点", lambda home: home.head.resettlement_site if home.head else ""),
    Column("加入合作社情况", told=_fact("cooperative")),
    Column("企业带动情况", told=_fact("enterprise")),
    Column("银行账号", told=_fact("bank_account")),
    Column("整户无劳动能力", _unable),
    Column("采集人", _collected(lambda each: each.step.actor or "")),
    Column("采集人电话"),
    Column("帮扶联系人", _contact(ContactKind.ASSISTANCE, "name")),
    Column("帮扶联系人电话", _phone_of(ContactKind.ASSISTANCE)),
    Column("监测联系人", _contact(ContactKind.MONITORING, "name")),
    Column("监测联系人电话", _phone_of(ContactKind.MONITORING)),
)
CITIZEN_ID = "居民身份证"  # the register's contract takes no other


def _work_began(home: Home, person: Person) -> str:
    """Since when the person works where they work on the day; the row is that of 务工单位."""
    employer = home.delivered.of_person(person.key, "employer")
    return month(employer.on) if employer else ""


PERSON: tuple[PersonColumn, ...] = (
    PersonColumn("户编号", lambda home, person: home.case.household_id),
    PersonColumn("姓名", lambda home, person: person.name),
    PersonColumn("证件类型", lambda home, person: CITIZEN_ID if person.id_masked else ""),
    PersonColumn("证件号码", lambda home, person: home.sealed(person, "id")),
    PersonColumn("性别", lambda home, person: person.sex),
    PersonColumn("出生日期", lambda home, person: f"{person.birth_date:%Y%m%d}" if person.birth_date else ""),
    PersonColumn("民族", lambda home, person: person.ethnicity),
    PersonColumn("与户主关系", lambda home, person: person.relation),
    PersonColumn("联系电话", lambda home, person: home.sealed(person, "phone")),
    PersonColumn("文化程度", lambda home, person: person.education),
    PersonColumn("在校生状况", lambda home, person: person.school_status),
    PersonColumn("失学或辍学原因", lambda home, person: person.dropout_reason),
    PersonColumn("健康状况", lambda home, person: person.health),
    PersonColumn("残疾类别和等级", told="disability"),
    PersonColumn("劳动技能", lambda home, person: person.labour),
    PersonColumn("参加城乡居民医保", told="resident_insured"),
    PersonColumn("参加职工医保", told="employee_insured"),
    *(PersonColumn(head) for head in ("参加大病保险", "参加养老保险")),
    PersonColumn("是否享受低保", told="low_income"),
    PersonColumn("是否特困供养", told="destitute"),
    PersonColumn("务工地点"),
    PersonColumn("务工时间（月）", told="months_worked"),
    PersonColumn("务工月工资", told="monthly_wage"),
    PersonColumn("务工单位", told="employer"),
    PersonColumn("务工开始时间", _work_began),
    *(
        PersonColumn(head)
        for head in ("务工结束时间", "务工行业", "就业渠道", "是否点对点输出", "计划外出务工时间和地点")
    ),
    PersonColumn("公益性岗位", measure=lambda each: each.category == MeasureCategory.PUBLIC_POST),
    PersonColumn("雨露计划", measure=lambda each: each.entry == VOCATIONAL_GRANT),
)


def heads_of_households() -> list[str]:
    return [each.head for each in HOUSEHOLD]


def heads_of_persons() -> list[str]:
    return [each.head for each in PERSON]


def row_of(home: Home) -> list[str]:
    return [_value(each.value(home) if each.value else each.told(home) if each.told else None) for each in HOUSEHOLD]


def rows_of_persons(home: Home) -> Iterator[list[str]]:
    for person in home.persons:
        yield [each.value(home, person) if each.value else _value(each.known(home, person)) for each in PERSON]


def _value(known: str | Told | None) -> str:
    return known.value if isinstance(known, Told) else known or ""


def sources_of(home: Home) -> Iterator[list[str]]:
    """Where what the village recorded and departments delivered comes from: household, member, column, source."""
    number = home.case.household_id
    for column in HOUSEHOLD:
        if column.told and (told := column.told(home)):
            yield [number, "", column.head, told.source]
    for person in home.persons:
        for each in PERSON:
            if not each.value and (told := each.known(home, person)):
                yield [number, person.name, each.head, told.source]


def homes(
    cases: QuerySet[Case], on: date, identities: bool, delivered: Delivered, unable: Sequence[str] = ()
) -> Iterator[Home]:
    """The households of cases as of a day, five hundred at once: whoever belonged to them on that day, and what the village
    had collected and recorded by then. Other values are those that the register has now."""
    waiting = cases.iterator(AT_ONCE)
    names = dict(Area.objects.filter(level__lt=Area.VILLAGE).values_list("code", "name"))
    while some := list(islice(waiting, AT_ONCE)):
        for each in _homes(some, on, identities, names):
            yield replace(each, delivered=delivered, unable=unable)


def _homes(some: Sequence[Case], on: date, identities: bool, names: Mapping[str, str]) -> Iterator[Home]:
    pks, numbers = [each.pk for each in some], [each.household_id for each in some]
    there = Q(received_on__lte=on) & (Q(left_on__isnull=True) | Q(left_on__gt=on))
    persons = _grouped(
        Person.objects.filter(there, household__in=numbers).order_by("household_id", "line"), "household_id"
    )
    collected = Collection.objects.filter(case__in=pks, step__on__lte=on).select_related("step__actor").order_by("pk")
    collections = {each.case_id: each for each in collected}
    standing = Contact.objects.filter(case__in=pks, since__lte=on).filter(Q(to__isnull=True) | Q(to__gt=on))
    contacts = _grouped(standing, "case_id")
    recorded = RecordedFact.objects.filter(household__in=numbers, on__lte=on).select_related("recorded_by")
    facts = _grouped(recorded, "household_id")
    helping = Measure.objects.filter(active_on(on), plan__case__in=pks).select_related("plan").order_by("pk")
    measures: defaultdict[int, list[Measure]] = defaultdict(list)
    for each in helping:
        measures[each.plan.case_id].append(each)
    for case in some:
        code = case.area_id
        own = persons.get(case.household_id, [])
        yield Home(
            case,
            on,
            [names.get(code_at(code, level), "") for level in (Area.CITY, Area.COUNTY, Area.TOWNSHIP)]
            + [case.area.name],
            own,
            {each.key: _opened(each, identities) for each in own},
            identities,
            collections.get(case.pk),
            {str(each.kind): each for each in contacts.get(case.pk, [])},
            {each.field: each for each in latest(facts.get(case.household_id, []))},
            measures[case.pk],
        )


def _grouped(rows: Iterable[Row], name: str) -> dict[object, list[Row]]:
    found: defaultdict[object, list[Row]] = defaultdict(list)
    for each in rows:
        found[getattr(each, name)].append(each)
    return found


def _opened(person: Person, identities: bool) -> Identity:
    if not identities:
        return {"id": person.id_masked}
    if not person.sealed:
        return {"id": person.id_masked}
    found: Identity = json.loads(settings.HOME.sealer().unseal(bytes(person.sealed), f"person:{person.key}"))
    return found

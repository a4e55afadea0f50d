"""The household form (DOMAIN B9) as data: its columns, in the order of the form, and where each value comes from.

A column whose value nobody has registered here stays empty, so that the sheet keeps the shape of the form. Dates of the
procedure are YYYYMM as the form has them; codes are words; identity numbers, telephones and addresses are masked unless the
export was agreed to hold them.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import TypeVar

from django.conf import settings
from django.db.models import Q, QuerySet

from shouwang.areas.models import Area
from shouwang.assistance.models import Contact, ContactKind
from shouwang.cases.models import Case, Collection, EliminationMode, MonitorType
from shouwang.clues.models import RiskType
from shouwang.households.models import Person

AT_ONCE = 500
MOST_RISKS = 5
UNABLE = ("丧失劳动力", "无劳动力")
HEAD = "户主"
Identity = Mapping[str, str]
Row = TypeVar("Row")


@dataclass(frozen=True)
class Home:
    """One household with all that its row says; `opened` has what is sealed of each person, by key."""

    case: Case
    on: date
    places: Sequence[str]
    persons: Sequence[Person]
    opened: Mapping[int, Identity]
    collection: Collection | None = None
    contacts: Mapping[str, Contact] = field(default_factory=dict)

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


OfHome = Callable[[Home], str]
OfPerson = Callable[[Home, Person], str]


@dataclass(frozen=True)
class Column:
    """One column: the head that the form gives it, and its value; None where nothing here knows it."""

    head: str
    value: OfHome | None = None


@dataclass(frozen=True)
class PersonColumn:
    """One column of a member's row."""

    head: str
    value: OfPerson | None = None


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


def _unable(home: Home) -> str:
    return yes(bool(home.persons) and all(each.labour in UNABLE for each in home.persons))


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
    Column("自然灾害子类"),
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
    *(Column(head) for head in ("耕地面积", "林地面积", "果园面积", "牧草地面积", "水面面积", "退耕还林面积")),
    *(Column(head) for head in ("住房面积", "住房结构", "住房鉴定等级", "是否危房", "是否饮水安全", "是否通生活用电")),
    *(Column(head) for head in ("是否有卫生厕所", "入户路类型", "与村主干路距离（公里）", "主要燃料类型", "机动车")),
    Column("易地搬迁安置点", lambda home: home.head.resettlement_site if home.head else ""),
    *(Column(head) for head in ("加入合作社情况", "企业带动情况")),
    Column("整户无劳动能力", _unable),
    Column("采集人", _collected(lambda each: each.step.actor or "")),
    Column("采集人电话"),
    Column("帮扶联系人", _contact(ContactKind.ASSISTANCE, "name")),
    Column("帮扶联系人电话", _contact(ContactKind.ASSISTANCE, "phone_masked")),
    Column("监测联系人", _contact(ContactKind.MONITORING, "name")),
    Column("监测联系人电话", _contact(ContactKind.MONITORING, "phone_masked")),
)
PERSON: tuple[PersonColumn, ...] = (
    PersonColumn("户编号", lambda home, person: home.case.household_id),
    PersonColumn("姓名", lambda home, person: person.name),
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
    PersonColumn("残疾类别和等级"),
    PersonColumn("劳动技能", lambda home, person: person.labour),
    *(PersonColumn(head) for head in ("参加城乡居民医保", "参加职工医保", "参加大病保险", "参加养老保险")),
    *(PersonColumn(head) for head in ("是否享受低保", "是否特困供养", "务工地点", "务工时间（月）", "务工月工资")),
    *(PersonColumn(head) for head in ("务工单位", "务工行业", "就业渠道", "公益性岗位", "雨露计划")),
)


def heads_of_households() -> list[str]:
    return [each.head for each in HOUSEHOLD]


def heads_of_persons() -> list[str]:
    return [each.head for each in PERSON]


def row_of(home: Home) -> list[str]:
    return [each.value(home) if each.value else "" for each in HOUSEHOLD]


def rows_of_persons(home: Home) -> Iterator[list[str]]:
    for person in home.persons:
        yield [each.value(home, person) if each.value else "" for each in PERSON]


def homes(cases: QuerySet[Case], on: date, identities: bool) -> Iterator[Home]:
    """The households of cases as of a day, five hundred at once: whoever belonged to them on that day, and what the village
    had collected by then. Other values are those that the register has now."""
    waiting = cases.iterator(AT_ONCE)
    names = dict(Area.objects.filter(level__lt=Area.VILLAGE).values_list("code", "name"))
    while some := list(islice(waiting, AT_ONCE)):
        yield from _homes(some, on, identities, names)


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
    for case in some:
        code = case.area_id
        own = persons.get(case.household_id, [])
        yield Home(
            case,
            on,
            [names.get(code[:digits].ljust(12, "0"), "") for digits in (2, 6, 9)] + [case.area.name],
            own,
            {each.key: _opened(each, identities) for each in own},
            collections.get(case.pk),
            {str(each.kind): each for each in contacts.get(case.pk, [])},
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

"""A monitored household as departments deliver it: everything in order, and ways to let one thing after the other go wrong."""

from collections.abc import Callable
from datetime import date
from typing import Any

from assisting import bare_measure, bare_plan, included_case
from desks import VILLAGE

from conftest_numbers import number
from shouwang.cases.models import Case
from shouwang.households.models import Household
from shouwang.jobs.elimination import assessment_of
from shouwang.jobs.register import load_register
from shouwang.kernel.home import Home

ON = date(2022, 3, 10)
INCLUDED = date(2021, 7, 1)
HEADER = "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,出生日期,失学原因,健康状况,劳动技能"
INCOME = "户编号,统计期起,统计期止,工资性收入,生产经营性收入,财产性收入,转移性收入,生产经营性支出,理赔收入,合规自付支出"
Send = Callable[..., Any]


def member(
    serial: int,
    relation: str = "户主",
    name: str = "冉大田",
    labour: str = "普通劳动力",
    household: str = "H9",
    born: str = "1980-01-01",
) -> str:
    own = number(serial, born.replace("-", ""))
    return f"{household},{VILLAGE},一般农户,{name},{own},{relation},{born},,健康,{labour}"


def income(wage: int, ends: str = "2022-02-28", begins: str = "2021-03-01", household: str = "H9") -> str:
    return f"{household},{begins},{ends},{wage},0,0,0,0,0,0"


def insured(serial: int, name: str = "冉大田", born: str = "19800101", year: int = 2022) -> str:
    return f"{number(serial, born)},{name},{year},居民,正常"


class Monitored:
    """One household of three in the village: parents able to work, a child at school; monitored for illness."""

    def __init__(self, home: Home, send: Send) -> None:
        self.home, self._send = home, send

    def begin(self) -> None:
        """Everything is delivered, and the household included."""
        self.deliver("household_register", HEADER, *self.members(), on="2021-01-05")
        self.deliver("income_statement", INCOME, income(30000))
        self.deliver("medical_enrolment", "证件号码,姓名,参保年度,险种,参保状态", *self.everybody_insured())
        self.at_school()
        load_register(self.home)
        self.include()

    @property
    def household(self) -> Household:
        return Household.objects.get(pk="H9")

    @property
    def case(self) -> Case:
        return Case.objects.get(household="H9")

    def deliver(self, source: str, header: str, *lines: str, on: str = "2022-03-01") -> None:
        report = self._send(source, [header, *lines], on)
        assert report.accepted + report.duplicate == len(lines), report
        if source in ("household_register", "vital_event"):
            load_register(self.home)

    def members(self, labour: str = "普通劳动力") -> list[str]:
        return [
            member(1, labour=labour),
            member(2, "配偶", "覃小河", labour),
            member(3, "子", "冉小山", "无劳动力", born="2010-05-01"),
        ]

    def everybody_insured(self) -> list[str]:
        return [insured(1), insured(2, "覃小河"), insured(3, "冉小山", "20100501")]

    def at_school(self, status: str = "在校", on: str = "2022-02-20", received: str = "2022-03-01") -> None:
        line = f"{number(3, '20100501')},冉小山,村小学,小学,{status},{on},0"
        self.deliver("school_roll", "证件号码,姓名,学校,学段,学籍状态,状态日期,本学年自付费用", line, on=received)

    def include(self) -> None:
        case = included_case(self.household, INCLUDED, risks=["illness"], desk_id=VILLAGE)
        measure = bare_measure(bare_plan(case, INCLUDED), "delivered", INCLUDED)
        measure.delivered_on = INCLUDED
        measure.save()

    def states(self, on: date = ON) -> dict[str, str]:
        """By condition what it says."""
        found = assessment_of(self.home, self.case, on).found
        return {name: str(each.state) for name, each in found.items()}

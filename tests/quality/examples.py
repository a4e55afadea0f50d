"""For every rule on data quality a household in which it finds something, and one very like it in which it finds nothing."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from conftest_numbers import number, village

AS_OF_YEAR = 2021
HEADERS = {
    "household_register": "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,文化程度,在校生状况,失学原因,健康状况,劳动技能,联系电话",
    "income_statement": "户编号,统计期起,统计期止,工资性收入,转移性收入,合规自付支出,生产经营性收入",
    "medical_enrolment": "证件号码,姓名,参保年度,险种,参保状态",
    "disability_certificate": "证件号码,姓名,残疾类别,残疾等级,发证日期,证件状态",
    "school_roll": "证件号码,姓名,学段,学籍状态,状态日期",
    "employment_record": "证件号码,姓名,单位,入职日期,离职日期",
    "social_assistance": "证件号码,姓名,救助类别,起始日期,终止日期,金额",
    "housing_appraisal": "户主证件号码,户主姓名,鉴定等级,鉴定日期,整治完成日期",
    "water_fault": "行政区划代码,户主证件号码,故障日期,恢复日期",
}
_serials = itertools.count(1)


@dataclass
class Someone:
    """A member; by default a healthy insured adult. `rows` are of further sources, without number and name."""

    relation: str = "户主"
    born: str = "19800101"
    education: str = ""
    school_status: str = ""
    dropout_reason: str = ""
    health: str = "健康"
    labour: str = "普通劳动力"
    insured: tuple[str, ...] = ("居民",)
    former_name: str = ""
    phone: str = "13800000001"
    rows: dict[str, str] = field(default_factory=dict)
    serial: int = field(default_factory=lambda: next(_serials))

    @property
    def number(self) -> str:
        return number(self.serial % 1000, self.born)

    @property
    def name(self) -> str:
        return f"彭{'甲乙丙丁戊己庚辛壬癸'[self.serial % 10]}{'山水田林路桥村院'[self.serial % 8]}"


@dataclass
class Example:
    """A household and whether a rule finds fault with it. `risks`: of its case, as the desk writes them; None: no case.
    `end` is when its statement of income ends; `help` since when measures of a kind run; `unhelped_since` when it was included
    that has no measure after its time; `explained_on` when it was decided that it is not to be monitored."""

    rule: str
    found: bool
    members: list[Someone]
    kind: str = "一般农户"
    income: tuple[str, str, str] | None = ("40000", "1000", "500")
    risks: tuple[str, ...] | None = None
    eliminated: bool = False
    facts: dict[str, float] = field(default_factory=dict)
    help: dict[str, date] = field(default_factory=dict)
    business: str = "0"
    unhelped_since: date | None = None
    explained_on: date | None = None
    number: str = ""

    def rows(self) -> Iterator[tuple[str, str]]:
        """Rows by source."""
        for each in self.members:
            names = [each.former_name] * bool(each.former_name) + [each.name]
            for place, name in enumerate(names):
                household = self.number if place == len(names) - 1 else f"{self.number}A"
                yield (
                    "household_register",
                    f"{household},{village()},{self.kind},{name},{each.number},{each.relation},{each.education},"
                    f"{each.school_status},{each.dropout_reason},{each.health},{each.labour},{each.phone}",
                )
            for scheme in each.insured:
                yield "medical_enrolment", f"{each.number},{each.name},{AS_OF_YEAR},{scheme},正常"
            for source, cells in each.rows.items():
                who = f"{village()},{each.number}" if source == "water_fault" else f"{each.number},{each.name}"
                yield source, f"{who},{cells}"
        if self.income:
            yield "income_statement", f"{self.number},2020-06-01,2021-05-31,{','.join(self.income)},{self.business}"


def child(born: str = "20110501", **named: object) -> Someone:
    return Someone(relation="子", born=born, **{"labour": "无劳动力", "school_status": "义务教育在校"} | named)  # type: ignore[arg-type]


def pair(rule: str, wrong: Example, right: Example) -> Iterator[Example]:
    for found, example in ((True, wrong), (False, right)):
        example.rule, example.found = rule, found
        yield example


def one(*members: Someone, **named: object) -> Example:
    return Example("", False, list(members), **named)  # type: ignore[arg-type]


CERTIFICATE = {"disability_certificate": "肢体,一级,2020-03-01,有效"}
HELP = {"social_assistance": "农村低保,2020-01-01,,300"}
JOB = {"employment_record": "某某鞋厂,2020-03-01,"}
DANGER = {"housing_appraisal": "C,2021-03-01,"}
MENDED = {"housing_appraisal": "C,2021-03-01,2021-05-01"}
DRY = {"water_fault": "2021-05-01,"}
OUT = {"school_roll": "小学,辍学,2021-03-01"}
IN = {"school_roll": "小学,在校,2021-03-01"}


def _pairs() -> Iterable[Iterator[Example]]:
    ill, idle = Someone(health="患有大病"), Someone(labour="丧失劳动力", health="患有大病")
    yield pair("identity.two_names", one(Someone(former_name="彭老三")), one(Someone()))
    yield pair("contact.phone_digits", one(Someone(phone="1380000000")), one(Someone(phone="138-0000-0001")))
    yield pair("contact.phone_digits", one(Someone(phone="不详")), one(Someone(phone="")))
    yield pair("household.head", one(Someone(), Someone()), one(Someone(), Someone("配偶")))
    yield pair(
        "school.out_without_reason",
        one(Someone(), child(rows=OUT)),
        one(Someone(), child(rows=OUT, dropout_reason="因病")),
    )
    yield pair(
        "school.out_without_reason",
        one(Someone(), child(school_status="失学")),
        one(Someone(), child("20160501", school_status="")),
    )
    yield pair("school.both_filled", one(Someone(), child(education="小学")), one(Someone(education="初中"), child()))
    yield pair("insurance.both", one(Someone(insured=("居民", "职工"))), one(Someone(insured=("职工",))))
    yield pair("insurance.none", one(Someone(insured=())), one(Someone()))
    yield pair(
        "disability.without_certificate", one(Someone(health="残疾")), one(Someone(health="残疾", rows=CERTIFICATE))
    )
    yield pair(
        "disability.severe_yet_able",
        one(Someone(health="残疾", rows=CERTIFICATE)),
        one(Someone(health="残疾", labour="无劳动力", rows=CERTIFICATE)),
    )
    yield pair(
        "labour.child_working", one(Someone(), child("20060801", rows=JOB)), one(Someone(), child("20050601", rows=JOB))
    )
    yield pair("labour.child_able", one(Someone(), child(labour="普通劳动力")), one(Someone(), child()))
    yield pair(
        "labour.healthy_without", one(Someone(labour="无劳动力")), one(Someone(labour="无劳动力", born="19500101"))
    )
    yield pair(
        "labour.healthy_without",
        one(Someone(), Someone("子", "20020101", labour="弱劳动力或半劳动力")),
        one(Someone(), Someone("子", "20020101", labour="无劳动力", school_status="高中阶段在校")),
    )
    yield pair(
        "income.lifted_below_line",
        one(Someone(), Someone("配偶"), kind="脱贫户", income=("11000", "999", "0")),
        one(Someone(), Someone("配偶"), kind="脱贫户", income=("11000", "1000", "0")),
    )
    yield pair(
        "income.lifted_below_line",
        one(Someone(), kind="脱贫户", income=("100", "0", "0")),
        one(Someone(), kind="脱贫户", income=("100", "0", "0"), risks=("other",)),
    )
    below = {"kind": "脱贫户", "income": ("100", "0", "0")}
    yield pair(
        "income.lifted_below_line",
        one(Someone(), explained_on=date(2021, 5, 31), **below),
        one(Someone(), explained_on=date(2021, 6, 1), **below),
    )
    yield pair(
        "monitored.without_help",
        one(Someone(), risks=("other",), unhelped_since=date(2021, 5, 1)),
        one(Someone(), risks=("other",)),
    )
    yield pair(
        "income.aid_without_transfer",
        one(Someone(rows=HELP), income=("20000", "0", "0")),
        one(Someone(rows=HELP), income=("20000", "3600", "0")),
    )
    yield pair(
        "income.work_without_wage",
        one(Someone(rows=JOB), income=("0", "9000", "0")),
        one(Someone(rows={"employment_record": "某某鞋厂,2021-03-01,"}), income=("0", "9000", "0")),
    )
    yield pair(
        "income.industry_help_without_business",
        one(Someone(), help={"industry": date(2020, 6, 1)}),
        one(Someone(), help={"industry": date(2020, 6, 1)}, business="1"),
    )
    yield pair(
        "income.industry_help_without_business",
        one(Someone(), help={"industry": date(2020, 1, 1), "employment": date(2020, 1, 1)}),
        one(Someone(), help={"industry": date(2020, 6, 2), "employment": date(2020, 1, 1)}),
    )
    yield pair(
        "income.employment_help_without_wage",
        one(Someone(), income=("0", "9000", "0"), help={"employment": date(2020, 6, 1)}, business="9000"),
        one(Someone(), income=("0", "9000", "0"), help={"industry": date(2020, 6, 1)}, business="9000"),
    )
    yield pair(
        "eliminated.unsolved",
        one(Someone(rows=DANGER), risks=("unsafe_housing",), eliminated=True),
        one(Someone(rows=MENDED), risks=("unsafe_housing",), eliminated=True),
    )
    yield pair(
        "eliminated.below_line",
        one(Someone(), income=("5999", "0", "0"), risks=("other",), eliminated=True),
        one(Someone(), income=("6000", "0", "0"), risks=("other",), eliminated=True),
    )
    yield pair(
        "monitored.housing_risk_missing",
        one(Someone(rows=DANGER), risks=("other",)),
        one(Someone(rows=DANGER), risks=("other", "unsafe_housing")),
    )
    yield pair(
        "monitored.water_risk_missing",
        one(Someone(rows=DRY), risks=("other",)),
        one(Someone(rows=DRY), risks=("unsafe_water",)),
    )
    yield pair(
        "monitored.schooling_risk_missing",
        one(Someone(), child(rows=OUT, dropout_reason="厌学"), risks=("other",)),
        one(Someone(), child(rows=IN), risks=("other",)),
    )
    yield pair("monitored.illness_nobody_ill", one(Someone(), risks=("illness",)), one(ill, risks=("illness",)))
    yield pair(
        "monitored.illness_without_spending",
        one(Someone(health="患有大病"), income=("40000", "0", "0"), risks=("illness",)),
        one(Someone(health="患有大病"), income=("40000", "0", "1"), risks=("illness",)),
    )
    weak = {"labour": "无劳动力", "health": "长期慢性病"}
    yield pair(
        "monitored.enough_labour",
        one(Someone(), Someone("父母", **weak), Someone("父母", **weak), risks=("labour_shortage",)),  # type: ignore[arg-type]
        one(Someone(), Someone("配偶"), Someone("父母", **weak), Someone("父母", **weak), risks=("labour_shortage",)),  # type: ignore[arg-type]
    )
    yield pair(
        "monitored.employment_without_labour",
        one(idle, risks=("unstable_employment",)),
        one(Someone(), risks=("unstable_employment",)),
    )
    yield pair("land.too_much", one(Someone(), facts={"farmland": 201}), one(Someone(), facts={"farmland": 200}))
    yield pair(
        "land.too_much", one(Someone(), facts={"farmland": 2, "forest": 201}), one(Someone(), facts={"orchard": 9})
    )
    yield pair("road.too_far", one(Someone(), facts={"road_distance": 5.5}), one(Someone(), facts={"road_distance": 5}))


def examples() -> list[Example]:
    """All of them, each in a household of its own."""
    found = [example for several in _pairs() for example in several]
    for place, example in enumerate(found, start=1):
        example.number = f"LI{place:03}"
    return found

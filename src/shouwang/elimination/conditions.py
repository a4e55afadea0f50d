"""What must be so before anybody may propose that a household's risk has ended (DOMAIN B7), each condition declared once.

A condition looks at what is known of a household on a day and says met, unmet or not known, in words, with the rows it rests
on. Unmet ends it; what is not known the household visit may settle where the condition says so, and nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwang.cases.models import EliminationMode
from shouwang.elimination import checks
from shouwang.elimination.knowledge import Found, Known, State
from shouwang.elimination.models import NaturalGround

Confidence = Literal["H", "M-H", "M", "derived"]
ASSISTED = (EliminationMode.ASSISTED,)


@dataclass(frozen=True)
class Condition:
    """`settled_by_visit`: where it is not known from data, what the village sees at the household decides it."""

    name: str
    title: Promise
    modes: tuple[EliminationMode, ...]
    facts: tuple[str, ...]
    check: Callable[[Known], Found]
    confidence: Confidence
    note: Promise
    settled_by_visit: bool = False


CONDITIONS: tuple[Condition, ...] = (
    Condition(
        "nobody_left",
        _("整户死亡、迁出或并入他户"),
        (EliminationMode.NATURAL,),
        ("members",),
        checks.nobody_left,
        "H",
        _("依据人口变动和农户名册，不凭口头"),
    ),
    Condition(
        "labour",
        _("不是整户无劳动能力"),
        ASSISTED,
        ("members", "members_with_some_labour"),
        checks.labour,
        "H",
        _("整户无劳动能力的，落实兜底保障后不标注消除，一直跟踪"),
    ),
    Condition(
        "duration",
        _("识别已满半年"),
        ASSISTED,
        (),
        checks.duration,
        "M-H",
        _("“原则上不低于半年”；天数见政策参数，回退的从回退之日算起"),
    ),
    Condition(
        "income",
        _("收入高于当年监测线"),
        ASSISTED,
        ("members", "net_income"),
        checks.income,
        "H",
        _("按核查当日的监测线，不按识别时的"),
        settled_by_visit=True,
    ),
    Condition(
        "stable_income",
        _("收入稳定"),
        ASSISTED,
        ("members", "lowest_recent_net_income"),
        checks.stable_income,
        "M",
        _("近半年各张收入采集表都高于监测线；怎样算稳定文件没有写明"),
        settled_by_visit=True,
    ),
    Condition(
        "schooling",
        _("义务教育有保障"),
        ASSISTED,
        ("dropout_children", "children_not_on_roll"),
        checks.schooling,
        "H",
        _("没有失学辍学"),
        settled_by_visit=True,
    ),
    Condition(
        "insurance",
        _("基本医疗有保障"),
        ASSISTED,
        ("members_without_insurance", "county_enrolment_delivered"),
        checks.insurance,
        "H",
        _("成员当年都已参保"),
        settled_by_visit=True,
    ),
    Condition(
        "housing",
        _("住房安全有保障"),
        ASSISTED,
        ("unsafe_houses",),
        checks.housing,
        "H",
        _("没有C级、D级危房"),
    ),
    Condition(
        "water",
        _("饮水安全有保障"),
        ASSISTED,
        ("open_water_faults",),
        checks.water,
        "H",
        _("没有未恢复的供水故障，不论长短"),
    ),
    Condition(
        "spending",
        _("大额刚性支出稳定解决"),
        ASSISTED,
        ("medical_out_of_pocket", "beyond_compulsory_self_paid"),
        checks.spending,
        "M",
        _("数额文件没有写明，沿用部门筛查的预警标准"),
    ),
    Condition(
        "recorded_risks",
        _("识别的风险稳定消除"),
        ASSISTED,
        (),
        checks.recorded_risks,
        "H",
        _("按同一套筛查规则，核查当日不再预警"),
    ),
    Condition(
        "new_risks",
        _("没有新增风险"),
        ASSISTED,
        (),
        checks.new_risks,
        "H",
        _("没有未办结的线索，其他规则也不预警"),
    ),
    Condition(
        "measures",
        _("帮扶措施已落实"),
        ASSISTED,
        (),
        checks.measures,
        "derived",
        _("帮扶消除至少有一项已落实的措施"),
    ),
)
TITLE_OF: Mapping[str, Promise] = {each.name: each.title for each in CONDITIONS}
FACTS: tuple[str, ...] = tuple(dict.fromkeys(name for condition in CONDITIONS for name in condition.facts))


@dataclass(frozen=True)
class Assessment:
    """The conditions of one mode for one household on a day, in their order."""

    household_no: str
    on: date
    mode: EliminationMode
    ground: NaturalGround | None
    found: Mapping[str, Found]

    def of(self, state: State) -> list[Condition]:
        return [each for each in CONDITIONS if each.name in self.found and self.found[each.name].state == state]

    @property
    def to_settle(self) -> list[Condition]:
        """What the visit has to settle."""
        return [each for each in self.of(State.UNKNOWN) if each.settled_by_visit]

    @property
    def blocking(self) -> list[Condition]:
        """What must change before anybody may propose."""
        return self.of(State.UNMET) + [each for each in self.of(State.UNKNOWN) if not each.settled_by_visit]

    @property
    def no_labour(self) -> bool:
        """整户无劳动能力兜底保障户: never eliminated, always watched."""
        return "labour" in self.found and self.found["labour"].state == State.UNMET

    def as_json(self) -> list[dict[str, Any]]:
        return [
            {
                "name": each.name,
                "title": str(each.title),
                "state": str(self.found[each.name].state),
                "words": self.found[each.name].words,
                "rows": [vars(row) for row in self.found[each.name].rows],
            }
            for each in CONDITIONS
            if each.name in self.found
        ]


def assess(known: Known) -> Assessment:
    """Checks every condition of the mode that the household can go by: natural where nobody is left, assisted otherwise."""
    mode = EliminationMode.NATURAL if known.ground else EliminationMode.ASSISTED
    found = {each.name: each.check(known) for each in CONDITIONS if mode in each.modes}
    return Assessment(known.household_no, known.on, mode, known.ground, found)

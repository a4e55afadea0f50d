"""Every statistic of the desk. A new one is one more entry here: it is filled, summed up and shown by itself."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext_lazy as _

from shouwang.assistance.flow import NEEDS, PLANS, TASKS
from shouwang.assistance.models import Measure, NeedStep, PlanAction, PlanStep, TaskStep
from shouwang.assistance.reading import active_on
from shouwang.cases.flow import CASES
from shouwang.cases.models import Case, CaseStep
from shouwang.cases.reading import FIRST_CLUE
from shouwang.clues.flow import CLUES
from shouwang.clues.models import Clue, ClueStep, Stage
from shouwang.declarations.flow import DECLARATIONS
from shouwang.declarations.models import DeclarationStep
from shouwang.elimination.flow import ELIMINATIONS
from shouwang.elimination.models import Elimination, EliminationStep
from shouwang.registration.flow import REQUESTS
from shouwang.registration.models import RegisterRequestStep
from shouwang.statistics.declaration import Additive, Ratio, Span, Statistic
from shouwang.statistics.models import Cut
from shouwang.statistics.on_time import PROCEDURE, Steps, steps_on_time

THE_PLAN = "渝府办发〔2021〕149号 第五章"
ONE_CLUE, ONE_HOUSEHOLD = _("条"), _("户")
CLUE_GROUP, CASE_GROUP, HELP_GROUP, END_GROUP = "clues", "cases", "assistance", "elimination"
TASK_GROUP, NEED_GROUP, REPORT_GROUP, REGISTER_GROUP = "tasks", "needs", "declarations", "registration"
GROUPS: Mapping[str, Any] = {
    CLUE_GROUP: _("线索"),
    CASE_GROUP: _("监测对象识别"),
    HELP_GROUP: _("帮扶"),
    TASK_GROUP: _("部门任务"),
    NEED_GROUP: _("社会帮扶"),
    END_GROUP: _("风险消除"),
    REPORT_GROUP: _("农户自主申报"),
    REGISTER_GROUP: _("名册变更"),
}


def departments_of(owners: str) -> Sequence[str]:
    """The departments of a clue, which are written |医保|民政|."""
    return [each for each in owners.split("|") if each]


def rules_of(rules: Any) -> Sequence[str]:
    return list(dict.fromkeys(rules))


def _clue_cuts(path: str = "") -> dict[str, Any]:
    return {
        "cuts": {Cut.RISK: f"{path}risk_type", Cut.CHANNEL: f"{path}sources__channel"},
        "several": {Cut.DEPARTMENT: (f"{path}owners", departments_of), Cut.RULE: (f"{path}rules", rules_of)},
    }


def _case_cuts(path: str = "") -> dict[Cut, Any]:
    """By the main risk, the type, and the channels of the clues on which the case rests."""
    return {
        Cut.RISK: KeyTextTransform("0", F(f"{path}risks") if path else "risks"),
        Cut.TYPE: f"{path}monitor_type",
        Cut.CHANNEL: f"{path}clues__clue__sources__channel",
    }


def _decided(states: Sequence[str]) -> Callable[[date], QuerySet[Any]]:
    return lambda on: ClueStep.objects.filter(stage_to=Stage.CLOSED, clue__state__in=states)


FOUND = Additive(
    "clues.found", CLUE_GROUP, _("新发现线索"), ONE_CLUE, _("当月首次发现的线索，不论从哪个渠道来"), THE_PLAN,
    lambda on: Clue.objects.all(), "opened_on", **_clue_cuts(),
)  # fmt: skip
DECIDED = Additive(
    "clues.decided", CLUE_GROUP, _("核实办结线索"), ONE_CLUE, _("当月办结的线索：核实属实的和排除的"), THE_PLAN,
    _decided([Clue.State.CONFIRMED, Clue.State.MONITORED, Clue.State.DISMISSED]), "on", "clue__area",
    **_clue_cuts("clue__"),
)  # fmt: skip
CONFIRMED = Additive(
    "clues.confirmed", CLUE_GROUP, _("核实属实线索"), ONE_CLUE, _("当月办结、核实属实的线索"), THE_PLAN,
    _decided([Clue.State.CONFIRMED, Clue.State.MONITORED]), "on", "clue__area", **_clue_cuts("clue__"),
)  # fmt: skip
PRECISION = Ratio(
    "clues.precision", CLUE_GROUP, _("线索属实率"), CONFIRMED, DECIDED,
    _("当月办结的线索中核实属实的占多少；越低，说明误报越多"), THE_PLAN,
)  # fmt: skip

OPENED = Additive(
    "cases.opened", CASE_GROUP, _("新立案"), ONE_HOUSEHOLD, _("当月由核实属实的线索立案识别的户"), THE_PLAN,
    lambda on: Case.objects.all(), "opened_on", cuts=_case_cuts(),
)  # fmt: skip
INCLUDED = Additive(
    "cases.included", CASE_GROUP, _("新纳入监测对象"), ONE_HOUSEHOLD, _("当月公告、纳入监测的户"), THE_PLAN,
    lambda on: Case.objects.filter(included_on__isnull=False), "included_on", cuts=_case_cuts(),
)  # fmt: skip
REFUSED = Additive(
    "cases.refused", CASE_GROUP, _("不予纳入"), ONE_HOUSEHOLD, _("当月决定不予纳入的户，申请复查的不算"), THE_PLAN,
    lambda on: Case.objects.filter(refused_on__isnull=False), "refused_on", cuts=_case_cuts(),
)  # fmt: skip


def monitored_on(on: date) -> QuerySet[Case]:
    """The households that are monitored at the end of a day: included by then, and the risk not ended by then."""
    standing = Q(rolled_back_on__isnull=True) | Q(rolled_back_on__gt=on)
    ended = Elimination.objects.filter(standing, case=OuterRef("pk"), eliminated_on__lte=on)
    return Case.objects.filter(included_on__lte=on).exclude(Exists(ended))


def helped_on(on: date) -> QuerySet[Case]:
    """Those of them for whom a measure is active at the end of the day."""
    return monitored_on(on).filter(Exists(Measure.objects.filter(active_on(on), plan__case=OuterRef("pk"))))


MONITORED = Additive(
    "cases.monitored", CASE_GROUP, _("在册监测对象"), ONE_HOUSEHOLD,
    _("月末（当月到统计日）已纳入监测、风险没有消除的户"), THE_PLAN, monitored_on, stock=True, cuts=_case_cuts(),
)  # fmt: skip
HELPED = Additive(
    "assistance.helped", HELP_GROUP, _("有帮扶措施的监测对象"), ONE_HOUSEHOLD,
    _("月末（当月到统计日）的监测对象中，至少有一项帮扶措施在实施的户"), THE_PLAN, helped_on, stock=True, cuts=_case_cuts(),
)  # fmt: skip
_FIRST_HELP = Min("plans__first_helped_on")


def _included(on: date) -> QuerySet[Case]:
    return Case.objects.filter(included_on__lte=on, clues__isnull=False)


IN_FIFTEEN = Additive(
    "cases.in_time", CASE_GROUP, _("按时完成识别"), ONE_HOUSEHOLD,
    _("当月纳入的户中，从最早一条线索到公告没有超过识别总时限的"), f"{PROCEDURE} recognition", _included, "included_on",
    cuts=_case_cuts(), span=Span("recognition", FIRST_CLUE, F("included_on")),
)  # fmt: skip
RECOGNISED = Additive(
    "cases.judged", CASE_GROUP, _("完成识别"), ONE_HOUSEHOLD, _("当月由线索立案、公告纳入的户"), PROCEDURE, _included,
    "included_on", cuts=_case_cuts(), span=Span("recognition", FIRST_CLUE, F("included_on"), or_due=True),
)  # fmt: skip
RECOGNITION_RATE = Ratio(
    "cases.timely", CASE_GROUP, _("识别按时率"), IN_FIFTEEN, RECOGNISED,
    _("完成识别的户中，从最早一条线索到公告没有超过识别总时限的占多少"), PROCEDURE,
)  # fmt: skip
HELP_IN_TIME = Additive(
    "assistance.in_time", HELP_GROUP, _("按时得到帮扶"), ONE_HOUSEHOLD,
    _("当月纳入的户中，从最早一条线索到第一项措施开始没有超过时限的"), PROCEDURE, _included, "included_on",
    cuts=_case_cuts(), span=Span("first_help", FIRST_CLUE, _FIRST_HELP),
)  # fmt: skip
HELP_DUE = Additive(
    "assistance.due", HELP_GROUP, _("应当已得到帮扶"), ONE_HOUSEHOLD,
    _("当月纳入的户中，已得到帮扶的和时限已过还没有得到的；时限没有到的不算"), PROCEDURE, _included, "included_on",
    cuts=_case_cuts(), span=Span("first_help", FIRST_CLUE, _FIRST_HELP, or_due=True),
)  # fmt: skip
HELP_RATE = Ratio(
    "assistance.timely", HELP_GROUP, _("帮扶及时率"), HELP_IN_TIME, HELP_DUE,
    _("应当已得到帮扶的户中，从最早一条线索到第一项措施开始没有超过时限的占多少"), PROCEDURE,
)  # fmt: skip
ASSIST_RATE = Ratio(
    "assistance.rate", HELP_GROUP, _("监测对象帮扶率"), HELPED, MONITORED,
    _("监测对象中至少有一项帮扶措施在实施的占多少。约束性指标，应为 100%"),
    "渝府办发〔2021〕149号 专栏1 第11项", binding=100,
)  # fmt: skip

ELIMINATED = Additive(
    "elimination.eliminated", END_GROUP, _("风险消除"), ONE_HOUSEHOLD, _("当月公告消除风险的户，后来回退的也算"), THE_PLAN,
    lambda on: Elimination.objects.filter(eliminated_on__isnull=False), "eliminated_on", cuts=_case_cuts("case__"),
)  # fmt: skip
RELAPSED = Additive(
    "elimination.relapsed", END_GROUP, _("消除后回退"), ONE_HOUSEHOLD, _("当月审定回退的户，一户几次回退按几次算"), THE_PLAN,
    lambda on: Elimination.objects.filter(rolled_back_on__isnull=False), "rolled_back_on", cuts=_case_cuts("case__"),
)  # fmt: skip


_STEPS = steps_on_time(
    Steps(ClueStep, CLUES, "clue", CLUE_GROUP, "clue__area", {Cut.RISK: "clue__risk_type"}),
    Steps(CaseStep, CASES, "case", CASE_GROUP, "case__area", {Cut.TYPE: "case__monitor_type"}),
    Steps(PlanStep, PLANS, "plan", HELP_GROUP, "plan__area", {Cut.TYPE: "plan__case__monitor_type"},
          by_itself=(PlanAction.CLOSE,)),
    Steps(TaskStep, TASKS, "task", TASK_GROUP, "task__area", {Cut.DEPARTMENT: "task__department"}),
    Steps(NeedStep, NEEDS, "need", NEED_GROUP, "need__area"),
    Steps(EliminationStep, ELIMINATIONS, "elimination", END_GROUP, "elimination__area",
          {Cut.TYPE: "elimination__case__monitor_type"}),
    Steps(DeclarationStep, DECLARATIONS, "declaration", REPORT_GROUP, "declaration__area"),
    Steps(RegisterRequestStep, REQUESTS, "request", REGISTER_GROUP, "request__area"),
)  # fmt: skip
STATISTICS: Mapping[str, Statistic] = {
    each.code: each
    for each in (
        FOUND, DECIDED, CONFIRMED, PRECISION, OPENED, INCLUDED, REFUSED, IN_FIFTEEN, RECOGNISED, RECOGNITION_RATE,
        MONITORED, ASSIST_RATE, HELPED, HELP_IN_TIME, HELP_DUE, HELP_RATE, ELIMINATED, RELAPSED, *_STEPS,
    )
}  # fmt: skip
ADDITIVE = [each for each in STATISTICS.values() if isinstance(each, Additive)]

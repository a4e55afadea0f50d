"""How a report stands, in the words of whoever made it: from the desk over the clue to the case.

Results about a household are told to its own people alone (`Declaration.insider`); a neighbour learns that somebody has looked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.cases.models import Case
from shouwang.cases.models import Stage as CaseStage
from shouwang.clues.models import Channel, Clue
from shouwang.clues.models import Stage as ClueStage
from shouwang.declarations.models import Action, Declaration, Stage

AGAIN = "-2"  # what an appeal opened anew has the number of its declaration with this behind it


@dataclass(frozen=True)
class Told:
    """How a report stands: a sentence, what to expect, the reasons of a refusal, and whether there is one to appeal against;
    `final` is the answer to an appeal."""

    title: str
    words: str
    reasons: tuple[str, ...] = ()
    refused: bool = False
    good: bool = False
    final: bool = False


def clues_of(found: Declaration) -> QuerySet[Clue]:
    """The clues that hold a report, those that its appeal opened included."""
    references = [found.number, found.number + AGAIN]
    of_household = Clue.objects.filter(household=found.household_id)
    return of_household.filter(sources__channel=Channel.SELF_REPORT, sources__reference__in=references).order_by("pk")


_AT_DESK: Mapping[str, tuple[Any, Any]] = {
    Stage.UNVERIFIED: (
        gettext_lazy("还没有输入验证码"),
        gettext_lazy("输入手机收到的验证码，申报才算验证过。一天后仍未输入，乡镇会按未验证的申报核对。"),
    ),
    Stage.TOWNSHIP: (
        gettext_lazy("已经收到，等乡镇受理"),
        gettext_lazy("乡镇（街道）会核对是哪一户，再安排人上门。"),
    ),
    Stage.VILLAGE: (gettext_lazy("村里正在核对"), gettext_lazy("村里会核对是哪一户，可能打电话问您。")),
    Stage.CLOSING: (gettext_lazy("乡镇正在办理"), gettext_lazy("乡镇（街道）正在研究怎么答复您。")),
    Stage.APPEALED: (
        gettext_lazy("已经收到您的申诉"),
        gettext_lazy("乡镇（街道）会由另一位同志重新研究，再答复您。"),
    ),
}
_CLUE_WORDS: Mapping[str, Any] = {
    ClueStage.VILLAGE: gettext_lazy("村里会上门核实，至少两个人，请留人在家。"),
    ClueStage.TOWNSHIP_REVIEW: gettext_lazy("已经上门核实，乡镇（街道）正在审核。"),
    ClueStage.COUNTY_REVIEW: gettext_lazy("已经上门核实，区县正在复核。"),
}
_CASE_WORDS: Mapping[str, Any] = {
    CaseStage.COLLECTION: gettext_lazy("情况属实，村里会上门采集信息，请准备签承诺授权书。"),
    CaseStage.DELIBERATION: gettext_lazy("情况属实，等村里民主评议。"),
    CaseStage.PUBLICITY: gettext_lazy("民主评议已通过，正在村里公示。"),
    CaseStage.TOWNSHIP_AUDIT: gettext_lazy("正在等乡镇（街道）审核。"),
    CaseStage.COUNTY_APPROVAL: gettext_lazy("正在等区县审定。"),
    CaseStage.ANNOUNCEMENT: gettext_lazy("区县已经审定，等村里公告。"),
    CaseStage.REFUSAL_NOTICE: gettext_lazy("已经审核，村里会当面告诉您结果和理由。"),
}


def told_of(found: Declaration) -> Told:
    """How a report stands now."""
    if found.stage in _AT_DESK:
        return Told(*map(str, _AT_DESK[Stage(found.stage)]))
    if found.stage == Stage.CLOSED:
        return _final(
            found, Told(_("没有受理"), _("理由在下面。不同意可以申诉一次。"), (found.closed_reason,), refused=True)
        )
    clues = list(clues_of(found).select_related("household"))
    if not found.insider:
        done = all(clue.state != Clue.State.OPEN for clue in clues)
        where = _("已经有人上门看过") if done else _("已转给村里上门核实")
        return Told(where, _("为保护别人的隐私，核实的结果只告诉这一户自己。谢谢您的关心。"))
    return _final(found, _of_results(clues))


def _final(found: Declaration, told: Told) -> Told:
    """Where an appeal was decided, the answer stands."""
    if not told.refused or not hasattr(found, "appeal"):
        return told
    decided = found.steps.filter(action__in=[Action.UPHOLD, Action.REOPEN]).order_by("-number").first()
    upheld = decided is not None and decided.action == Action.UPHOLD
    reasons = (*told.reasons, decided.reason) if upheld and decided is not None else told.reasons
    return Told(told.title, _("您的申诉已经研究过，这是最后的答复。"), reasons, final=True)


def _of_results(clues: list[Clue]) -> Told:
    case = _case_of(clues)
    if case is not None and case.stage == CaseStage.REFUSED:
        return Told(_("没有纳入监测"), _("理由在下面。不同意可以申诉一次。"), (case.refusal,), refused=True)
    if case is not None and case.stage in _CASE_WORDS:
        title = _("有了结果") if case.stage == CaseStage.REFUSAL_NOTICE else _("核实属实，正在办理")
        return Told(title, str(_CASE_WORDS[CaseStage(case.stage)]))
    if case is not None and case.stage == CaseStage.ELIMINATED:
        return Told(_("风险已经消除"), _("以后还会跟踪回访，有新的困难随时再报。"), good=True)
    if case is not None:
        return Told(_("已纳入监测"), _("帮扶干部会联系您，有新的困难随时再报。"), good=True)
    standing = [clue for clue in clues if clue.state == Clue.State.OPEN]
    if standing:
        words = _CLUE_WORDS.get(standing[-1].stage, gettext_lazy("乡镇（街道）正在安排人上门核实。"))
        return Told(_("正在核实"), str(words))
    if any(clue.state != Clue.State.DISMISSED for clue in clues):
        return Told(_("核实属实"), _("正在为您家办理监测对象识别。"), good=True)
    reasons = tuple(dict.fromkeys(clue.dismissed_reason for clue in clues if clue.dismissed_reason))
    return Told(_("核实后没有列为风险"), _("理由在下面。不同意可以申诉一次。"), reasons, refused=True)


def _case_of(clues: list[Clue]) -> Case | None:
    """The latest case into which one of the clues went."""
    return Case.objects.filter(clues__clue__in=clues).order_by("-pk").first()

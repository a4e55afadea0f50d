"""What the end of a household's risk, and its return, are for its case; `elimination` has found that it may be so."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from shouwang.cases.models import MOST_RISKS, Action, Case, CaseStep, EliminationMode, Stage
from shouwang.cases.steps import Stepping
from shouwang.clues.models import RiskType
from shouwang.kernel.errors import InputError
from shouwang.proceedings.steps import NotOpen


def eliminate(case: Case, stepping: Stepping, mode: EliminationMode, reason: str) -> CaseStep:
    """The household is monitored no longer; its case stays and takes further clues.

    Raises:
        NotOpen: the household is not monitored.
    """
    if case.stage != Stage.INCLUDED:
        raise NotOpen(
            _("案件 {number} 现在“{stage}”，不能消除风险").format(number=case.number, stage=case.get_stage_display()),
            _("只有已纳入监测的农户才能消除风险"),
        )
    changes = {"eliminated_on": stepping.on, "elimination_mode": mode}
    step: CaseStep = stepping.take(
        case, Action.ELIMINATE, stage=Stage.ELIMINATED, desk=case.desk, reason=reason, changes=changes
    )
    return step


def roll_back(case: Case, stepping: Stepping, risks: Sequence[str], reason: str) -> CaseStep:
    """The household relapsed and is monitored again, for the risks of now, the main one first.

    Raises:
        NotOpen: no elimination stands.
        InputError: no risk, too many, or something that is none.
    """
    if case.stage != Stage.ELIMINATED:
        raise NotOpen(
            _("案件 {number} 现在“{stage}”，不能回退").format(number=case.number, stage=case.get_stage_display()),
            _("只有风险已消除的农户才能回退"),
        )
    named = list(dict.fromkeys(risks))
    if not 1 <= len(named) <= MOST_RISKS or set(named) - set(RiskType.values):
        raise InputError(
            _("请选择 1 到 {most} 项风险，第一项为主要风险").format(most=MOST_RISKS), _("按主次排列，不重复")
        )
    changes = {"eliminated_on": None, "elimination_mode": "", "rolled_back_on": stepping.on, "risks": named}
    step: CaseStep = stepping.take(
        case, Action.ROLL_BACK, stage=Stage.INCLUDED, desk=case.desk, reason=reason, changes=changes
    )
    return step

"""The doors through which pages reach cases: always by the user's scope. A department sees none."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Seen, scope_of
from shouwang.cases.flow import CASES, IN_HAND
from shouwang.cases.models import (
    Case,
    CasePhoto,
    CaseStep,
    Collection,
    Comparison,
    Deliberation,
    Notice,
    Objection,
    ObjectionAnswer,
    OnlineObjection,
    RefusalTold,
    Stage,
)
from shouwang.cases.objections import set_aside_against, waiting_against
from shouwang.clues.models import Action as ClueAction
from shouwang.clues.models import Clue
from shouwang.households.models import Household
from shouwang.questions import Blank, Question

# The day from which "from the first clue" counts: on which one came to a desk. A screening for an earlier day finds what
# nobody could know before.
FIRST_CLUE = Coalesce(Min("clues__clue__steps__on"), Min("clues__clue__opened_on"))


def cases_visible_to(user: User) -> QuerySet[Case]:
    """Cases within the user's area, or on a desk there."""
    scope, cases = scope_of(user, localdate()), Case.objects.select_related("household", "area", "desk")
    return scope.filter(cases, "area", "desk")


def case_visible_to(user: User, number: str) -> Case:
    """Raises Case.DoesNotExist outside the user's scope, as if there were none."""
    return _seen.get(user, number=number)


_seen = Seen(lambda user: cases_visible_to(user).filter(number=Blank("number")))


def case_about(user: User, clue: Clue) -> Case | None:
    """The first case about a clue; None where there is none that the user may see."""
    return next(iter(_about.ask(user, clue=clue.pk)), None)


_about = Seen(lambda user: cases_visible_to(user).filter(clues__clue=Blank("clue")).order_by("pk"))


@dataclass(frozen=True)
class Record:
    """All that was done about one case that the caller has found to be open to the user; each list the latest first, clues and
    objections the oldest."""

    clues: list[Clue]
    comparison: Comparison | None
    collection: Collection | None
    deliberation: Deliberation | None
    notices: list[Notice]
    waiting: list[OnlineObjection]
    set_aside: list[ObjectionAnswer]
    objections: list[Objection]
    refusals: list[RefusalTold]
    steps: list[CaseStep]

    @property
    def standing(self) -> Notice | None:
        """The publicity of the present round, as `publicity.standing_notice` finds it."""
        posted = (each for each in self.notices if each.kind == Notice.Kind.PUBLICITY)
        return next((each for each in posted if each.taken_down_on is None), None)


def clues_of(case: Case) -> list[Clue]:
    """The clues on which a case rests, the oldest first."""
    return _clues.ask(case=case.pk)


def record_of(case: Case) -> Record:
    """Asked in words that are composed once; what can only be there beside a notice is asked for beside one."""
    notices = _notices.ask(case=case.pk)
    return Record(
        clues=clues_of(case),
        comparison=_comparison.one(case=case.pk),
        collection=_collection.one(case=case.pk),
        deliberation=_deliberation.one(case=case.pk),
        notices=notices,
        waiting=_waiting.ask(case=case.pk) if notices else [],
        set_aside=_set_aside.ask(case=case.pk) if notices else [],
        objections=_objections.ask(case=case.pk) if notices else [],
        refusals=_refusals.ask(case=case.pk),
        steps=_steps.ask(case=case.pk),
    )


def _of_inclusion() -> QuerySet[Notice]:
    return Notice.objects.filter(case=Blank("case"), kind=Notice.Kind.PUBLICITY)


_clues = Question(lambda: Clue.objects.filter(case_clue__case=Blank("case")).order_by("pk"))
_comparison = Question(lambda: Comparison.objects.filter(case=Blank("case")).select_related("step")[:1])
_collection = Question(lambda: Collection.objects.filter(case=Blank("case")).prefetch_related("photos")[:1])
_deliberation = Question(lambda: Deliberation.objects.filter(case=Blank("case"))[:1])
_notices = Question(lambda: Notice.objects.filter(case=Blank("case")).prefetch_related("proofs__photos"))
_waiting = Question(lambda: waiting_against(_of_inclusion()))
_set_aside = Question(lambda: set_aside_against(_of_inclusion()))
_objections = Question(lambda: Objection.objects.filter(case=Blank("case")))
_refusals = Question(lambda: RefusalTold.objects.filter(case=Blank("case")))
_steps = Question(lambda: CaseStep.objects.filter(case=Blank("case")).select_related("actor").order_by("-number"))


def case_photo_visible_to(user: User, name: str) -> CasePhoto:
    """Raises CasePhoto.DoesNotExist for a photo of a case outside the user's scope."""
    seen = cases_visible_to(user).values("pk")
    return CasePhoto.objects.select_related("case").get(name=name, case__in=seen)


def notices_visible_to(user: User) -> QuerySet[Notice]:
    """Notices of the cases within the user's scope."""
    found = Notice.objects.select_related("case__area__parent", "case__household")
    return found.filter(case__in=cases_visible_to(user).values("pk"))


def notice_visible_to(user: User, pk: int) -> Notice:
    """Raises Notice.DoesNotExist outside the user's scope, as if there were none."""
    return notices_visible_to(user).get(pk=pk)


def cases_to_do(user: User, on: date) -> QuerySet[Case]:
    """What lies on the desks of somebody, and what is overdue below and has risen to them; soonest first."""
    found = Q(pk__in=[])
    for reach in scope_of(user, on).reaches:
        own = {move.stage for move in CASES.moves if move.stage in IN_HAND and move.open_to(reach, reach.area)}
        here = [stage for stage in own if CASES.level_of[stage] == reach.area.level]
        found |= Q(desk=reach.area, stage__in=here)
        if reach.may(Permission.DISPATCH):
            inside = reach.inside("desk_id")
            found |= inside & Q(stage__in=IN_HAND, raised_to__lte=reach.area.level, due_on__lt=on)
    return Case.objects.filter(found).select_related("household", "desk").order_by("due_on", "number")


def has_ended(household: Household, risk: str) -> bool:
    """Whether what once followed from the same question has ended, so that it is asked anew: the household was not included, or
    its risk was eliminated."""
    latest = Clue.objects.filter(household=household, risk_type=risk).order_by("-pk").first()
    case = Case.objects.filter(clues__clue=latest).order_by("-pk").first() if latest else None
    return case is not None and case.stage in (Stage.REFUSED, Stage.ELIMINATED)


def is_helped_first(clue: Clue) -> bool:
    """Whether help came first because of this very clue."""
    return clue.steps.filter(action=ClueAction.HELP_FIRST).exists()

"""What somebody finds in a home: every item of the checklist, and a clue for each trouble."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.audit.record import post_of, record
from shouwang.cases.reading import has_ended
from shouwang.clues.models import Channel, Clue
from shouwang.clues.reporting import take_report
from shouwang.kernel.checklist import Item
from shouwang.kernel.errors import InputError
from shouwang.proceedings.steps import NotOpen, words
from shouwang.sweeps.models import Stage, SweepRecord, SweepTask
from shouwang.sweeps.steps import Requirements

WELL, TROUBLE, KNOWN = "well", "trouble", "known"


@dataclass(frozen=True)
class Found:
    """What was found: by item whether there is trouble and what of it; `said` is what fits no item."""

    visited_on: date
    answers: Mapping[str, tuple[str, str]]
    said: str = ""


@transaction.atomic
def record_sweep(
    pk: int,
    found: Found,
    *,
    acting_user: User,
    requirements: Requirements,
    on: date,
    known: frozenset[str],
    key: str = "",
) -> SweepRecord:
    """Writes down what was found and opens or joins a clue for each kind of trouble; a correction is a further record.

    Args:
        known: the items of which the system knows already; they need no answer.

    Raises:
        NotOpen: the campaign does not run, or the acting user does not visit there.
        InputError: an item has no answer, a trouble no words, or the day is wrong.
    """
    task = SweepTask.objects.select_for_update().get(pk=pk)
    before = task.records.filter(key=key).first() if key else None
    if before is not None:
        return before
    campaign = task.campaign
    if campaign.stage != Stage.RUNNING:
        raise NotOpen(_("这次排查没有在进行"), _("请组织单位开始，或另行组织"))
    if not scope_of(acting_user, on).may(Permission.VERIFY, task.area_id):
        raise NotOpen(_("这一户不由您排查"), _("由所在村、驻村工作队、网格员或调查员入户"))
    if not campaign.starts_on <= found.visited_on <= on:
        raise InputError(_("排查日期须在开始之后、不晚于今天"), _("填写实际入户的日期"))
    answers = _checked(found, requirements.items, known)
    made: SweepRecord = SweepRecord.objects.create(
        task=task,
        number=task.records.count() + 1,
        actor=acting_user,
        post=post_of(acting_user),
        visited_on=found.visited_on,
        answers=answers,
        said=words(found.said, _("其他情况"), needed=False),
        key=key,
    )
    troubles = [item for item in requirements.items if answers[item.id]["answer"] == TROUBLE]
    outcome = SweepTask.Outcome.TROUBLE if troubles else SweepTask.Outcome.WELL
    SweepTask.objects.filter(pk=pk).update(outcome=outcome, done_on=found.visited_on)
    record(acting_user, "sweep_recorded", task.household, reference=campaign.number, state=str(outcome.label))
    _tell(made, task, troubles, acting_user, requirements, on)
    return made


def _checked(found: Found, items: tuple[Item, ...], known: frozenset[str]) -> dict[str, dict[str, str]]:
    answers = {}
    for item in items:
        answer, note = found.answers.get(item.id, ("", ""))
        if not answer and item.id in known:
            answer = KNOWN
        if answer not in (WELL, TROUBLE, *((KNOWN,) if item.id in known else ())):
            raise InputError(_("“{title}”还没有选").format(title=item.title), _("逐项看过后选“没有困难”或“有困难”"))
        said = words(note, _("“{title}”的困难").format(title=item.title), needed=answer == TROUBLE)
        answers[item.id] = {"answer": answer, "note": said}
    return answers


def _tell(
    made: SweepRecord,
    task: SweepTask,
    troubles: list[Item],
    acting_user: User,
    requirements: Requirements,
    on: date,
) -> None:
    by_risk: dict[str, list[str]] = {}
    for item in troubles:
        by_risk.setdefault(item.risk, []).append(f"{item.title}：{made.answers[item.id]['note']}")
    for risk, texts in by_risk.items():
        take_report(
            task.household,
            risk,
            channel=Channel.SWEEP,
            reference=f"{task.campaign.number}-{task.pk}-{made.number}",
            text="；".join(texts)[:1000],
            requirements=requirements.clues,
            on=on,
            acting_user=acting_user,
            afresh=has_ended(task.household, risk),
        )


def clues_of(task: SweepTask) -> list[Clue]:
    """The clues that hold what was found in a home."""
    prefix = f"{task.campaign.number}-{task.pk}-"
    found: Any = Clue.objects.filter(sources__channel=Channel.SWEEP, sources__reference__startswith=prefix)
    return list(found.distinct().order_by("pk"))

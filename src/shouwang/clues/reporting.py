"""农户自主申报 and 基层干部排查 come into the same register as what screening finds: one clue for one question, whoever asks it.

The only way in for a report. It joins the open clue of its household and risk type, or opens one on the township's desk; where
the question was found true already it becomes a note beside a source. It is never dropped.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.accounts.models import User
from shouwang.audit.record import in_the_language_of_record, record
from shouwang.clues.flow import STAGE_AT
from shouwang.clues.models import Action, Channel, Clue, ClueSource, MonitoringNote, RiskType, Stage
from shouwang.clues.requirements import Requirements
from shouwang.clues.rising import first_desk
from shouwang.clues.steps import Stepping, words
from shouwang.households.models import Household
from shouwang.kernel.errors import InputError
from shouwang.proceedings.desks import line_of

# As long as these stand, what departments said of the household counts for the level of a report.
STANDING = (Clue.State.OPEN, Clue.State.CONFIRMED, Clue.State.MONITORED)


@transaction.atomic
def take_report(
    household: Household,
    risk_type: str,
    *,
    channel: Channel,
    reference: str,
    text: str,
    requirements: Requirements,
    on: date,
    acting_user: User | None,
    afresh: bool = False,
) -> Clue:
    """Enters what a household or a cadre reported into the register of clues; taken again it changes nothing.

    Args:
        channel: self_report or sweep.
        reference: the number of the declaration or of the sweep's task; one reference is one report for a risk type.
        text: what was said; identity numbers in it are masked.
        acting_user: who entered it; None where nobody of the offices did.
        afresh: opens a clue although the same question was found true before, because what followed from that has ended.

    Returns:
        The clue that holds the report: a new one, the open one that it joined, or the one that was found true before.

    Raises:
        InputError: there is no such risk type, no reference, or no text.
    """
    if channel == Channel.SCREENING or risk_type not in RiskType.values or not reference:
        raise InputError(_("申报或排查的线索须写明渠道、风险类型和来源编号"), _("补全后再提交"))
    said = words(text, _("反映的情况"))
    Household.objects.select_for_update().get(pk=household.pk)  # numbers of its clues are given one at a time
    asked_before = Clue.objects.select_for_update(of=("self",)).filter(household=household, risk_type=risk_type)
    taken = asked_before.filter(sources__channel=channel, sources__reference=reference).first()
    if taken is not None:
        return taken
    latest = asked_before.order_by("-pk").first()
    if latest is not None and latest.state == Clue.State.OPEN:
        clue = latest
        record(acting_user, "clue_reported", clue, **_told(channel, reference))
    elif latest is not None and latest.state in (Clue.State.CONFIRMED, Clue.State.MONITORED) and not afresh:
        clue = latest
        _note(clue, channel, reference, said, requirements, on)
        record(acting_user, "clue_reported", clue, **_told(channel, reference))
    else:
        clue = _open(household, risk_type, channel, said, latest, requirements, on)
        _bring_to_first_desk(clue, channel, reference, requirements, on, acting_user)
    ClueSource.objects.create(clue=clue, channel=channel, reference=reference, received_on=on, text=said)
    return clue


@in_the_language_of_record
def _told(channel: Channel, reference: str) -> dict[str, str]:
    return {"channel": str(channel.label), "reference": reference}


def _note(clue: Clue, channel: Channel, reference: str, said: str, requirements: Requirements, on: date) -> None:
    MonitoringNote.objects.create(
        clue=clue,
        channel=channel,
        reference=reference,
        as_of=on,
        level=_level(clue.household, clue.risk_type, requirements),
        reasons=said,
    )


@in_the_language_of_record
def _open(
    household: Household,
    risk_type: str,
    channel: Channel,
    said: str,
    earlier: Clue | None,
    requirements: Requirements,
    on: date,
) -> Clue:
    return Clue.objects.create(
        number=f"{household.pk}-{household.clues.count() + 1:02d}",
        household=household,
        area=household.area,
        risk_type=risk_type,
        level=_level(household, risk_type, requirements),
        stage=Stage.NEW,
        opened_on=on,
        last_seen_on=on,
        reasons=f"{channel.label}：{said}",
        earlier=earlier,
        version=0,
    )


def _bring_to_first_desk(
    clue: Clue, channel: Channel, reference: str, requirements: Requirements, on: date, acting_user: User | None
) -> None:
    desk = first_desk(line_of(clue.area, on), channel)
    stepping = Stepping(acting_user, requirements, on)
    stepping.take(clue, Action.ARRIVE, stage=STAGE_AT[desk.level], desk=desk, told=_told(channel, reference))
    stepping.finish()


def _level(household: Household, risk_type: str, requirements: Requirements) -> str:
    """By what departments said of the household so far; without it, by the report alone."""
    standing = household.clues.filter(state__in=STANDING)
    found = list(standing.values_list("risk_type", "rules", "evidence"))
    rules = {rule for _risk, names, _evidence in found for rule in names}
    risks = {risk for risk, _rules, _evidence in found} | {risk_type}
    facts = _facts(evidence for _risk, _rules, evidence in found)
    return requirements.grade(rules, {"members": household.member_count} | facts, len(risks))


def _facts(evidences: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {
        name: value
        for evidence in evidences
        for found in evidence.values()
        for name, value in found.get("facts", {}).items()
    }

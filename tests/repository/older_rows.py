"""Run by `test_older_rows.py` in a process of its own: brings an empty database up to rows of earlier versions, and then up to today.

Prints what became of the rows as JSON. The process is told of its database by SHOUWANG_DATABASE_URL.
"""

import json
import sys
from datetime import date
from typing import Any

import django
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

DAY, STEP_DAY, VILLAGE = date(2021, 5, 1), date(2021, 5, 4), "500101001001"
# The last of each app before the migration that moves rows.
BEFORE_STEPS_COUNT_DAYS = [("clues", "0003_saved_views")]
BEFORE_ANSWERS = [("cases", "0007_one_deliberation"), ("declarations", "0002_objections"), ("clues", "0006_sources")]


def models_at(targets: list[tuple[str, str]]) -> Any:
    """The models as they were when these were the last migrations; the database stands there now."""
    return MigrationExecutor(connection).migrate(targets).apps


def clues(old: Any) -> None:
    """One that was handled when steps did not say since when a clue lies where it is."""
    area = old.get_model("areas", "Area").objects.create(code=VILLAGE, name="村", level=4, scope=VILLAGE)
    household = old.get_model("households", "Household").objects.create(
        household_no="H1", area_id=area.pk, household_type="一般农户", head_name="冉大田", member_count=1, received_on=DAY,
        delivery=1, line=2,
    )  # fmt: skip
    clue = old.get_model("clues", "Clue").objects.create(
        number="H1-01", household_id=household.pk, area_id=area.pk, risk_type="illness", level="red", opened_on=DAY,
        last_seen_on=DAY, reasons="自付偏高", stage="village", version=2,
    )  # fmt: skip
    step, now = old.get_model("clues", "ClueStep").objects, timezone.now()
    step.create(
        clue_id=clue.pk, number=1, action="dispatch", at=now, on=STEP_DAY, stage_from="city", stage_to="village"
    )
    step.create(clue_id=clue.pk, number=2, action="visit", at=now, on=DAY, stage_from="village", stage_to="village")


def objections(old: Any) -> None:
    """From the public page: one that was taken up, one that was set aside, one that waits; and a declaration."""
    case = old.get_model("cases", "Case").objects.create(
        number="H1-J01", household_id="H1", area_id=VILLAGE, stage="publicity", opened_on=DAY
    )
    step = old.get_model("cases", "CaseStep").objects.create(
        case_id=case.pk,
        number=1,
        action="post_up",
        at=timezone.now(),
        on=DAY,
        stage_from="publicity",
        stage_to="publicity",
    )
    notice = old.get_model("cases", "Notice").objects.create(
        case_id=case.pk, step_id=step.pk, kind="publicity", text="公示", posted_on=DAY, stands_until=DAY, place="公示栏"
    )
    written = old.get_model("cases", "OnlineObjection").objects
    taken_up, aside, _waiting = (
        written.create(notice_id=notice.pk, text=text, received_on=DAY, key=text) for text in ("属实", "不属实", "待办")
    )
    user = old.get_model("accounts", "User").objects.create(username="cun", display_name="村")
    old.get_model("cases", "Objection").objects.create(
        case_id=case.pk, step_id=step.pk, text="属实", taken_by_id=user.pk, online_id=taken_up.pk
    )
    old.get_model("cases", "SetAside").objects.create(
        case_id=case.pk, step_id=step.pk, online_id=aside.pk, reason="与本户无关"
    )
    old.get_model("declarations", "Declaration").objects.create(
        number="1234567890123459", area_id=VILLAGE, stage="township", behalf="myself", about="冉大田", place="二组",
        risks=["illness"], said="住院", received_at=timezone.now(), key="k",
    )  # fmt: skip


def told() -> dict[str, Any]:
    """What today's models say of those rows."""
    from shouwang.cases.models import ObjectionAnswer
    from shouwang.clues.models import Clue
    from shouwang.declarations.models import Declaration

    return {
        "clues": list(Clue.objects.values_list("number", "arrived_on", "sources__channel", "sources__text")),
        "answers": list(ObjectionAnswer.objects.values_list("online__text", "taken_up", "reason")),
        "told": list(Declaration.objects.filter(told_at__isnull=False).values_list("number", flat=True)),
    }


def main() -> None:
    django.setup()
    clues(models_at(BEFORE_STEPS_COUNT_DAYS))
    objections(models_at(BEFORE_ANSWERS))
    call_command("migrate", verbosity=0)
    json.dump(told(), sys.stdout, default=str)


if __name__ == "__main__":
    main()

"""What is printed of a case: the consent to sign, the income statement, notices, and the whole dossier for whoever checks later.

Every word of it is in the language of the record. Identity numbers are masked; a picture stands where it was taken.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from shouwang.areas.reading import full_name
from shouwang.audit.record import in_the_language_of_record
from shouwang.cases.income import TITLES, Line
from shouwang.cases.models import Case, CasePhoto, Collection, Notice
from shouwang.cases.objections import set_aside_against
from shouwang.cases.reading import clues_of
from shouwang.clues.models import RiskType
from shouwang.clues.photos import content_of
from shouwang.households.reading import persons_of

Rows = list[list[Any]]


@in_the_language_of_record
def consent_of(case: Case, on: date) -> dict[str, Any]:
    """The consent (承诺授权书) with everything filled in that is known; the household adds its signature and the day."""
    present = [each for each in persons_of(case.household) if each.left_on is None]
    members: Rows = [[each.name, each.relation, each.id_masked, each.sex] for each in present]
    return about(case) | {"members": members, "printed_on": on}


@in_the_language_of_record
def statement_of(case: Case, delivered: Mapping[str, Line], period: tuple[date, date], line: Decimal) -> dict[str, Any]:
    """The income statement: as the village collected it last; before that as delivered, with room for what is missing."""
    collection = case.collections.first()
    if collection is not None:
        return about(case) | _collected(collection)
    kept = {name: each.as_json() for name, each in delivered.items()}
    rows = [[title, _yuan(kept[name]["delivered"]), "", _grounds(kept[name])] for name, title in TITLES.items()]
    return about(case) | {
        "period": f"{_day(period[0])}至{_day(period[1])}",
        "rows": rows,
        "totals": [],
        "line": line,
        "members_count": case.household.member_count,
    }


def _collected(collection: Collection) -> dict[str, Any]:
    rows = [
        [title, _yuan(kept["delivered"]), _yuan(kept["amount"]), _grounds(kept)]
        for name, title in TITLES.items()
        if (kept := collection.income.get(name))
    ]
    return {
        "period": f"{_day(collection.period_start)}至{_day(collection.period_end)}",
        "rows": rows,
        "totals": [
            ["家庭纯收入", collection.net],
            ["人均纯收入", collection.per_capita],
            ["监测参考人均纯收入", collection.reference_per_capita],
        ],
        "line": collection.line,
        "members_count": collection.members,
    }


def _grounds(kept: Mapping[str, Any]) -> str:
    told = []
    if kept.get("delivery"):
        other = "（统计期不同）" if kept.get("period") else ""
        told.append(f"收入采集表 交付{kept['delivery']}第{kept['line']}行{other}")
    told += [f"{part['text']} {part['delivery']}第{part['line']}行" for part in kept.get("parts", ())]
    if kept.get("reason"):
        told.append(f"改动：{kept['reason']}")
    return "\n".join(told)


def _yuan(amount: str | None) -> str:
    return "" if amount is None else f"{Decimal(amount):,.2f}"


def notice_of(notice: Notice) -> dict[str, Any]:
    """A notice as it hangs: its first line is the title, its last two the office and the day."""
    title, *paragraphs = [line for line in notice.text.split("\n") if line]
    *body, office, day = paragraphs if len(paragraphs) > 2 else [*paragraphs, "", ""]
    return {"title": title, "lines": body, "office": office, "day": day}


@in_the_language_of_record
def dossier_of(case: Case, on: date) -> dict[str, Any]:
    """Everything about a case in the order in which it happened, with its pictures."""
    collections = list(case.collections.order_by("pk").prefetch_related("photos"))
    notices = list(case.notices.order_by("pk").prefetch_related("proofs__photos"))
    steps = case.steps.select_related("actor", "desk_to").order_by("number")
    return about(case) | {
        "printed_on": on,
        "stage": case.get_stage_display(),
        "facts": [
            ["监测对象类型", case.get_monitor_type_display()],
            ["风险", "、".join(str(RiskType(each).label) for each in case.risks)],
            ["立案日期", _day(case.opened_on)],
            ["识别时间", _day(case.included_on) if case.included_on else ""],
            ["先行帮扶", case.help_first],
            ["不予纳入的理由", case.refusal],
        ],
        "clues": [[each.number, each.get_risk_type_display(), each.reasons] for each in clues_of(case)],
        "comparisons": [
            {
                "on": each.step.on,
                "low_income": each.low_income,
                "rows": [
                    [row["title"], row["person"], row["text"], f"{row['delivery']}第{row['line']}行"]
                    for row in each.rows
                ],
            }
            for each in case.comparisons.order_by("pk").select_related("step")
        ],
        "collections": [_told(each) for each in collections],
        "deliberations": [
            {
                "facts": [
                    ["评议日期", _day(each.held_on)],
                    ["主持人", each.chair],
                    ["到会", f"{each.present}人，同意{each.votes_for}票，不同意{each.votes_against}票"],
                    ["结果", "通过" if each.passed else "没有通过"],
                    ["评议记录", each.minutes],
                ]
            }
            for each in case.deliberations.order_by("pk")
        ],
        "notices": [_posted(each) for each in notices],
        "objections": [[_day(each.step.on), each.text, "受理"] for each in case.objections.select_related("step")]
        + [
            [_day(each.online.received_on), each.online.text, f"不予受理：{each.reason}"]
            for each in set_aside_against(case.notices.all())
        ],
        "refusals": [
            [_day(each.told_on), each.told_to, each.get_way_display(), each.refusal]
            for each in case.refusals_told.order_by("pk")
        ],
        "steps": [
            [str(each.number), _day(each.on), each.get_action_display(), _who(each), each.reason] for each in steps
        ],
    }


def _told(collection: Collection) -> dict[str, Any]:
    return _collected(collection) | {
        "signed": f"{collection.consented_by}于{_day(collection.consented_on)}签署",
        "reason": collection.reason,
        "answers": [[each["text"], each["answer"]] for each in collection.answers],
        "photos": _pictures(collection.photos.all()),
    }


def _posted(notice: Notice) -> dict[str, Any]:
    down = f"，{_day(notice.taken_down_on)}撤下" if notice.taken_down_on else ""
    return {
        "kind": notice.get_kind_display(),
        "where": f"{notice.place}，{_day(notice.posted_on)}张贴，公示至{_day(notice.stands_until)}{down}",
        "text": notice.text,
        "proofs": [
            {"words": f"{_day(proof.taken_on)}摄于{proof.place}", "photos": _pictures(proof.photos.all())}
            for proof in notice.proofs.all()
        ],
    }


def _pictures(photos: Any) -> list[bytes]:
    found: list[CasePhoto] = list(photos)
    return [content_of(each) for each in found]


def _who(step: Any) -> str:
    return f"{step.actor}（{step.post}）" if step.actor else "系统"


def about(case: Case) -> dict[str, Any]:
    """What every paper of a case says at its head."""
    return {
        "number": case.number,
        "household": case.household_id,
        "head": case.household.head_name,
        "kind": case.household.household_type,
        "place": full_name(case.area),
        "office": case.area.name,
    }


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"

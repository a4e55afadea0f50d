"""Exports made by the background process, within what the policy pack allows."""

import logging
import tempfile
from datetime import date
from io import BytesIO
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import localdate
from django_tasks import task

from shouwang.accounts.scope import scope_of
from shouwang.audit.record import record
from shouwang.cases.models import Case
from shouwang.households.models import Person
from shouwang.jobs.delivered_form import delivered_of
from shouwang.jobs.policy import in_pack, looked_up_once, names_in_pack
from shouwang.kernel.errors import Failure, ShouwangError
from shouwang.outputs.files import keep
from shouwang.outputs.household_form import (
    heads_of_households,
    heads_of_persons,
    homes,
    row_of,
    rows_of_persons,
    sources_of,
)
from shouwang.outputs.models import Content, Export, State
from shouwang.outputs.reading import may_ask_for, monitored
from shouwang.outputs.registers import register
from shouwang.outputs.requesting import Limits, told
from shouwang.outputs.told import Delivered
from shouwang.outputs.workbook import IN_MEMORY, Mark, marked_book, sweep
from shouwang.registration.models import AmendmentSheet
from shouwang.registration.sheets import rows_of
from shouwang.sources.contract import contract

logger = logging.getLogger(__name__)
MOST_ROWS, PER_DAY, VALID_MINUTES = "export.most_rows", "export.per_day", "export.valid_minutes"
BROKEN = "程序内部出错，已记入日志。请联系管理员。"
NOTES, SOURCES, UNABLE_SKILLS = "说明", "数据来源", "labour.unable_skills"


@looked_up_once()
def limits(on: date) -> Limits:
    """What the installation's policy pack allows on a day. Raises InputError where the pack does not pass its check."""
    most, a_day, minutes = (int(str(in_pack(name, on))) for name in (MOST_ROWS, PER_DAY, VALID_MINUTES))
    return Limits(most, a_day, minutes)


def mark_of(export: Export) -> Mark:
    """What stands on every sheet and page of an export."""
    user = export.requested_by
    return Mark(export.number, str(user), user.get_username(), export.post, export.requested_at, export.area.name)


def begin(export: Export) -> None:
    """Queues an export that nobody has to agree to any more."""
    if export.state == State.APPROVED:
        make_export.enqueue(export.pk)


@task()
def make_export(pk: int) -> None:
    """Worker: makes one export. Done again after a kill it makes it anew; what is ready already is left alone."""
    export = Export.objects.select_related("area", "requested_by").filter(pk=pk, state=State.APPROVED).first()
    if export is None:
        return
    try:
        make(export)
    except ShouwangError as problem:
        _break(export, str(problem))
    except Exception as problem:
        logger.error("export %s ended with %s", export.number, type(problem).__name__, exc_info=True)
        _break(export, BROKEN)


def make(export: Export) -> None:
    """Makes the file of an export and keeps it, sealed, to be taken.

    Raises:
        Failure: whoever asked may no longer take out such a thing there.
        InputError: a register cannot be printed on this machine.
    """
    if not may_ask_for(scope_of(export.requested_by, localdate()), export.content, export.area):
        raise Failure("申请人的岗位已不能导出这些内容")
    if export.content == Content.HOUSEHOLD_FORM:
        with _in_memory() as stream:
            _household_form(export, stream)
            stream.seek(0)
            keep(export, stream, limits(localdate()))
        return
    if export.content == Content.AMENDMENT_SHEET:
        with _in_memory() as stream:
            _amendment_sheet(export, stream)
            stream.seek(0)
            keep(export, stream, limits(localdate()))
        return
    made = BytesIO(register(export.content, export.area, export.as_of, mark_of(export)))
    keep(export, made, limits(localdate()))


def _in_memory() -> Any:
    """A file that has no name and lies on no disk."""
    return tempfile.TemporaryFile("w+b", dir=IN_MEMORY) if IN_MEMORY.is_dir() else BytesIO()


def _household_form(export: Export, stream: BinaryIO) -> None:
    """Two sheets in the shape of the form, one that says what they are, and one that says where values come from."""
    rows, members, named = 0, 0, 0
    cases = monitored(export.area, export.as_of)
    delivered, unable = _delivered(cases, export.as_of), names_in_pack(UNABLE_SKILLS, export.as_of)
    with marked_book(stream, mark_of(export)) as book:
        notes = book.sheet(NOTES, ["项目", "内容"], [24, 80])
        households = book.sheet("监测对象信息表", heads_of_households())
        persons = book.sheet("家庭成员信息表", heads_of_persons())
        sources = book.sheet(SOURCES, ["户编号", "姓名", "项目", "来源"], [24, 12, 20, 60])
        for home in homes(cases, export.as_of, export.identities, delivered, unable):
            rows += 1
            households.write(rows, row_of(home))
            for cells in rows_of_persons(home):
                members += 1
                persons.write(members, cells)
            for cells in sources_of(home):
                named += 1
                sources.write(named, cells)
        for line, cells in enumerate(_notes(export, rows, members), start=1):
            notes.write(line, cells)
    Export.objects.filter(pk=export.pk).update(rows=rows)
    export.rows = rows


def _amendment_sheet(export: Export, stream: BinaryIO) -> None:
    """The rows as they were delivered, a sheet a source, under the heads of its contract: it can be sent anywhere as it is."""
    sheet = AmendmentSheet.objects.get(area=export.area, number=int(export.subject))
    with marked_book(stream, mark_of(export)) as book:
        for source, rows in rows_of(sheet).items():
            heads = [column.header for column in contract(source).columns]
            page = book.sheet(contract(source).title, heads)
            for line, row in enumerate(rows, start=1):
                page.write(line, [row[head] for head in heads])


def _delivered(cases: QuerySet[Case], on: date) -> Delivered:
    """What departments delivered about everybody of these households, and about their villages."""
    households = cases.order_by().values("household_id")
    persons = set(Person.objects.filter(household__in=households).values_list("key", flat=True))
    return delivered_of(settings.HOME, persons, set(cases.order_by().values_list("area_id", flat=True)), on)


def _notes(export: Export, rows: int, members: int) -> list[list[str]]:
    identity = "明码，已经审批" if export.identities else "已脱敏"
    return [
        ["导出编号", export.number],
        ["导出人", f"{export.requested_by}（{export.post}）"],
        ["区域", export.area.name],
        ["截至日期", export.as_of.isoformat()],
        ["户数、人数", f"{rows} 户，{members} 人"],
        ["证件号码、电话、住址、银行账号", identity],
        ["用途", export.purpose],
        ["空白的列", "部门没有交付、村里也没有登记的项目留空，上传前由填报人补齐"],
        ["口径", "成员按截至日期在册；村里登记和部门交付的信息截至当日，来源见“数据来源”；其他信息为导出时的最新登记"],
        ["务工时间（月）", "截至日期所在年度内有务工记录的月数"],
        ["提示", "内部资料，请勿外传；每次下载都有记录"],
    ]


@transaction.atomic
def _break(export: Export, problem: str) -> None:
    if Export.objects.filter(pk=export.pk, state=State.APPROVED).update(state=State.BROKEN, problem=problem[:300]):
        record(None, "export_broken", export, area=export.area, **told(export))


def resume() -> None:
    """Queues again what an earlier worker left unmade, and takes away what it left in memory."""
    sweep()
    for export in Export.objects.filter(state=State.APPROVED).order_by("pk"):
        make_export.enqueue(export.pk)

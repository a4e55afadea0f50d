"""Accounts opened and posts ended by spreadsheet: a template, and a report for every line that came back.

Each line is carried out whole or not at all, and says why. A sheet that is sent again changes nothing: what stands
already is reported as such.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

import xlsxwriter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import translation
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Duty
from shouwang.accounts.managing import (
    areas_given_by,
    duties_given_by,
    end_post,
    give_post,
    open_account,
    posts_managed_by,
    standing_on,
    users_managed_by,
)
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.areas.reading import full_names
from shouwang.kernel.citizen_id import mask_identity_numbers
from shouwang.kernel.errors import InputError
from shouwang.sources.contract import Column, Contract, contracts
from shouwang.sources.files import open_reader, survey

MOST_LINES = 1_000
LARGEST_SHEET = 2 << 20
OPEN, END = "新增", "结束"
SHEET = Contract(
    source="accounts",
    title="账号名册",
    owner="",
    subject="place",
    key=("username",),
    columns=(
        Column("action", "操作", "text"),
        Column("username", "用户名", "text", required=True),
        Column("display_name", "姓名", "text", required=True, synonyms=("使用人",)),
        Column("duty", "岗位", "text", required=True, synonyms=("职责",)),
        Column("area_code", "区划代码", "text", required=True),
        Column("department", "部门", "text"),
        Column("starts_on", "任职起", "text"),
        Column("ends_on", "任职止", "text"),
    ),
)


@dataclass(frozen=True)
class LineReport:
    """What became of one line: `outcome` is done, unchanged or refused; `password` is there where one was drawn."""

    line: int
    username: str
    display_name: str
    outcome: str
    message: str
    password: str = ""


def departments() -> list[str]:
    """The departments that send files, as posts name them."""
    return sorted({owner for each in contracts().values() for owner in each.owner.split("/")})


def template(acting_user: User) -> bytes:
    """An empty sheet with the duties and areas that whoever asks may give, as lists to choose from. All cells text."""
    with translation.override(settings.LANGUAGE_CODE):  # one sheet, whoever fills it in and in whichever language
        return _template(acting_user)


def _template(acting_user: User) -> bytes:
    scope = scope_of(acting_user, localdate())
    areas = list(areas_given_by(scope, localdate()).order_by("level", "code"))
    names = full_names([area.pk for area in areas])
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False}) as book:
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "num_format": "@"})
        sheet = book.add_worksheet("账号")
        for place, column in enumerate(SHEET.columns):
            sheet.write_string(0, place, column.header, bold)
            sheet.set_column(place, place, 16, text)
        duties = [duty.label for duty in duties_given_by(scope)]
        for place, choices in ((0, [OPEN, END]), (3, duties), (5, departments())):
            sheet.data_validation(1, place, MOST_LINES, place, {"validate": "list", "source": choices})
        codes = book.add_worksheet("可用区划代码")
        codes.set_column(0, 1, 24, text)
        for line, (code, name) in enumerate([("区划代码", "名称"), *((area.pk, names[area.pk]) for area in areas)]):
            codes.write_string(line, 0, code, text)
            codes.write_string(line, 1, name, text)
        _explain(book)
    return made.getvalue()


def _explain(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("填写说明")
    sheet.set_column(0, 0, 80)
    for line, words in enumerate(
        (
            "一行一个账号，每次最多 1000 行；每行要么全部办成，要么不办，并写明原因。",
            "操作：空着或写“新增”是开设账号；用户名已有时，为该用户增加岗位。写“结束”是结束岗位。",
            "用户名：字母、数字和 @ . + - _，全市不重复。请勿使用身份证号码。",
            "任职起、任职止写成 2024-03-05；任职起空着为今天，任职止空着为长期。结束岗位时，任职止空着为今天。",
            "部门：只有“行业部门”岗位填写。",
            "初始密码由系统随机生成，上传后显示一次，请当时打印发放；本人首次登录须修改。",
        )
    ):
        sheet.write_string(line, 0, words)


def carry_out(stream: BinaryIO, name: str, *, acting_user: User) -> list[LineReport]:
    """Goes through the lines of a sheet.

    Raises:
        InputError: the file is not such a sheet, or too large; no line was carried out then.
    """
    lines = list(_lines(stream, name))
    if not lines:
        raise InputError(_("表里没有填写任何账号"), _("在“账号”工作表的表头下面逐行填写"))
    return [_carried_out(line, cells, acting_user) for line, cells in lines]


def _lines(stream: BinaryIO, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    seen = survey(stream)
    if seen.size > LARGEST_SHEET:
        raise InputError(
            _("文件超过 2 MB，不像账号名册"), _("每次最多 {most_lines} 行，请拆成几份").format(most_lines=MOST_LINES)
        )
    reader = open_reader(stream, name, seen)
    header = reader.find_header(SHEET)
    count = 0
    for chunk in reader.chunks(header):
        for row in chunk.iter_rows(named=True):
            cells = {field: (row[f"c{place}"] or "").strip() for field, place in header.positions.items()}
            if not any(cells.values()):
                continue
            count += 1
            if count > MOST_LINES:
                raise InputError(
                    _("超过 {most_lines} 行，没有办理任何一行").format(most_lines=MOST_LINES), _("请拆成几份")
                )
            yield int(row["line"]), cells


def _carried_out(line: int, cells: dict[str, str], acting_user: User) -> LineReport:
    username, display_name = cells["username"], cells["display_name"]
    try:
        with transaction.atomic():
            outcome, message, password = _do(cells, acting_user)
    except InputError as problem:
        outcome, password = "refused", ""
        message = (
            _("{message}。{advice}").format(message=problem.message, advice=problem.advice)
            if problem.advice
            else problem.message
        )
    except PermissionDenied:
        outcome, message, password = "refused", _("这个用户名不在您管理的范围内。请换一个用户名"), ""
    return LineReport(line, mask_identity_numbers(username), display_name, outcome, message, password)


def _do(cells: dict[str, str], acting_user: User) -> tuple[str, str, str]:
    action = cells.get("action", "") or OPEN
    if action not in (OPEN, END):
        raise InputError(
            _("操作“{action}”看不懂").format(action=action), _("写“{open}”或“{end}”").format(open=OPEN, end=END)
        )
    for field in ("username", "duty", "area_code"):
        if not cells[field]:
            raise InputError(
                _("没有填写{header}").format(header=SHEET.column(field).header), _("补填后把这一行再传一次")
            )
    duty, department = _duty(cells["duty"]), cells.get("department", "")
    if department and department not in departments():
        raise InputError(
            _("没有部门“{department}”").format(department=department),
            _("可用：{departments}").format(departments="、".join(departments())),
        )
    starts_on = _day(cells.get("starts_on", ""), "任职起")
    ends_on = _day(cells.get("ends_on", ""), "任职止")
    if action == END:
        return _ended(cells, duty, department, ends_on, acting_user)
    return _opened(cells, duty, department, starts_on or localdate(), ends_on, acting_user)


def _opened(
    cells: dict[str, str], duty: Duty, department: str, starts_on: date, ends_on: date | None, acting_user: User
) -> tuple[str, str, str]:
    username, area_code = cells["username"], cells["area_code"]
    known = users_managed_by(acting_user).filter(username=username).first()
    if known is None:
        user, password = open_account(
            acting_user=acting_user,
            username=username,
            display_name=cells["display_name"],
            area_code=area_code,
            duty=duty,
            department=department,
            starts_on=starts_on,
            ends_on=ends_on,
        )
        return "done", _("已开设：{posts}").format(posts=user.posts.get()), password
    if known.display_name != cells["display_name"]:
        raise InputError(
            _("用户名 {username} 已由他人使用").format(username=username), _("同一人请核对姓名，不同的人请换用户名")
        )
    held = posts_managed_by(acting_user).filter(standing_on(localdate()), user=known)
    if held.filter(area_id=area_code, duty=duty, department=department, ends_on=ends_on).exists():
        return "unchanged", _("账号和岗位都已存在，未作改动"), ""
    post = give_post(
        known,
        acting_user=acting_user,
        area_code=area_code,
        duty=duty,
        department=department,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    return "done", _("已为原有账号增加岗位：{post}").format(post=post), ""


def _ended(
    cells: dict[str, str], duty: Duty, department: str, ends_on: date | None, acting_user: User
) -> tuple[str, str, str]:
    held = posts_managed_by(acting_user).filter(
        user__username=cells["username"], area_id=cells["area_code"], duty=duty, department=department
    )
    post = held.filter(standing_on(localdate())).first()
    if post is None:
        if held.exists():
            return "unchanged", _("这个岗位早已结束，未作改动"), ""
        raise InputError(_("没有找到这个用户的这个岗位"), _("核对用户名、岗位、区划代码和部门"))
    last_day = ends_on or localdate()
    if post.ends_on == last_day:
        return "unchanged", _("岗位已定于 {last_day} 结束，未作改动").format(last_day=last_day), ""
    end_post(post, acting_user=acting_user, last_day=last_day)
    return "done", _("岗位到 {last_day} 结束：{post}").format(last_day=last_day, post=post), ""


def _duty(text: str) -> Duty:
    with translation.override(settings.LANGUAGE_CODE):
        for duty in Duty:
            if text in (duty.label, duty.value):
                return duty
    raise InputError(
        _("没有岗位“{text}”").format(text=text),
        _("可用：{duty}").format(duty="、".join(str(duty.label) for duty in Duty)),
    )


def _day(text: str, header: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise InputError(
            _("{header}“{text}”不是日期").format(header=header, text=text), _("写成 2024-03-05 的样子")
        ) from None

"""Agreed changes of the register delivered as sheets of the register's own sources, sealed, and read like any other file.

So what screening counts comes from a delivery with its lines, whoever knew it first (docs/decisions/0017).
"""

import io
import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import xlsxwriter
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.timezone import localdate
from django.utils.translation import gettext

from shouwang.areas.models import Area
from shouwang.exchange.models import Upload
from shouwang.exchange.spool import SealedUpload, SealedWriter, spool_folder
from shouwang.households.models import Household, Person
from shouwang.jobs.uploads import take_in
from shouwang.kernel.errors import InputError
from shouwang.proceedings.desks import standing
from shouwang.registration.deciding import Order, hand_over
from shouwang.registration.lines import registered
from shouwang.registration.models import AmendmentSheet, RegisterRequest
from shouwang.registration.proposing import Codes, context_of_request
from shouwang.registration.reading import requests_to_hand_over
from shouwang.registration.sheets import sealed_rows
from shouwang.sources.contract import contract
from shouwang.tables.acting import acting_everywhere

REGISTER, DEPARTURES = "household_register", "vital_event"
MADE = datetime(2000, 1, 1)  # the same rows make the same bytes
Row = dict[str, str]


def codes() -> Codes:
    """What the register's contract allows in its columns of codes."""
    of = contract(REGISTER)
    found = {column.field: tuple(column.codes) for column in of.columns if column.codes}
    return Codes(found, found["household_type"])


def make_sheet(area: str, order: Order) -> AmendmentSheet:
    """Delivers everything agreed that lies on a county's desk; the same form again gives the same sheet.

    Raises:
        InputError: nothing is agreed, or the register says otherwise by now of one of them.
        NotOpen: it is not the user's to deliver.
        PermissionDenied: the user brings in no files of the register's department.
    """
    with transaction.atomic():
        made = AmendmentSheet.objects.filter(area=area, key=order.key, made_by=order.acting_user).first()
        if order.key and made is not None:
            return made
        county = Area.objects.select_for_update().get(pk=area)
        chosen = requests_to_hand_over(order.acting_user, order.on).filter(desk=county)
        requests = list(chosen.select_for_update().prefetch_related("household", "desk", "to_area", "into"))
        rows = _rows(requests)
        number = (AmendmentSheet.objects.filter(area=county).aggregate(last=Max("number"))["last"] or 0) + 1
        uploads = {source: _deliver(source, some, number, order) for source, some in rows.items() if some}
        sheet = AmendmentSheet.objects.create(
            number=number,
            area=county,
            made_by=order.acting_user,
            rows=sum(map(len, rows.values())),
            register=uploads.get(REGISTER),
            departures=uploads.get(DEPARTURES),
            sealed=sealed_rows(county.pk, {source: some for source, some in rows.items() if some}),
            key=order.key,
        )
        hand_over(requests, sheet, order)
        return sheet


def _rows(requests: Iterable[RegisterRequest]) -> dict[str, list[Row]]:
    """The rows by source. What the register already says by itself needs no row."""
    rows: dict[str, list[Row]] = {REGISTER: [], DEPARTURES: []}
    every = list(requests)
    keys = {line["key"] for request in every for line in request.lines}
    with acting_everywhere():  # whoever joins may be registered in another county
        people = {each.key: each for each in Person.objects.filter(key__in=keys).select_related("household")}
    for request in every:
        for line in request.lines:
            person, changes = people.get(line["key"]), line["changes"]
            _require_as_before(request, person, changes)
            open_changes = {name: after for name, (_, after) in changes.items() if registered(person, name) != after}
            if "left" in open_changes and person is not None:
                rows[DEPARTURES].append(_departure(request, person))
            elif open_changes:
                rows[REGISTER].append(_register_row(request, person, line))
    return rows


def _require_as_before(request: RegisterRequest, person: Person | None, changes: Mapping[str, list[str]]) -> None:
    """What the register came to say otherwise since is for the village to look at again, not to be overwritten."""
    for name, (before, after) in changes.items():
        if person is not None and (before or person.household_id) and registered(person, name) not in (before, after):
            raise InputError(
                gettext("{number}：{name}在名册中已另有变化").format(number=request.number, name=person.name),
                gettext("退回这一件，由村里核对后再报"),
            )


def _secret(request: RegisterRequest, person: Person | None) -> dict[str, Any]:
    sealer = settings.HOME.sealer()
    if person is not None:
        return dict(json.loads(sealer.unseal(bytes(person.sealed), f"person:{person.key}")))
    return dict(json.loads(sealer.unseal(bytes(request.sealed), context_of_request(request.number))))


def _standing(after: Mapping[str, str], household: Household) -> str:
    """The village of a row by the divisions of today: one that was merged since it was agreed is its successor."""
    return standing(after.get("area", household.area_id), localdate()).pk


def _departure(request: RegisterRequest, person: Person) -> Row:
    kind = next(line["changes"]["left"][1] for line in request.lines if line["key"] == person.key)
    told = {
        "id_number": str(_secret(request, person)["id"]),
        "name": person.name,
        "kind": kind,
        "happened_on": request.happened_on.isoformat(),
    }
    return {column.header: told[column.field] for column in contract(DEPARTURES).columns}


def _register_row(request: RegisterRequest, person: Person | None, line: Mapping[str, Any]) -> Row:
    """The member's row as registered, with what changes; of somebody new what the village wrote."""
    secret, household = _secret(request, person), person.household if person else request.household
    after = {name: pair[1] for name, pair in line["changes"].items()}
    told = {
        "household_no": after.get("household", household.pk),
        "division_code": _standing(after, request.household if "household" in after else household),
        "household_type": after.get("household_type", request.household.household_type),
        "id_number": str(secret["id"]),
        "phone": str(secret.get("phone") or ""),
        "address": str(secret.get("address") or ""),
        "birth_date": _day(person.birth_date) if person else "",
    }
    if request.into is not None:
        told |= {"division_code": request.into.area_id, "household_type": request.into.household_type}
    row = {}
    for column in contract(REGISTER).columns:
        own = told.get(column.field)
        value = own if own is not None else after.get(column.field) or ("" if column.field in after else None)
        if value is None:
            value = (
                str(getattr(person, column.field)) if person else str(line["name"] if column.field == "name" else "")
            )
        row[column.header] = value
    return row


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _deliver(source: str, rows: list[Row], number: int, order: Order) -> Upload:
    """Takes a sheet in as an upload of the county; its content is sealed before it touches the disk."""
    content, sealer = _spreadsheet(source, rows), settings.HOME.sealer()
    writer = SealedWriter(spool_folder() / f"{secrets.token_hex(16)}.sealed", sealer)
    writer.write(content)
    writer.finish()
    file = SealedUpload(writer.path, sealer, f"名册修订单{number}-{contract(source).title}.xlsx", len(content))
    try:
        return take_in(file, acting_user=order.acting_user, source=source, received_on=localdate())
    finally:
        file.close()


def _spreadsheet(source: str, rows: list[Row]) -> bytes:
    """Every cell is text, so that no number loses digits and no cell is a formula."""
    stream, headers = io.BytesIO(), [column.header for column in contract(source).columns]
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"created": MADE})
        sheet, text = book.add_worksheet(contract(source).title), book.add_format({"num_format": "@"})
        for place, row in enumerate([dict(zip(headers, headers, strict=True)), *rows]):
            for column, header in enumerate(headers):
                sheet.write_string(place, column, row[header], text)
    return stream.getvalue()

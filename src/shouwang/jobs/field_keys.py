"""The generations of the field key: a new one made current while the site runs, all that is sealed brought under it, and
an old one taken away once nothing needs it (docs/decisions/0010).

Every reader opens every generation, and every writer asks for the keys anew, so nobody waits and nobody has to be
restarted. Resealing goes through one place after another in small steps; killed and run again, it goes on.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection, models, transaction

from shouwang.accounts.models import SecondFactor
from shouwang.accounts.second_factor import context_of as context_of_factor
from shouwang.assistance.contacts import context_of as context_of_contact
from shouwang.assistance.models import Contact
from shouwang.audit.record import record
from shouwang.cases.board import context_of_objection
from shouwang.cases.models import OnlineObjection
from shouwang.clues.photos import photo_files
from shouwang.declarations.models import Declaration
from shouwang.declarations.taking import context_of as context_of_declaration
from shouwang.deliveries.quarantine import context_of as context_of_quarantined
from shouwang.exchange.spool import spool_files
from shouwang.households.models import Person
from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.home import Home, replace_file, sync_folder
from shouwang.kernel.keys import (
    HEAD_BYTES,
    Sealer,
    add_field_key,
    field_key_name,
    generation_of,
    is_in_file,
    remove_field_key,
)
from shouwang.notifications.channels import context_of_channel
from shouwang.notifications.models import Channel, Message, Sending
from shouwang.notifications.sms import context_of_message, context_of_sending
from shouwang.outputs.files import export_files
from shouwang.registration.models import AmendmentSheet, RecordedFact, RegisterRequest
from shouwang.registration.proposing import context_of_request
from shouwang.registration.recording import context_of_fact
from shouwang.registration.sheets import context_of_sheet

AT_ONCE = 1_000
PASSES = 3  # what a loader copies while we go over it is found by the next pass
Progress = Callable[[int], None]
Contexts = Callable[[pa.RecordBatch], Iterator[str]]
PERSONS, FACTORS, PHOTOS = "household_members", "second_factors", "photos"
MESSAGES, SENDINGS, CHANNELS = "messages", "sendings", "channels"
CONTACTS, DECLARATIONS, REQUESTS = "contacts", "declarations", "register_requests"
FACTS, OBJECTIONS, SHEETS = "recorded_facts", "objections", "amendment_sheets"
REGISTER_ROWS, QUARANTINE, WAITING_FILES, EXPORTS = "register_rows", "quarantine", "waiting_uploads", "exports"

TABLES: Mapping[str, type[models.Model]] = {
    PERSONS: Person,
    FACTORS: SecondFactor,
    MESSAGES: Message,
    SENDINGS: Sending,
    CHANNELS: Channel,
    CONTACTS: Contact,
    DECLARATIONS: Declaration,
    REQUESTS: RegisterRequest,
    FACTS: RecordedFact,
    OBJECTIONS: OnlineObjection,
    SHEETS: AmendmentSheet,
}
PLACES = {
    PERSONS: "家庭成员",
    FACTORS: "动态口令",
    PHOTOS: "照片",
    MESSAGES: "消息",
    SENDINGS: "待外发内容",
    CHANNELS: "推送地址",
    CONTACTS: "联系人电话",
    DECLARATIONS: "农户申报",
    REQUESTS: "名册变更",
    FACTS: "村里登记的情况",
    OBJECTIONS: "网上异议的联系方式",
    SHEETS: "名册修订单",
    REGISTER_ROWS: "名册的行",
    QUARANTINE: "隔离的行",
    WAITING_FILES: "等待读入的文件",
    EXPORTS: "等待下载的导出文件",
}


@dataclass(frozen=True)
class Rotated:
    """`made`: a new key was drawn; otherwise an interrupted rotation went on. `resealed` counts what was brought over."""

    generation: int
    made: bool
    resealed: int
    left: dict[str, int]


def sealed_by(home: Home) -> dict[int, dict[str, int]]:
    """Generation → place → how many values it sealed; the current generation is there also where it sealed nothing."""
    found: dict[int, Counter[str]] = {generation: Counter() for generation in home.keys().fields}
    for place, sealed in _everything(home):
        if sealed:
            found.setdefault(generation_of(sealed), Counter())[place] += 1
    return {generation: dict(found[generation]) for generation in sorted(found)}


def outdated(home: Home) -> dict[str, int]:
    """Place → how many values are not yet under the current generation."""
    current, left = home.sealer().generation, Counter[str]()
    for generation, places in sealed_by(home).items():
        if generation != current:
            left.update(places)
    return dict(left)


def in_words(places: Mapping[str, int]) -> str:
    """What is sealed where: 家庭成员 1,203，走访照片 12."""
    return "，".join(f"{PLACES[place]} {count:,}" for place, count in places.items())


def rotate(home: Home, progress: Progress) -> Rotated:
    """Makes a new generation current, unless an earlier rotation is unfinished, and reseals all that is older.

    Files that wait to be read or taken keep their key: they are gone soon.

    Raises:
        InputError: the keys come from the environment, where this program cannot add one.
    """
    made = not _resealable(outdated(home))
    if made:
        _make_generation(home)
    sealer, done = home.sealer(), 0

    def tell(step: int) -> None:
        nonlocal done
        done += step
        progress(done)

    for _ in range(PASSES):
        _reseal_lake(home, sealer, tell)
        _reseal_table(Person, "key", lambda key: f"person:{key}", sealer, tell)
        _reseal_table(SecondFactor, "user_id", context_of_factor, sealer, tell)
        _reseal_table(Message, "id", context_of_message, sealer, tell)
        _reseal_table(Sending, "id", context_of_sending, sealer, tell)
        _reseal_table(Channel, "id", context_of_channel, sealer, tell)
        _reseal_table(Contact, "key", context_of_contact, sealer, tell)
        _reseal_table(Declaration, "number", context_of_declaration, sealer, tell)
        _reseal_table(RegisterRequest, "number", context_of_request, sealer, tell)
        _reseal_table(RecordedFact, "household_id", context_of_fact, sealer, tell)
        _reseal_table(OnlineObjection, "key", context_of_objection, sealer, tell)
        _reseal_table(AmendmentSheet, "area_id", context_of_sheet, sealer, tell)
        _reseal_photos(sealer, tell)
        left = outdated(home)
        if not _resealable(left):
            break
    with transaction.atomic():
        record(None, "field_key_rotated", generation=sealer.generation, rows=done)
    return Rotated(sealer.generation, made, done, left)


def retire(home: Home, generation: int) -> None:
    """Takes an old generation away.

    Raises:
        InputError: it is the current one, is not there, or comes from the environment.
        Failure: something is still sealed with it; the message says what and how many.
    """
    sealer = home.sealer()
    if generation not in home.keys().fields:
        raise InputError(f"没有第 {generation} 代密钥", "用 shouwang keys list 查看现有的密钥")
    if generation == sealer.generation:
        raise InputError(f"第 {generation} 代密钥正在使用，不能撤下", "先用 shouwang keys rotate 换用新的密钥")
    left = sealed_by(home).get(generation)
    if left:
        raise Failure(
            f"还有内容由第 {generation} 代密钥加密：{in_words(left)}",
            "运行 shouwang keys rotate；等待读入的文件读完后再试",
        )
    if not is_in_file(home.keys_file, generation):
        name = field_key_name(generation)
        raise InputError(f"第 {generation} 代密钥来自环境变量，本命令不能删除", f"已没有内容需要它，可以去掉 {name}")
    with transaction.atomic():
        record(None, "field_key_retired", generation=generation)
    remove_field_key(home.keys_file, generation)


def _make_generation(home: Home) -> None:
    current = home.sealer().generation
    if not is_in_file(home.keys_file, current):
        raise InputError(
            "字段密钥来自环境变量，本命令不能增加",
            f"设置 {field_key_name(current + 1)}（64 位十六进制数），重新启动服务，再运行本命令",
        )
    add_field_key(home.keys_file, current + 1)


def _resealable(left: dict[str, int]) -> bool:
    return any(count for place, count in left.items() if place not in (WAITING_FILES, EXPORTS))


def _everything(home: Home) -> Iterator[tuple[str, bytes]]:
    """Each sealed value by its beginning, with the place where it lies."""
    for place, model in TABLES.items():
        heads = model._default_manager.annotate(
            head=models.Func("sealed", 1, HEAD_BYTES, function="SUBSTR", output_field=models.BinaryField())
        )
        # An empty value begins with NULL on SQLite.
        yield from ((place, bytes(head or b"")) for head in heads.values_list("head", flat=True).iterator(AT_ONCE * 10))
    for place, paths in ((REGISTER_ROWS, _register_files(home)), (QUARANTINE, _quarantine_files(home))):
        for path in paths:
            for batch in _batches(path, ["sealed"]):
                yield from ((place, sealed) for sealed in batch.column("sealed").to_pylist())
    for place, paths in ((PHOTOS, photo_files()), (WAITING_FILES, spool_files()), (EXPORTS, export_files())):
        for path in paths:
            with path.open("rb") as stream:
                yield place, stream.read(HEAD_BYTES)


def _batches(path: Path, columns: list[str]) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(columns=columns)


def _register_files(home: Home) -> list[Path]:
    return sorted(home.rows("household_register").glob("*.parquet"))


def _quarantine_files(home: Home) -> list[Path]:
    return sorted((home.lake / "quarantine").glob("*.parquet"))


def _reseal_lake(home: Home, sealer: Sealer, tell: Progress) -> None:
    """File by file under the writer's lock, so that an ingest gets its turn in between. Readers keep the file they have."""
    for path in _register_files(home):
        _reseal_file(
            home, path, lambda batch: (f"person:{key}" for key in batch.column("person").to_pylist()), sealer, tell
        )
    for path in _quarantine_files(home):
        number = int(path.stem.removeprefix("D"))
        _reseal_file(
            home,
            path,
            lambda batch, number=number: (
                context_of_quarantined(number, line) for line in batch.column("line").to_pylist()
            ),  # type: ignore[misc]
            sealer,
            tell,
        )


def _reseal_file(home: Home, path: Path, contexts: Contexts, sealer: Sealer, tell: Progress) -> None:
    """Writes a file of the lake anew with its column `sealed` under the current key, and nothing else changed."""
    heads = (sealed for batch in _batches(path, ["sealed"]) for sealed in batch.column("sealed").to_pylist())
    if all(not sealed or generation_of(sealed) == sealer.generation for sealed in heads):
        return
    with home.writing(), pq.ParquetFile(path) as file:
        staged = home.staging / path.name
        compression = file.metadata.row_group(0).column(0).compression
        with pq.ParquetWriter(staged, file.schema_arrow, compression=compression) as writer:
            for group in range(file.num_row_groups):
                table = file.read_row_group(group)
                for batch in table.to_batches():
                    old = batch.column("sealed").to_pylist()
                    new = [sealer.reseal(s, c) if s else s for s, c in zip(old, contexts(batch), strict=True)]
                    place = batch.schema.get_field_index("sealed")
                    field = batch.schema.field(place)
                    writer.write_batch(batch.set_column(place, field, pa.array(new, field.type)))
                    tell(len(new))
        with staged.open("rb") as stream:
            os.fsync(stream.fileno())
        staged.replace(path)
        sync_folder(path.parent)


def _reseal_table(
    model: type[models.Model], owner: str, context: Callable[[Any], str], sealer: Sealer, tell: Progress
) -> None:
    """In steps of a thousand rows; a row that somebody changed meanwhile is left for the next pass."""
    table, last = connection.ops.quote_name(model._meta.db_table), 0
    while True:
        rows = list(
            model._default_manager.filter(pk__gt=last).order_by("pk").values_list("pk", owner, "sealed")[:AT_ONCE]
        )
        if not rows:
            return
        last = rows[-1][0]
        changed = []
        for pk, of, sealed in rows:
            new = sealer.reseal(bytes(sealed), context(of))
            if new != bytes(sealed):
                changed.append((new, pk, bytes(sealed)))
        if changed:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.executemany(f"UPDATE {table} SET sealed = %s WHERE id = %s AND sealed = %s", changed)
            tell(len(changed))


def _reseal_photos(sealer: Sealer, tell: Progress) -> None:
    for path in photo_files():
        sealed = path.read_bytes()
        new = sealer.reseal(sealed, path.stem)
        if new is not sealed:
            replace_file(path, new)
            tell(1)

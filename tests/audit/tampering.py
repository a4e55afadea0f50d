"""What somebody with the database, or with the anchor files, might do to a chain; each says what must be found, and where."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from shouwang.audit import chain
from shouwang.audit.record import anchor_head, record

COLUMNS = (*chain.FIELDS, "hash")
ENTRY_OF = dict.fromkeys(("actor", "post", "action", "subject_type", "subject", "area", "result", "address"), "假")
NEW_VALUES: dict[str, Any] = ENTRY_OF | {
    "at": "2020-01-01 00:00:00",
    "actor_id": 99,
    "detail": '{"rows":1}',
    "anchored": 0,
    "previous": "f" * 64,
    "hash": "e" * 64,
}
FOREIGN_KEY = b"whoever does this has not the key"


@dataclass(frozen=True)
class Expected:
    kinds: tuple[str, ...]
    sequence: int


@dataclass
class Scene:
    """A chain to tamper with: numbers 1 to `last`, its true key, its anchor folders, and a die."""

    last: int
    key: bytes
    folder: Path
    second: Path
    die: random.Random

    def some(self, first: int = 1, last: int | None = None) -> int:
        return self.die.randint(first, last or self.last)

    @property
    def anchor_file(self) -> Path:
        return max(self.folder.glob("*.txt"))


Tamper = Callable[[Scene], Expected]


def sql(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


def row(number: int) -> list[Any]:
    values = list(sql(f"SELECT {', '.join(COLUMNS)} FROM audit_entry WHERE sequence = %s", number)[0])
    values[1] = values[1].replace(tzinfo=UTC)  # SQLite gives it without
    return values


def put(values: list[Any]) -> None:
    if connection.vendor == "sqlite":
        values[1] = values[1].replace(tzinfo=None)
    sql(f"INSERT INTO audit_entry ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))})", *values)


def set_head(number: int, digest: str | None = None) -> None:
    digest = digest or sql("SELECT hash FROM audit_entry WHERE sequence = %s", number)[0][0]
    sql("UPDATE audit_head SET sequence = %s, hash = %s", number, digest)


def renumber(first: int, last: int, by: int) -> None:
    for number in range(first, last + 1) if by < 0 else range(last, first - 1, -1):
        sql("UPDATE audit_entry SET sequence = %s WHERE sequence = %s", number + by, number)


def rechain(first: int, last: int, key: bytes) -> None:
    """Computes the entries anew from the first on, as whoever wrote the program would."""
    before = row(first - 1)[-1] if first > 1 else chain.GENESIS
    for number in range(first, last + 1):
        values = row(number)
        values[chain.FIELDS.index("previous")] = before
        before = chain.hash_of(key, values[:-1])
        sql("UPDATE audit_entry SET previous = %s, hash = %s WHERE sequence = %s", values[-2], before, number)
    set_head(last)


def edit(scene: Scene) -> Expected:
    number, name = scene.some(2), scene.die.choice(list(NEW_VALUES))
    value = None if name == "actor_id" and scene.die.random() < 0.3 else NEW_VALUES[name]
    sql(f"UPDATE audit_entry SET {name} = %s WHERE sequence = %s", value, number)
    return Expected(("edited",), number)


def make_unreadable(scene: Scene) -> Expected:
    """A time that Python cannot hold: SQLite takes any text, PostgreSQL has years that Python has not."""
    number = scene.some()
    unreadable = {"sqlite": ["gestern", "2021-13-45 99:00"], "postgresql": ["infinity", "20210-01-01 00:00+00"]}
    sql("UPDATE audit_entry SET at = %s WHERE sequence = %s", scene.die.choice(unreadable[connection.vendor]), number)
    return Expected(("edited",), number)


def delete(scene: Scene) -> Expected:
    number = scene.some(last=scene.last - 4)
    sql("DELETE FROM audit_entry WHERE sequence BETWEEN %s AND %s", number, number + scene.die.randint(0, 3))
    return Expected(("deleted",), number)


def delete_and_renumber(scene: Scene) -> Expected:
    number, width = scene.some(last=scene.last - 4), scene.die.randint(1, 3)
    sql("DELETE FROM audit_entry WHERE sequence BETWEEN %s AND %s", number, number + width - 1)
    renumber(number + width, scene.last, -width)
    set_head(scene.last - width)
    return Expected(("deleted",), number)


def insert(scene: Scene) -> Expected:
    number, width = scene.some(), scene.die.randint(1, 2)
    forged = row(scene.some())
    forged[2] = "qian"
    renumber(number, scene.last, width)
    for place in range(number, number + width):
        put([place, *forged[1:]])
    set_head(scene.last + width)
    return Expected(("inserted",), number)


def insert_in_between(scene: Scene) -> Expected:
    number = scene.some(2)
    sequence = scene.die.choice([0, -3, number - 0.5] if connection.vendor == "sqlite" else [0, -3])  # whole elsewhere
    put([sequence, *row(number)[1:]])
    return Expected(("inserted",), number if sequence > 0 else 0)


def append_forged(scene: Scene) -> Expected:
    put([scene.last + 1, *row(scene.some())[1:]])
    if scene.die.random() < 0.5:
        set_head(scene.last + 1)
        return Expected(("edited",), scene.last + 1)
    return Expected(("inserted",), scene.last + 1)


def swap(scene: Scene) -> Expected:
    first, second = sorted(scene.die.sample(range(1, scene.last + 1), 2))
    sql("UPDATE audit_entry SET sequence = -1 WHERE sequence = %s", first)
    sql("UPDATE audit_entry SET sequence = %s WHERE sequence = %s", first, second)
    sql("UPDATE audit_entry SET sequence = %s WHERE sequence = -1", second)
    return Expected(("swapped",), first)


def truncate(scene: Scene) -> Expected:
    number = scene.some(last=scene.last - 1)
    sql("DELETE FROM audit_entry WHERE sequence > %s", number)
    return Expected(("truncated",), number + 1)


def recompute_the_rest_without_key(scene: Scene) -> Expected:
    number = scene.some(last=scene.last - 1)
    sql("UPDATE audit_entry SET actor = 'qian' WHERE sequence = %s", number)
    rechain(number, scene.last, FOREIGN_KEY)
    return Expected(("recomputed",), number)


def recompute_the_rest_with_key(scene: Scene) -> Expected:
    number = scene.some()
    sql("UPDATE audit_entry SET actor = 'qian' WHERE sequence = %s", number)
    rechain(number, scene.last, scene.key)
    return Expected(("recomputed",), number)


def recompute_all(scene: Scene) -> Expected:
    sql("UPDATE audit_entry SET address = '10.0.0.1'")
    rechain(1, scene.last, scene.die.choice([scene.key, FOREIGN_KEY]))
    return Expected(("recomputed",), 1)


def drop_one_and_recompute_with_key(scene: Scene) -> Expected:
    number = scene.some(last=scene.last - 1)
    sql("DELETE FROM audit_entry WHERE sequence = %s", number)
    renumber(number + 1, scene.last, -1)
    rechain(number, scene.last - 1, scene.key)
    # By what the entries say, the same as a database that was put back and worked on.
    return Expected(("older_copy",), number)


def put_back_older_copy(scene: Scene) -> Expected:
    number = scene.some(last=scene.last - 1)
    sql("DELETE FROM audit_entry WHERE sequence > %s", number)
    set_head(number)
    return Expected(("older_copy",), number + 1)


def work_on_after_older_copy(scene: Scene) -> Expected:
    expected = put_back_older_copy(scene)
    for _ in range(scene.die.randint(1, scene.last)):
        with transaction.atomic():
            record(None, "screening_asked")
        anchor_head()
    return expected


def edit_head(scene: Scene) -> Expected:
    change = scene.die.choice(["hash = 'ab'", "sequence = 3", "", "sequence = sequence + 2"])
    sql(f"UPDATE audit_head SET {change}" if change else "DELETE FROM audit_head")
    return Expected(("truncated",), scene.last + 1) if "+" in change else Expected(("head_edited",), scene.last)


def edit_anchor(scene: Scene) -> Expected:
    lines = scene.anchor_file.read_bytes().splitlines(keepends=True)
    number = scene.some()
    line, at = lines[number - 1], scene.die.randrange(len(lines[number - 1]) - 1)
    lines[number - 1] = line[:at] + (b"1" if line[at : at + 1] != b"1" else b"2") + line[at + 1 :]
    scene.anchor_file.write_bytes(b"".join(lines))
    return Expected(("anchors_edited",), number)


def drop_anchor(scene: Scene) -> Expected:
    lines = scene.anchor_file.read_bytes().splitlines(keepends=True)
    number = scene.some(last=scene.last - 1)
    scene.anchor_file.write_bytes(b"".join(lines[: number - 1] + lines[number:]))
    return Expected(("anchors_edited",), number)


def swap_anchors(scene: Scene) -> Expected:
    lines = scene.anchor_file.read_bytes().splitlines(keepends=True)
    first, second = sorted(scene.die.sample(range(scene.last), 2))
    lines[first], lines[second] = lines[second], lines[first]
    scene.anchor_file.write_bytes(b"".join(lines))
    return Expected(("anchors_edited",), first + 1)


def cut_anchors(scene: Scene) -> Expected:
    """The last anchor alone could also have been lost with the power; any other is named by an entry."""
    lines = scene.anchor_file.read_bytes().splitlines(keepends=True)
    number = scene.some(0, scene.last - 2)
    half = lines[number][: scene.die.randrange(len(lines[number]))]
    scene.anchor_file.write_bytes(b"".join(lines[:number]) + half)
    return Expected(("anchors_cut",), number + 1)


def remove_anchors(scene: Scene) -> Expected:
    scene.anchor_file.unlink()
    return Expected(("anchors_cut",), 1)


def cut_database_and_anchors(scene: Scene) -> Expected:
    """Everything in the home goes back together; only the second place knows."""
    number = scene.some(last=scene.last - 1)
    sql("DELETE FROM audit_entry WHERE sequence > %s", number)
    set_head(number)
    lines = scene.anchor_file.read_bytes().splitlines(keepends=True)
    scene.anchor_file.write_bytes(b"".join(lines[:number]))
    return Expected(("anchors_differ",), number + 1)


DATABASE: tuple[Tamper, ...] = (
    edit,
    edit,
    make_unreadable,
    delete,
    delete_and_renumber,
    insert,
    insert_in_between,
    append_forged,
    swap,
    truncate,
    recompute_the_rest_without_key,
    recompute_the_rest_with_key,
    recompute_all,
    drop_one_and_recompute_with_key,
    put_back_older_copy,
    work_on_after_older_copy,
    edit_head,
)
ANCHORS: tuple[Tamper, ...] = (edit_anchor, drop_anchor, swap_anchors, cut_anchors, remove_anchors)
EACH = 10
ALL = [(tamper, seed) for seed in range(EACH) for tamper in (*DATABASE, *ANCHORS)]

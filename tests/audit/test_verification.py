"""Two hundred tampers are found, each at its first place; what was not tampered with is sound."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings
from tampering import ALL, Scene, Tamper, cut_database_and_anchors, edit, recompute_the_rest_with_key, sql

from shouwang.audit.diagnosis import TITLES
from shouwang.audit.record import anchor_files, anchor_head, record
from shouwang.audit.verification import Report, verify
from shouwang.audit.verified import last_verified, note_verified
from shouwang.kernel.home import Home

Make = Callable[..., Scene]


@pytest.fixture
def home(chained: Path, home_as_made: Home) -> Home:
    """The home of the file's chain, in a copy of this test's own."""
    return home_as_made


def test_a_clean_chain_is_sound(scene: Make, home: Home) -> None:
    made = scene()
    told: list[int] = []
    report = verify(home, told.append)
    assert report.sound, report.fault
    assert (report.entries, report.anchors, report.anchored, report.unanchored) == (made.last, made.last, made.last, 0)
    assert report.notes == []


def test_an_empty_chain_is_sound(scene: Make, home: Home) -> None:
    scene(length=0)
    report = verify(home)
    assert report.sound
    assert report.entries == 0


def test_two_hundred_tampers_are_enough() -> None:
    assert len(ALL) >= 200


@pytest.mark.parametrize(("tamper", "seed"), ALL, ids=lambda each: getattr(each, "__name__", str(each)))
def test_a_tamper_is_found_at_its_first_place(scene: Make, home: Home, tamper: Tamper, seed: int) -> None:
    made = scene(seed)
    assert verify(home).sound
    expected = tamper(made)
    fault = verify(home).fault
    assert fault is not None
    assert (fault.kind in expected.kinds, fault.sequence) == (True, expected.sequence), (fault, expected)
    assert fault.kind in TITLES


@pytest.mark.parametrize("seed", range(5))
def test_with_fewer_anchors_the_first_place_is_between_two_of_them(scene: Make, home: Home, seed: int) -> None:
    made = scene(seed, length=20, anchor_every=5)
    expected = recompute_the_rest_with_key(made)
    fault = verify(home).fault
    assert fault is not None
    assert fault.sequence == (expected.sequence - 1) // 5 * 5 + 1
    assert "至第" in fault.words


@pytest.mark.parametrize("seed", range(5))
def test_the_second_place_knows_what_the_home_has_forgotten(scene: Make, home: Home, tmp_path: Path, seed: int) -> None:
    with override_settings(ANCHOR_DIR=tmp_path / "second"):
        made = scene(seed, length=14)
        assert verify(home).sound
        expected = cut_database_and_anchors(made)
        fault = verify(home).fault
        assert fault is not None
        assert (fault.kind, fault.sequence) == (expected.kinds[0], expected.sequence)
    assert verify(home).sound  # what cannot be noticed without a second place: docs/decisions/0006


def test_a_second_place_that_was_out_of_reach_catches_up(scene: Make, home: Home, tmp_path: Path) -> None:
    scene()
    with override_settings(ANCHOR_DIR=tmp_path / "second"):
        assert verify(home).sound
        with transaction.atomic():
            record(None, "screening_asked")
        anchor_head()
        (own,) = (home.path / "anchors").glob("*.txt")
        assert (tmp_path / "second" / own.name).read_bytes() == own.read_bytes()
        assert verify(home).sound


def test_a_crash_before_the_anchor_is_no_tampering(scene: Make, home: Home) -> None:
    made = scene()
    for _ in range(2):
        with transaction.atomic():
            record(None, "screening_asked")
    report = verify(home)
    assert report.sound
    assert report.unanchored == 2
    assert "末尾 2 条还没有锚点" in report.notes[0]
    assert anchor_head()
    assert not anchor_head()
    report = verify(home)
    assert (report.anchored, report.notes) == (made.last + 2, [])
    sql("UPDATE audit_entry SET actor = 'qian' WHERE sequence = %s", made.last + 1)
    assert not verify(home).sound


def test_a_forged_tail_is_not_taken_for_one_that_waits_for_its_anchor(scene: Make, home: Home) -> None:
    made = scene()
    with transaction.atomic():
        record(None, "screening_asked")
    sql("UPDATE audit_entry SET detail = '{}' , subject = 'x' WHERE sequence = %s", made.last + 1)
    fault = verify(home).fault
    assert fault is not None
    assert (fault.kind, fault.sequence) == ("edited", made.last + 1)


def test_a_line_half_written_in_a_crash_never_counted(scene: Make, home: Home) -> None:
    made = scene()
    with transaction.atomic():
        record(None, "screening_asked")
    with made.anchor_file.open("ab") as stream:
        stream.write(b"15 abcdef")
    assert verify(home).sound
    anchor_head()
    report = verify(home)
    assert report.sound
    assert (report.anchored, report.anchors) == (made.last + 1, made.last + 1)


def test_anchors_go_on_in_the_next_month(scene: Make, home: Home) -> None:
    made = scene()
    made.anchor_file.rename(made.folder / "2021-06.txt")
    with transaction.atomic():
        record(None, "screening_asked")
    anchor_head()
    assert len(list(made.folder.glob("*.txt"))) == 2
    assert verify(home).sound
    (made.folder / "2021-06.txt").unlink()
    fault = verify(home).fault
    assert fault is not None
    assert fault.kind == "anchors_edited"


def test_another_key_is_no_proof(scene: Make, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    scene()
    monkeypatch.setenv("SHOUWANG_AUDIT_KEY", "0" * 64)
    fault = verify(home).fault
    assert fault is not None
    assert fault.sequence == 1


def test_the_first_of_two_tampers_is_named(scene: Make, home: Home) -> None:
    made = scene()
    lines = made.anchor_file.read_bytes().splitlines(keepends=True)
    made.anchor_file.write_bytes(b"".join(lines[:8] + [b"9" + lines[8]] + lines[9:]))
    sql("UPDATE audit_entry SET actor = 'qian' WHERE sequence IN (5, 12)")
    fault = verify(home).fault
    assert fault is not None
    assert (fault.kind, fault.sequence) == ("edited", 5)


def test_entries_that_come_meanwhile_are_no_fault(scene: Make, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three more entries with their anchors between the look at the anchors and the look at the entries."""
    from shouwang.audit import verification

    made = scene()
    real, more = verification.anchor_files, []

    def meanwhile(of: Home) -> object:
        files = real(of)
        before = files.last()

        class Slow:
            def last(self) -> object:
                if not more:
                    for _ in range(3):
                        with transaction.atomic():
                            more.append(record(None, "screening_asked"))
                        anchor_head()
                    return before
                return files.last()

            lines, difference = files.lines, files.difference

        return Slow()

    monkeypatch.setattr(verification, "anchor_files", meanwhile)
    report = verify(home)
    assert report.sound, report.fault
    assert report.entries == made.last + 3


def test_the_last_result_is_kept_and_believed_only_with_its_mac(scene: Make, home: Home) -> None:
    made = scene()
    files = anchor_files(home)
    assert last_verified(files) is None
    note_verified(files, verify(home))
    kept = last_verified(files)
    assert kept is not None
    assert (kept.up_to, kept.sound) == (made.last, True)
    edit(made)
    report: Report = verify(home)
    note_verified(files, report)
    kept = last_verified(files)
    assert kept is not None
    assert report.fault is not None
    assert kept.words == report.fault.words
    path = made.folder / "verified.json"
    path.write_text(path.read_text().replace('"words": "', '"words": "x'))
    assert last_verified(files) is None

"""The field key rotated while the site runs: nothing is lost, nothing waits, an interrupted rotation goes on."""

import json
import threading
from collections.abc import Callable
from types import SimpleNamespace

import polars as pl
import pytest
from assisting import bare_contact, included_case
from desks import VILLAGE
from django.apps import apps
from django.db.models import BinaryField
from offices import ON

from conftest_numbers import number
from shouwang.accounts import second_factor
from shouwang.accounts.models import SecondFactor, User
from shouwang.assistance.models import Contact
from shouwang.audit.models import Entry
from shouwang.clues.photos import photo_files
from shouwang.deliveries.quarantine import quarantined_rows
from shouwang.exchange.spool import SealedWriter, open_sealed, spool_folder
from shouwang.households.models import Household, Person
from shouwang.jobs.field_keys import TABLES, outdated, retire, rotate, sealed_by
from shouwang.jobs.register import load_register
from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.home import Home, replace_file
from shouwang.kernel.keys import add_field_key

HEADER = "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,联系电话"
PHOTO = "0123456789abcdef"


@pytest.fixture
def kept(home: Home, areas: None, send: Callable) -> SimpleNamespace:
    """One of everything that is sealed."""
    people = [number(serial) for serial in range(1, 6)]
    rows = [
        f"H1,{VILLAGE},脱贫户,冉大山,{each},{'户主' if i == 0 else '子'},1990000000{i}" for i, each in enumerate(people)
    ]
    report = send("household_register", [HEADER, *rows, f"H1,{VILLAGE},脱贫户,冉小山,{people[0][:17]},子,"])
    assert (report.accepted, report.quarantined) == (5, 1)
    load_register(home)
    user = User.objects.create(username="wang", display_name="王主任")
    secret = second_factor.propose(user)
    path = home.path / "photos" / PHOTO[:2] / f"{PHOTO}.sealed"
    path.parent.mkdir(parents=True)
    replace_file(path, home.sealer().seal_bytes(b"picture", PHOTO))
    contact = bare_contact(included_case(Household.objects.get(), ON), "assistance_contact", ON)
    Contact.objects.filter(pk=contact.pk).update(sealed=home.sealer().seal("13900000000", f"contact:{contact.key}"))
    return SimpleNamespace(people=people, user=user, secret=secret, report=report)


def waiting_file(home: Home) -> str:
    writer = SealedWriter(spool_folder() / "waiting.sealed", home.sealer())
    writer.write(b"row")
    writer.finish()
    return "waiting.sealed"


def everything_opens(home: Home, kept: SimpleNamespace) -> None:
    sealer = home.sealer()
    numbers = {json.loads(sealer.unseal(bytes(p.sealed), f"person:{p.key}"))["id"] for p in Person.objects.all()}
    assert numbers == set(kept.people)
    assert second_factor.propose(kept.user) == kept.secret
    assert [sealer.unseal(bytes(c.sealed), f"contact:{c.key}") for c in Contact.objects.all()] == ["13900000000"]
    assert quarantined_rows(home, kept.report.number)[0].cells["证件号码"] == kept.people[0][:17]
    assert [sealer.unseal_bytes(path.read_bytes(), path.stem) for path in photo_files()] == [b"picture"]
    lake = pl.read_parquet(home.rows("household_register") / f"{kept.report.label}.parquet")
    opened = [sealer.unseal(sealed, f"person:{key}") for key, sealed in lake.select("person", "sealed").iter_rows()]
    assert [json.loads(each)["id"] for each in opened] == kept.people


def nothing(_: int) -> None: ...


def test_no_table_that_seals_something_is_forgotten() -> None:
    """Each binary column of the casework is the column `sealed` of a table that is resealed."""
    columns = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, BinaryField)
    }
    assert columns == {(model, "sealed") for model in TABLES.values()}


def test_everything_comes_under_the_new_key_and_the_old_one_can_go(home: Home, kept: SimpleNamespace) -> None:
    assert set(sealed_by(home)) == {1}
    done = rotate(home, nothing)
    assert (done.generation, done.made, done.left) == (2, True, {})
    assert sealed_by(home) == {
        1: {},
        2: {
            "household_members": 5,
            "second_factors": 1,
            "photos": 1,
            "contacts": 1,
            "register_rows": 5,
            "quarantine": 1,
        },
    }
    retire(home, 1)
    assert set(home.keys().fields) == {2}
    everything_opens(home, kept)
    assert list(Entry.objects.order_by("sequence").values_list("action", flat=True))[-2:] == [
        "field_key_rotated",
        "field_key_retired",
    ]
    again = rotate(home, nothing)
    assert (again.generation, again.made) == (3, True)
    everything_opens(home, kept)


@pytest.mark.parametrize("steps", range(4))
def test_killed_at_any_step_and_run_again_it_goes_on(home: Home, kept: SimpleNamespace, steps: int) -> None:
    class Killed(Exception): ...

    left = steps

    def kill(_: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed

    with pytest.raises(Killed):
        rotate(home, kill)
    everything_opens_without_reloading(home, kept)
    with pytest.raises(Failure, match="还有内容"):
        retire(home, 1)
    done = rotate(home, nothing)
    assert (done.generation, done.made, done.left) == (2, False, {})
    retire(home, 1)
    everything_opens(home, kept)


def everything_opens_without_reloading(home: Home, kept: SimpleNamespace) -> None:
    sealer = home.sealer()
    assert len({sealer.unseal(bytes(p.sealed), f"person:{p.key}") for p in Person.objects.all()}) == len(kept.people)
    assert quarantined_rows(home, kept.report.number)
    assert second_factor.propose(kept.user) == kept.secret


def test_a_killed_writing_of_the_key_file_leaves_the_old_one(
    home: Home, kept: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = home.keys_file.read_text()

    def killed(*_: object) -> None:
        raise OSError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", killed)
        with pytest.raises(OSError, match="killed"):
            add_field_key(home.keys_file, 2)
    assert home.keys_file.read_text() == before
    everything_opens(home, kept)


def test_a_file_that_waits_keeps_its_key_until_it_is_read(home: Home, kept: SimpleNamespace) -> None:
    waiting = spool_folder() / waiting_file(home)
    done = rotate(home, nothing)
    assert done.left == {"waiting_uploads": 1}
    with pytest.raises(Failure, match="等待读入的文件 1"):
        retire(home, 1)
    with open_sealed(waiting, home.sealer()) as stream:
        assert stream.read() == b"row"
    waiting.unlink()
    retire(home, 1)


def test_what_was_forgotten_keeps_its_key(home: Home, kept: SimpleNamespace) -> None:
    """A planted fault: one secret is put back under the old key after the rotation."""
    factor = SecondFactor.objects.get()
    old = bytes(factor.sealed)
    rotate(home, nothing)
    SecondFactor.objects.update(sealed=old)
    assert outdated(home) == {"second_factors": 1}
    with pytest.raises(Failure, match="动态口令 1"):
        retire(home, 1)
    assert 1 in home.keys().fields


def test_readers_never_wait(home: Home, kept: SimpleNamespace) -> None:
    """The lake is read all the while its files are written anew."""
    stop, faults, reads = threading.Event(), [], 0

    def read() -> None:
        nonlocal reads
        while not stop.is_set():
            try:
                assert quarantined_rows(home, kept.report.number)[0].cells["姓名"] == "冉小山"
                reads += 1
            except Exception as problem:
                faults.append(problem)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(5):
            rotate(home, nothing)
    finally:
        stop.set()
        reader.join()
    assert faults == []
    assert reads > 0
    assert home.sealer().generation == 6


def test_keys_of_the_environment_are_not_ours_to_change(
    home: Home, kept: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOUWANG_FIELD_KEY", home.keys().fields[1].hex())
    with pytest.raises(InputError, match="SHOUWANG_FIELD_KEY_2"):
        rotate(home, nothing)
    monkeypatch.setenv("SHOUWANG_FIELD_KEY_2", "cd" * 32)
    done = rotate(home, nothing)
    assert (done.generation, done.made) == (2, False)
    with pytest.raises(InputError, match="来自环境变量"):
        retire(home, 1)
    with pytest.raises(InputError, match="正在使用"):
        retire(home, 2)
    with pytest.raises(InputError, match="没有第 7 代"):
        retire(home, 7)
    everything_opens(home, kept)
    assert outdated(home) == {}

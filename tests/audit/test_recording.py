"""An entry stands with its change or not at all, in order, in full, and nobody can change it."""

import json
from contextlib import suppress
from datetime import UTC, date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.db.transaction import TransactionManagementError

from shouwang.accounts.models import Post, User
from shouwang.areas.models import Area
from shouwang.audit import chain, triggers
from shouwang.audit.asking import asked_from
from shouwang.audit.models import Entry, Head
from shouwang.audit.record import anchor_files, chain_key, record, record_many
from shouwang.kernel.citizen_id import check_digit
from shouwang.kernel.home import Home

CITY = "500000000000"


@pytest.fixture
def user(db: None, home: Home) -> User:
    Area.objects.create(code=CITY, name="重庆市", level=1, scope="50")
    made = User.objects.create(username="zhao", display_name="赵主任")
    Post.objects.create(user=made, area_id=CITY, duty="city", starts_on=date(2020, 1, 1))
    return made


@pytest.mark.django_db(transaction=True)
def test_there_is_no_entry_without_a_transaction(home: Home) -> None:
    with pytest.raises(TransactionManagementError):
        record(None, "screening_asked")
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_entry_goes_with_its_change(home: Home) -> None:
    with suppress(RuntimeError), transaction.atomic():
        User.objects.create(username="qian")
        record(None, "user_added", ("user", "qian"))
        raise RuntimeError
    assert not Entry.objects.exists()
    assert not User.objects.exists()
    with transaction.atomic():
        record(None, "user_added", ("user", "qian"))
    assert Entry.objects.get().sequence == 1
    anchor = anchor_files(home).last()
    assert anchor is not None
    assert (anchor.sequence, anchor.hash) == (1, Entry.objects.get().hash)


@pytest.mark.django_db(transaction=True)
def test_a_transaction_has_one_anchor_and_a_rolled_back_part_none(home: Home) -> None:
    with transaction.atomic():
        record(None, "screening_asked", ("screeningrun", "1"))
        with suppress(RuntimeError), transaction.atomic():
            record(None, "screening_asked", ("screeningrun", "2"))
            raise RuntimeError
        record(None, "screening_asked", ("screeningrun", "3"))
        record(None, "screening_asked", ("screeningrun", "4"))
    assert list(Entry.objects.order_by("pk").values_list("pk", "subject")) == [(1, "1"), (2, "3"), (3, "4")]
    assert [line.sequence for line in anchor_files(home).lines()] == [3]


def test_an_entry_says_who_did_what_where_from(user: User, home: Home) -> None:
    with asked_from("203.0.113.9"):
        made = record(user, "household_viewed", ("household", "H1"), area=CITY, reason="核实")
    found = Entry.objects.get()
    assert (found.actor, found.actor_id, found.post) == ("zhao", user.pk, "重庆市 市级乡村振兴部门")
    assert (found.subject_type, found.subject, found.area) == ("household", "H1", CITY)
    assert json.loads(found.detail) == {"reason": "核实"}
    assert (found.result, found.address) == ("done", "203.0.113.9")
    assert found.at.tzinfo is UTC
    assert (found.previous, found.hash) == (chain.GENESIS, made.hash)
    values = [getattr(found, name) for name in chain.FIELDS]
    assert chain.hash_of(chain_key(home), values) == found.hash


def test_every_field_but_the_hash_is_in_the_hash(user: User, home: Home) -> None:
    columns = {field.attname for field in Entry._meta.get_fields()}
    assert columns - {"hash"} == set(chain.FIELDS)
    entry = record(user, "household_viewed", user)
    values = [getattr(entry, name) for name in chain.FIELDS]
    for place in range(len(values)):
        other = [*values[:place], "changed", *values[place + 1 :]]
        assert chain.hash_of(chain_key(home), other) != entry.hash


def test_the_entry_outlives_the_user(tables_owner: None, user: User) -> None:
    record(user, "logged_in", user)
    user.posts.all().delete()
    user.delete()
    assert Entry.objects.get().actor == "zhao"


def test_many_entries_are_as_good_as_one_by_one(user: User, home: Home) -> None:
    record(user, "screening_asked")
    record_many(user, "clue_dispatched", [(("clue", f"H{n}-01"), {"to": "五桥街道"}) for n in range(1200)])
    last = record(user, "screening_asked")
    entries = list(Entry.objects.order_by("pk"))
    assert [entry.pk for entry in entries] == list(range(1, 1203))
    assert all(after.previous == before.hash for before, after in zip(entries, entries[1:], strict=False))
    assert Head.objects.get().hash == last.hash


def test_what_the_catalogue_does_not_know_is_refused(user: User) -> None:
    with pytest.raises(ValueError, match="made_up"):
        record(user, "made_up")
    with pytest.raises(ValueError, match="spaceship"):
        record(user, "household_viewed", ("spaceship", "1"))


def test_no_identity_number_gets_in(user: User) -> None:
    number = "50010119900307123" + check_digit("50010119900307123")
    user.username = number
    record(
        user, "value_unmasked", ("page", number), asked=[f"人 {number}", {"number": int(number[:15])}], **{"n": number}
    )
    found = Entry.objects.get()
    for text in (found.actor, found.subject, found.detail):
        assert number[:17] not in text
        assert number[:15] not in text
    json.loads(found.detail)


def test_texts_that_a_database_would_refuse_are_made_to_fit(user: User) -> None:
    record(user, "access_refused", ("page", "/a\0b\ud800" + "长" * 300))
    subject = Entry.objects.get().subject
    assert len(subject) == 200
    assert "\0" not in subject


def test_the_model_refuses_every_change(user: User) -> None:
    entry = record(user, "logged_in", user)
    entry.actor = "qian"
    with pytest.raises(PermissionDenied):
        entry.save()
    with pytest.raises(PermissionDenied):
        entry.delete()
    every = Entry.objects.all()
    for change in (
        lambda: every.update(actor="qian"),
        lambda: every.delete(),
        lambda: every.bulk_update([entry], ["actor"]),
        lambda: every.bulk_create([entry]),
        lambda: every.create(sequence=9),
        lambda: every.update_or_create(sequence=1),
    ):
        with pytest.raises(PermissionDenied):
            change()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'qian' WHERE sequence = 1",
        "DELETE FROM audit_entry WHERE sequence = 1",
        "INSERT INTO audit_entry SELECT * FROM audit_entry WHERE sequence = 1 ON CONFLICT (sequence) DO UPDATE"
        " SET actor = 'qian'",
        "TRUNCATE audit_entry",
        "TRUNCATE audit_head",
        "INSERT INTO audit_entry SELECT 3, at, actor, actor_id, post, action, subject_type, subject, area, detail,"
        " result, address, anchored, previous, hash FROM audit_entry",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET sequence = 0",
        "UPDATE audit_head SET hash = ''",
    ],
)
def test_the_database_refuses_every_change(tables_owner: None, user: User, statement: str) -> None:
    if statement.startswith("TRUNCATE") and connection.vendor == "sqlite":
        pytest.skip("SQLite knows no TRUNCATE")
    record(user, "logged_in", user)
    with connection.cursor() as cursor:
        for name in triggers.GUARDS_AGAINST_DELETION[connection.vendor]:
            cursor.execute(triggers.setting_up(connection.vendor, name))
        with pytest.raises(DatabaseError, match="只能追加"), transaction.atomic():
            cursor.execute(statement)
    assert Entry.objects.get().actor == "zhao"


def test_every_trigger_stands(db: None) -> None:
    """A migration that rebuilds a table must set its triggers up again."""
    asked = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit%%'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'audit%%'",
    }
    with connection.cursor() as cursor:
        cursor.execute(asked[connection.vendor], [])
        there = {name for (name,) in cursor.fetchall()}
    assert there == set(triggers.names(connection.vendor)) - set(triggers.GUARDS_AGAINST_DELETION[connection.vendor])

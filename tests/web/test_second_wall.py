"""The second wall: where a page forgets whose rows it may show, PostgreSQL shows none all the same (decision 0025)."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.test import Client
from small_city import COUNTY, FOREIGN_VILLAGE, TOWNSHIP, VILLAGE, make_clue, make_household

from runtime_role import ROLE, owner
from shouwang.accounts.scope import Scope, scope_of
from shouwang.clues.models import Clue, ClueStep
from shouwang.households.models import Household, Person
from shouwang.jobs.rights import rights, too_mighty
from shouwang.jobs.row_policies import out_of_date, raise_wall, walled
from shouwang.proceedings.models import WrittenOnce
from shouwang.tables.acting import EVERYWHERE, acting_within, areas_in_force
from shouwang.tables.postgresql.base import DatabaseWrapper

POSTGRESQL = connection.vendor == "postgresql"
behind = pytest.mark.skipif(not POSTGRESQL, reason="about PostgreSQL: SHOUWANG_TEST_DATABASE=postgresql")


def forget_the_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    def everything(scope: Scope, rows: QuerySet[Clue], *_: str, **__: object) -> QuerySet[Clue]:
        return rows

    monkeypatch.setattr(Scope, "filter", everything)
    monkeypatch.setattr(Scope, "covers", lambda *_: True)
    monkeypatch.setattr(Scope, "covers_fully", lambda *_: True)


@pytest.mark.parametrize("who", ["foreign", "village"])
def test_a_page_that_forgets_its_scope_shows_nobody_of_elsewhere(
    who: str, city: SimpleNamespace, at_desk: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = VILLAGE if who == "foreign" else FOREIGN_VILLAGE
    household = make_household(f"{there}-7777", there, "冉失守", 77)
    clue = make_clue(household, 77)
    forget_the_scope(monkeypatch)
    browser = at_desk(who)
    pages = ["/clues/?state=any", "/households/", f"/households/{household.pk}/", f"/clues/{clue.number}/"]
    shown = [page for page in pages if "冉失守" in browser.get(page).content.decode()]
    assert shown == ([] if POSTGRESQL else pages)


@behind
def test_nobody_is_there_where_nothing_was_said(city: SimpleNamespace) -> None:
    filled = [model for model in walled() if model._base_manager.exists()]
    assert {Household, Person, Clue, ClueStep} <= set(filled)
    with acting_within(()):
        assert [model for model in walled() if model._base_manager.exists()] == []
    with acting_within([FOREIGN_VILLAGE]):
        assert not Person.objects.exists()
    with acting_within([VILLAGE]):
        assert {person.household.area_id for person in Person.objects.all()} == {VILLAGE}
        assert ClueStep.objects.exists()


@behind
def test_nothing_is_written_elsewhere(city: SimpleNamespace) -> None:
    clue = Clue.objects.get()
    with acting_within([FOREIGN_VILLAGE]):
        assert Clue.objects.filter(pk=clue.pk).update(owners="x") == 0
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            make_household(f"{VILLAGE}-8888", VILLAGE, "冉失守", 88)
    with acting_within([VILLAGE]), transaction.atomic():
        make_household(f"{VILLAGE}-8888", VILLAGE, "冉在册", 88)


@behind
def test_a_clue_on_a_desk_elsewhere_brings_its_household_along(city: SimpleNamespace) -> None:
    with acting_within([FOREIGN_VILLAGE]):
        assert not Clue.objects.exists()
    Clue.objects.update(desk=FOREIGN_VILLAGE)
    with acting_within([FOREIGN_VILLAGE]):
        assert Clue.objects.select_related("household").get().household.head_name
        assert Household.objects.count() == 1


@behind
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE households_person DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE households_person NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY acting ON households_person",
        "CREATE POLICY open ON households_person USING (true)",
        "CREATE TABLE elsewhere (a integer)",
        "DROP TABLE clues_clue",
        "ALTER TABLE clues_clue DROP COLUMN owners",
        "TRUNCATE households_person CASCADE",
        "TRUNCATE audit_entry",
        "UPDATE audit_entry SET actor = 'nobody'",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_head",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "UPDATE clues_cluestep SET reason = ''",
        "DELETE FROM clues_cluestep",
        "DELETE FROM clues_clue",
        "DELETE FROM households_household",
        "DELETE FROM cases_case",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('a', 'b', now())",
        f"ALTER ROLE {ROLE} BYPASSRLS",
        "SET session_replication_role = replica",
    ],
)
def test_the_runtime_role_may_not(statement: str, city: SimpleNamespace) -> None:
    refused = "permission denied|must be owner|must be superuser"
    # The tests' server knows the runtime role by `SET ROLE`; whoever connects as it has no other to go back to.
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False, False)
        if statement.startswith(("ALTER ROLE", "SET session")):
            cursor.execute(f"SET LOCAL SESSION AUTHORIZATION {ROLE}")
        with pytest.raises(DatabaseError, match=refused), transaction.atomic():
            cursor.execute(statement)


@behind
def test_even_where_row_security_is_switched_off_nothing_is_read(city: SimpleNamespace) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL row_security = off")
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cursor.execute("SELECT * FROM households_person")


@behind
def test_who_owns_the_tables_is_no_runtime_role(db: None) -> None:
    assert too_mighty() == ""
    with owner():
        assert too_mighty() == "SUPERUSER"
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE sweeps_campaign OWNER TO {ROLE}")
    assert too_mighty() == "OWNER"


@behind
def test_a_policy_that_is_gone_or_off_is_found_and_put_up_again(db: None) -> None:
    assert out_of_date() == []
    with owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE clues_clue DISABLE ROW LEVEL SECURITY")
        cursor.execute("ALTER TABLE cases_case NO FORCE ROW LEVEL SECURITY")
        cursor.execute("DROP POLICY acting ON households_person")
        cursor.execute("COMMENT ON POLICY acting ON households_household IS 'of another version'")
        assert set(out_of_date()) == {"clues_clue", "cases_case", "households_person", "households_household"}
        assert len(raise_wall(connection)) == 4
        assert out_of_date() == raise_wall(connection) == []


def test_what_is_written_once_is_not_changed() -> None:
    from django.apps import apps

    once = [model for model in apps.get_models() if issubclass(model, WrittenOnce)]
    assert len(once) > 20
    for model in once:
        assert set(rights(model)) <= {"SELECT", "INSERT", "UPDATE (sealed)"}
    assert rights(apps.get_model("audit.Entry")) == ["SELECT", "INSERT"]


def test_a_request_acts_for_its_user_and_nothing_stays_behind(
    city: SimpleNamespace, at_desk: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from shouwang.web import worklist

    heard: list[str] = []
    asked = worklist.Asked

    def listening(*given: object) -> object:
        heard.append(areas_in_force())
        if heard[-1] == TOWNSHIP[:9]:
            raise RuntimeError("planted")
        return asked(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(worklist, "Asked", listening)
    before = areas_in_force()
    for who in ("village", "county", "city", "township"):
        browser = at_desk(who)
        browser.raise_request_exception = False
        browser.get("/clues/")
        assert areas_in_force() == before
    assert list(dict.fromkeys(heard)) == [VILLAGE, COUNTY[:6], EVERYWHERE, TOWNSHIP[:9]]


def test_administrators_act_nowhere(areas: None, home: object) -> None:
    from datetime import date

    from small_city import make_user

    assert scope_of(make_user("shen", COUNTY, "auditor"), date(2021, 6, 1)).acting == ()
    assert scope_of(make_user("none", None), date(2021, 6, 1)).acting == ()


@behind
def test_a_connection_that_is_kept_says_anew_for_whom_it_asks(
    city: SimpleNamespace, at_desk: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    telling = DatabaseWrapper._tell

    def listening(link: DatabaseWrapper) -> None:
        telling(link)
        told.append(str(link.told))

    monkeypatch.setattr(DatabaseWrapper, "_tell", listening)
    village, foreign = at_desk("village"), at_desk("foreign")
    told.clear()
    assert village.get("/clues/").content.count("冉光荣".encode())
    assert not foreign.get("/clues/").content.count("冉光荣".encode())
    # Nothing before it is known who asks, then for whom; on a connection that was left by another user too.
    assert told == ["", VILLAGE, "", FOREIGN_VILLAGE[:6]]


@behind
def test_what_a_transaction_took_back_is_said_again(city: SimpleNamespace) -> None:
    there, elsewhere = Household.objects.count(), 0

    def seen(area: str, broken: bool = False) -> int:
        with transaction.atomic(), acting_within([area]):
            found = Household.objects.count()
            if broken:
                raise ZeroDivisionError(found)
            return found

    with acting_within([VILLAGE]):
        assert Household.objects.count() == there > 0
        with pytest.raises(ZeroDivisionError, match=f"^{elsewhere}$"):
            seen(FOREIGN_VILLAGE, broken=True)
        assert Household.objects.count() == there
    with pytest.raises(ZeroDivisionError, match=f"^{there}$"):
        seen(VILLAGE, broken=True)
    assert seen(FOREIGN_VILLAGE) == elsewhere
    with acting_within([FOREIGN_VILLAGE]):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT no_such_column FROM households_household")
        assert Household.objects.count() == elsewhere

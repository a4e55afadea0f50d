"""Every table with people stands behind the second wall, or it is written why not; and who may step round it is written too."""

import re
from pathlib import Path

import pytest

from shouwang.jobs import row_policies
from shouwang.jobs.rights import DELETED_FROM, ONLY_ADDED_TO, ONLY_READ

CODE = Path(row_policies.__file__).parents[1]
# Where something is asked of all rows on behalf of somebody who may not see them, and what comes of it.
EVERYWHERE = {
    "assistance/giving.py",  # how many needs a county has, to number the next
    "assistance/planning.py",  # how many public posts somebody holds
    "cases/green_channel.py",  # the case of a household whose clue was reassigned
    "declarations/reading.py",  # where a receipt's declaration belongs: two area codes
    "households/reading.py",  # the names of who once was in a household that is seen
    "jobs/link_decisions.py",  # whom the last decision was about, for its entry
    "jobs/register_sheet.py",  # what the register says of whom a sheet names
    "registration/lines.py",  # what the register says of whom a request names
    "registration/proposing.py",  # whether a number is registered anywhere
}


def test_of_every_model_it_is_said() -> None:
    assert row_policies.without_word() == []


@pytest.mark.parametrize("told", ["AREAS", "BEHIND", "WITHOUT"])
def test_a_model_of_which_nothing_is_said_is_found(told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = getattr(row_policies, told)
    planted = next(label for label in known if label not in row_policies.BESIDE)
    monkeypatch.setattr(row_policies, told, {label: said for label, said in known.items() if label != planted})
    assert row_policies.without_word() == [planted]


def test_nothing_is_said_twice() -> None:
    behind = {*row_policies.AREAS, *row_policies.BEHIND, *row_policies.BESIDE}
    assert not behind & set(row_policies.WITHOUT)
    assert not set(row_policies.AREAS) & set(row_policies.BEHIND)
    assert all(row_policies.WITHOUT.values())


def test_every_model_that_is_named_exists() -> None:
    from django.apps import apps

    for label in (*row_policies.WITHOUT, *DELETED_FROM, *ONLY_ADDED_TO, *ONLY_READ):
        assert apps.get_model(label)._meta.label == label
    assert len(row_policies.walled()) > 50


def test_no_table_with_an_area_of_its_own_goes_by_another_row() -> None:
    """Another row costs a look-up for each; an area in the row costs a comparison."""
    from django.apps import apps

    for label in row_policies.BEHIND:
        fields = {field.name for field in apps.get_model(label)._meta.concrete_fields if not field.null}
        assert "area" not in fields, label


def steps_round(code: Path) -> set[str]:
    """The files in which the whole city is asked within a request."""
    files = (each for each in sorted(code.rglob("*.py")) if each.parent.name != "tables")
    return {str(each.relative_to(code)) for each in files if re.search(r"\bacting_everywhere\(", each.read_text())}


def test_where_all_rows_are_asked_is_written() -> None:
    assert steps_round(CODE) == EVERYWHERE


def test_another_place_is_found(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text("with acting_everywhere():\n    pass\n")
    assert steps_round(tmp_path) == {"planted.py"}

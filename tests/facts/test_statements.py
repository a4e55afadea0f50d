"""The statements of a whole screening stay within what a second engine understands."""

from datetime import date
from pathlib import Path

import pytest
import sqlglot
from sqlglot.errors import ErrorLevel

from shouwang.deliveries.lake import Lake
from shouwang.facts.catalogue import catalogue
from shouwang.policy.pack import load_pack
from shouwang.screening.cases import load_cases, run_cases
from shouwang.sources.contract import contract


def test_every_statement_can_be_carried_over_to_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    statements: set[str] = set()
    run = Lake.run

    def noted(self: Lake, sql: str) -> object:
        statements.add(sql)
        return run(self, sql)

    monkeypatch.setattr(Lake, "run", noted)
    run_cases(load_pack(), load_cases(load_pack())[:40])
    assert len(statements) > 50
    for sql in statements:
        portable = sql.split("read_parquet(")[0] if sql.startswith("SELECT count(*) FROM duckdb") else sql
        sqlglot.transpile(portable, read="duckdb", write="spark", unsupported_level=ErrorLevel.RAISE)


def test_facts_speak_of_columns_that_their_sources_have() -> None:
    for fact in catalogue().values():
        fields = {column.field for column in contract(fact.source).columns} | {"household_type"}
        of_row = [name for c in (*fact.where, *fact.keep) for name in c.columns() if not name.startswith("member.")]
        assert set(of_row) <= fields, fact.name
        assert set(fact.shows) <= fields, fact.name
        assert set(fact.value.columns()) <= fields, fact.name


def test_the_order_of_the_catalogue_does_not_change() -> None:
    assert list(catalogue())[:2] == ["members", "lifted_out_of_poverty"]


def test_the_lake_reads_nothing_outside_the_home(tmp_path: Path) -> None:
    import duckdb

    from shouwang.kernel.home import init_home

    outside = tmp_path / "outside.csv"
    outside.write_text("a\n1\n")
    with Lake(init_home(tmp_path / "home"), date(2021, 6, 17)) as lake:
        for sql in (
            f"SELECT * FROM read_csv('{outside}')",
            f"COPY (SELECT 1) TO '{tmp_path}/x.csv'",
            "SET threads = 8",
        ):
            with pytest.raises(duckdb.Error):
                lake.connection.execute(sql)
        with pytest.raises(duckdb.Error):
            lake.connection.execute("INSTALL httpfs")

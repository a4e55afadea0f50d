"""Linking a chunk to the register (DEPARTMENT_FILES, "A wrong identity number"): by number, by an explained wrong
number, otherwise as a proposal for people."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from shouwang.deliveries.examination import Examined
from shouwang.deliveries.identities import Pseudonyms, RegisteredPersons
from shouwang.deliveries.key_map import REGISTER
from shouwang.kernel import citizen_id
from shouwang.kernel.keys import Sealer
from shouwang.linkage.repair import explain_by_village, explain_wrong_numbers
from shouwang.sources.columns import WRONG_NUMBER
from shouwang.sources.contract import Contract

COUNTY = "county"
REVIEW_SCHEMA = {"line": pl.Int32, "reason": pl.String, "candidates": pl.String}


@dataclass(frozen=True)
class Linked:
    """`refused` marks the examined rows that go to quarantine; `rows` are the others, with person and link."""

    refused: pl.Series
    rows: pl.DataFrame


class Linker:
    """Links the rows of one file, chunk by chunk.

    Whom a row without a usable number may be about is asked once, after the last chunk: the whole register passes by for it.
    """

    def __init__(
        self,
        contract: Contract,
        pseudonyms: Pseudonyms,
        registered: RegisteredPersons,
        sealer: Sealer,
        searched: Callable[[int, int], None],
    ) -> None:
        """`searched` hears how many registered persons were looked at for rows without a usable number, and of how many."""
        self._contract = contract
        self._pseudonyms = pseudonyms
        self._registered = registered
        self._sealer = sealer
        self.is_register = contract.source == REGISTER
        self._has_number = contract.has("id_number")
        self._carries_more = contract.has("division_code") and not self.is_register
        self._searched = searched
        self._asked: list[pl.DataFrame] = []
        self._found: list[pl.DataFrame] = []

    def link(self, examined: Examined) -> Linked:
        """Decides for each examined row whether it is accepted, and to whom it belongs."""
        if not self._has_number:
            refused = examined.faulty(among_wrong_numbers=True)
            rows = examined.rows.filter(~refused)
            return Linked(refused, rows.with_columns(_in_county(rows)))
        faulty = examined.faulty(among_wrong_numbers=True)
        if self.is_register:
            return self._register_rows(examined, faulty)
        wrong = faulty & ~examined.faulty(among_wrong_numbers=False)
        corrected = self._explained(examined.rows.filter(wrong))
        explained = examined.rows["line"].is_in(corrected["line"].implode())
        refused = faulty & ~explained if not self._carries_more else faulty & ~wrong
        rows = examined.rows.filter(~refused)
        named = self._pseudonyms.of(rows["id_number"])
        rows = rows.with_columns(named=named, wrong=wrong.filter(~refused))
        rows = rows.join(corrected.rename({"person": "explained"}), on="line", how="left", maintain_order="left")
        rows = rows.with_columns(
            named=pl.coalesce("explained", "named"),
            person=pl.when(pl.col("wrong")).then(pl.col("explained")).otherwise(pl.col("named")),
        )
        counties = self._registered.map.counties(rows["person"])
        rows = rows.with_columns(self._link_of(rows, counties.is_not_null()), _in_county(rows, counties))
        self._ask(examined, rows)
        return Linked(refused, _in_order(rows))

    def _link_of(self, rows: pl.DataFrame, known: pl.Series) -> pl.Series:
        names_nobody = pl.col("id_number").is_null() & (self._contract.subject == "place")
        link = (
            pl.when(pl.col("explained").is_not_null())
            .then(pl.lit("corrected"))
            .when(known)
            .then(pl.lit("linked"))
            .when(names_nobody)
            .then(None)
            .otherwise(pl.lit("unregistered"))
        )
        return rows.select(link.alias("link"))["link"]

    def _register_rows(self, examined: Examined, faulty: pl.Series) -> Linked:
        rows = examined.rows.filter(~faulty)
        named = self._pseudonyms.of(rows["id_number"])
        number = pl.col("id_number")
        secret = pl.struct(id="id_number", phone="phone", address="address").struct.json_encode()
        clear, whose = rows.select(secret.alias("clear"), whose=pl.format("person:{}", named))
        sealed = self._sealer.seal_many(clear, whose, rows.height)
        rows = rows.with_columns(
            named=named,
            person=named,
            link=pl.lit(None, dtype=pl.String),
            county=_in_county(rows),
            id_masked=pl.concat_str(number.str.slice(0, 6), pl.lit("********"), number.str.slice(14, 4)),
            sealed=pl.Series(sealed, dtype=pl.Binary),
            phone_digits=pl.col("phone").str.count_matches("[0-9]").cast(pl.UInt8, strict=False),
            stated_birth_date=number.str.slice(6, 8).str.to_date("%Y%m%d"),
            stated_sex=pl.when(number.str.slice(16, 1).cast(pl.Int8) % 2 == 1)
            .then(pl.lit("男"))
            .otherwise(pl.lit("女")),
        )
        return Linked(faulty, _in_order(rows))

    def _explained(self, rows: pl.DataFrame) -> pl.DataFrame:
        """line, person of the rows whose wrong number exactly one registered person of the same name explains."""
        empty = pl.DataFrame(schema={"line": pl.Int32, "person": pl.Int64})
        if rows.is_empty() or not self._contract.has("name"):
            return empty
        asked = rows.select(pl.col("line").cast(pl.Int64), pl.col("id_number").alias("id_text"), "name")
        found = explain_wrong_numbers(asked, self._pseudonyms.of_all, self._registered.map.rows_of)
        return found.drop_nulls("person").select(pl.col("line").cast(pl.Int32), "person")

    def _ask(self, examined: Examined, rows: pl.DataFrame) -> None:
        """Keeps what `review` needs of the rows that name somebody without a usable number."""
        if not self._carries_more or self._registered.map.is_empty():
            return
        names = self._contract.has("name")
        asked = rows.filter(pl.col("person").is_null() & (pl.col("wrong") | pl.lit(names)))
        if asked.is_empty():
            return
        asked = asked.with_columns(pl.col("line").cast(pl.Int64), _reasons(examined, asked["line"]))
        if names:
            self._asked.append(asked.select("line", "reason", "name", "division_code", *_stated(asked["id_number"])))
            return
        wanted = asked.select("line", pl.col("id_number").alias("id_text"), "division_code")
        found = explain_by_village(wanted, self._pseudonyms.of_all, self._registered.map.rows_of)
        found = found.select("line", "person", pl.lit(None, pl.Float64).alias("probability"), evidence="change")
        self._found.append(found.join(asked.select("line", "reason"), on="line"))

    def review(self, lost: pl.Series) -> pl.DataFrame:
        """`REVIEW_SCHEMA`: rows of all chunks with candidates for people to decide, but for the lines that were lost."""
        if self._asked:
            asked = pl.concat(self._asked).filter(~pl.col("line").is_in(lost.cast(pl.Int64).implode()))
            self._found.append(self._proposed(asked).join(asked.select("line", "reason"), on="line"))
        if not self._found:
            return pl.DataFrame(schema=REVIEW_SCHEMA)
        found = pl.concat(self._found).filter(~pl.col("line").is_in(lost.cast(pl.Int64).implode()))
        candidates = pl.struct("person", "probability", "evidence").alias("all")
        return (
            found.group_by("line", "reason", maintain_order=True)
            .agg(candidates)
            .select(
                pl.col("line").cast(pl.Int32),
                "reason",
                pl.col("all").map_elements(_as_json, return_dtype=pl.String).alias("candidates"),
            )
        )

    def _proposed(self, asked: pl.DataFrame) -> pl.DataFrame:
        """line, person, probability, evidence."""
        from shouwang.linkage.proposals import Proposals

        register = self._registered.map
        return Proposals(register, lambda seen: self._searched(seen, register.height)).propose(asked)


def _reasons(examined: Examined, lines: pl.Series) -> pl.Series:
    """What is wrong with the number of each line; `no_number` where there is none."""
    reasons = {fault.reason: fault.mask for fault in examined.faults if fault.reason in WRONG_NUMBER}
    why = {line: reason for reason, mask in reasons.items() for line in examined.rows["line"].filter(mask)}
    return pl.Series("reason", [why.get(line, "no_number") for line in lines], dtype=pl.String)


def _stated(numbers: pl.Series) -> list[pl.Series]:
    """birth_date and sex as numbers that have the form of one state them."""
    return [
        pl.Series("birth_date", [_stated_birth(each) for each in numbers], dtype=pl.Date),
        pl.Series("sex", [_stated_sex(each) for each in numbers], dtype=pl.String),
    ]


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """person, link, then the source's fields and the county; the number itself stays behind."""
    gone = {"id_number", "wrong", "explained", "person", "link", "line", COUNTY}
    return rows.select("line", "person", "link", *(name for name in rows.columns if name not in gone), COUNTY)


def _in_county(rows: pl.DataFrame, registered: pl.Series | None = None) -> pl.Series:
    """Where each row lies in the lake: in the county in which its person is registered, or that it names; 0: in none."""
    named = (
        rows["division_code"]
        if "division_code" in rows.columns
        else pl.repeat(None, rows.height, dtype=pl.String, eager=True)
    )
    own = named.str.slice(0, 6).cast(pl.Int32, strict=False).fill_null(0)
    return (own if registered is None else registered.fill_null(own)).alias(COUNTY)


def _as_json(candidates: pl.Series) -> str:
    return json.dumps(candidates.to_list(), ensure_ascii=False, default=str)


def _stated_birth(number: str | None) -> object:
    usable = number is not None and citizen_id.has_format(number)
    return citizen_id.birth_date(number) if usable and number else None


def _stated_sex(number: str | None) -> str | None:
    return citizen_id.sex(number) if number is not None and citizen_id.has_format(number) else None

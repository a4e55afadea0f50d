"""The rows about a few people: from the sorted copies, and from the lake where a delivery lies in none yet."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from types import TracebackType

from shouwang.deliveries.copies import WATER, Copies, Row, columns_of, place_key, text_key
from shouwang.deliveries.decided_links import DECIDED
from shouwang.deliveries.lake import Lake, quoted
from shouwang.kernel.home import Home
from shouwang.sources.contract import contract


@dataclass(frozen=True)
class Whom:
    """Whom rows are asked about: persons by their keys in the lake, a household by its number, and a village (12 digits) of which
    a row speaks as a whole. Of a source that does not name one of them nothing is found by it."""

    persons: Collection[int] = ()
    household_no: str = ""
    village: str = ""

    def asked_of(self, source: str) -> "Whom":
        """Only what rows of a source can name."""
        of = contract(source)
        return Whom(
            self.persons if of.has("id_number") else (),
            self.household_no if of.has("household_no") else "",
            self.village if source == WATER else "",
        )

    def is_meant(self, row: Row) -> bool:
        if self.household_no and row["household_no"] == self.household_no:
            return True
        if self.village and row["division_code"] == self.village and row["person"] is None and row["link"] is None:
            return True
        return bool(self.persons) and row["person"] in self.persons

    def condition(self) -> str:
        """The same for DuckDB; empty where nobody is asked about."""
        parts = []
        if self.household_no:
            parts.append(f"household_no = {quoted(self.household_no)}")
        if self.village:
            parts.append(f"(division_code = {quoted(self.village)} AND person IS NULL AND link IS NULL)")
        if self.persons:
            # As a question within the question: then DuckDB reads the other columns only of the rows that it hits.
            parts.append(f"person IN (SELECT unnest([{', '.join(map(str, self.persons))}]::BIGINT[]))")
        return " OR ".join(parts)


class RowsAbout:
    """What was delivered as known at the end of a day (None: now). Used as a context manager."""

    def __init__(self, home: Home, known_at: date | None = None) -> None:
        self._copies = Copies(home)
        self._lake = Lake(home, known_at)
        self._known: dict[str, set[int]] = {}
        for report in self._lake.reports:
            if report.accepted:
                self._known.setdefault(report.source, set()).add(report.number)

    def __enter__(self) -> "RowsAbout":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lake.__exit__(kind, problem, trace)

    def rows(self, source: str, whom: Whom) -> list[Row]:
        """Every row of a source about them, superseded ones too, by delivery and line; each with all that a copy holds.

        Raises:
            Failure: a file of the lake cannot be read.
        """
        asked, known = whom.asked_of(source), self._known.get(source, set())
        if not known or not asked.condition():
            return []
        found, in_copies = self._from_copies(source, asked, known)
        if rest := known - in_copies:
            found += self._from_lake(source, asked, rest)
        return sorted(found, key=itemgetter("delivery", "line"))

    def latest(self, source: str, whom: Whom) -> list[Row]:
        """Of the same rows the last version of each natural key."""
        last: dict[int, Row] = {}
        for row in sorted(self.rows(source, whom), key=itemgetter("received_on", "delivery", "line")):
            last[row["key"]] = row
        return sorted(last.values(), key=itemgetter("delivery", "line"))

    def _from_copies(self, source: str, asked: Whom, known: set[int]) -> tuple[list[Row], set[int]]:
        """The rows, and the deliveries that lie in copies."""
        keys = {*asked.persons, *map(text_key, filter(None, (asked.household_no, asked.village)))}
        keys |= {place_key(*place) for place, each in self._lake.decided.items() if each.person in asked.persons}
        found, held = [], set[int]()
        for part, copy in self._copies.of(source):
            held.update(part.numbers)
            rows = (row for row in copy.rows(keys) if row["delivery"] in known)
            found += [row for row in self._decided(rows) if asked.is_meant(row)]
        return found, held

    def _decided(self, rows: Iterable[Row]) -> Iterable[Row]:
        """As `rows_with_decided`: a row in review is about whom people said."""
        for row in rows:
            decision = self._lake.decided.get((row["delivery"], row["line"])) if row.get("link") == "review" else None
            if decision is not None:
                row["person"] = decision.person if row["person"] is None else row["person"]
                row["link"] = DECIDED
            yield row

    def _from_lake(self, source: str, asked: Whom, numbers: Collection[int]) -> list[Row]:
        columns = columns_of(contract(source))
        rows = self._lake.delivered(source, numbers)
        answer = self._lake.run(f"SELECT {', '.join(columns)} FROM {rows} AS r WHERE {asked.condition()}")
        return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]

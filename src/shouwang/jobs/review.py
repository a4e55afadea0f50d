"""Rows whose person is for people to decide: what came, whom the linkage proposes, and what was decided.

A user meets those rows of which a candidate lives where his posts decide links; candidates elsewhere are left out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import Scope
from shouwang.areas.models import Area
from shouwang.areas.reading import full_names
from shouwang.deliveries.decided_links import PERSON, Decision, Place, Waiting, standing, waiting
from shouwang.deliveries.lake import Lake, quoted
from shouwang.deliveries.ledger import DeliveryReport, deliveries, label
from shouwang.households.models import Person
from shouwang.kernel.citizen_id import is_valid, mask_identity_numbers
from shouwang.kernel.home import Home
from shouwang.linkage.comparison import COMPARISONS
from shouwang.sources.contract import contract

AGREES, PARTLY, DIFFERS = "agrees", "partly", "differs"
NAME, PLACE = "姓名", "行政区划代码"
WITHHELD = ("phone", "address", "id_number")
PEOPLE_AT_ONCE, KEYS_AT_ONCE = 500, 10_000
VERY_ALIKE = 0.95
SURENESS = ((VERY_ALIKE, _("很像")), (0.8, _("比较像")), (0.5, _("有些像")), (0.0, _("不太像")))


@dataclass(frozen=True)
class Sign:
    """One comparison in words, and whether it speaks for the candidate."""

    words: str
    kind: str


@dataclass(frozen=True)
class Candidate:
    """A registered person who may be meant; `probability` is None where a rule, not a model, proposes."""

    person: Person
    village: str
    probability: float | None
    signs: tuple[Sign, ...]

    @property
    def very_alike(self) -> bool:
        return (self.probability or 0) >= VERY_ALIKE

    @property
    def sureness(self) -> str:
        """How sure the linkage is, in words."""
        if self.probability is None:
            return gettext("号码相差一处")
        return next(str(words) for least, words in SURENESS if self.probability >= least)


@dataclass(frozen=True)
class Decided:
    """What was decided about a row: `person` is None where it is none of the candidates."""

    person: Person | None
    office: str
    reason: str
    known: date
    at: datetime


@dataclass
class ReviewRow:
    """A row in review as one user may see it. `cells` are what came, by header.

    `sees_all` says whether every candidate lies within scope: only then may somebody say that it is none of them.
    """

    delivery: int
    source: str
    source_title: str
    owner: str
    received_on: date
    line: int
    reason: str
    candidates: list[Candidate]
    sees_all: bool
    decided: Decided | None
    cells: list[tuple[str, str]] = field(default_factory=list)

    @property
    def label(self) -> str:
        return label(self.delivery)

    @property
    def name(self) -> str:
        return dict(self.cells).get(NAME, "")

    @property
    def place(self) -> str:
        return dict(self.cells).get(PLACE, "")


def rows_in_review(home: Home, scope: Scope, *, decided: bool = False) -> list[ReviewRow]:
    """The rows that wait, the latest delivery first; with `decided` those decided on, the latest decision first.

    Their cells are still missing: `with_cells` reads them for those that are shown.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    reports = {report.number: report for report in deliveries(home) if report.review}
    made, found = standing(home), _in_review(home, reports.values())
    if decided:
        places = [place for place in sorted(made, key=lambda each: made[each].at, reverse=True) if place in found]
    else:
        places = _open_places(home, reports.values(), made, found)
    return _visible(scope, reports, [found[place] for place in places], made)


def open_proposals(home: Home) -> list[tuple[int, date, frozenset[int]]]:
    """For every row that waits its delivery, the day it came, and the keys of its candidates, wherever they live."""
    reports = {report.number: report for report in deliveries(home) if report.review}
    found = _in_review(home, reports.values())
    return [
        (place[0], reports[place[0]].received_on, frozenset(each.person for each in found[place].proposals))
        for place in _open_places(home, reports.values(), standing(home), found)
    ]


def row_in_review(home: Home, scope: Scope, number: int, line: int) -> ReviewRow | None:
    """One row, open or decided, with its cells; None where there is no such row within scope."""
    reports = {report.number: report for report in deliveries(home) if report.review and report.number == number}
    found = _in_review(home, reports.values()).get((number, line))
    rows = _visible(scope, reports, [found] if found else [], standing(home))
    return with_cells(home, rows)[0] if rows else None


def with_cells(home: Home, rows: list[ReviewRow]) -> list[ReviewRow]:
    """The same rows with what came in them: the filled columns, without what identifies a person."""
    by_delivery: dict[int, list[ReviewRow]] = {}
    for row in rows:
        by_delivery.setdefault(row.delivery, []).append(row)
    with Lake(home, None) as lake:
        for number, several in by_delivery.items():
            columns = [each for each in contract(several[0].source).columns if each.field not in WITHHELD]
            path = quoted(home.rows(several[0].source) / f"{label(number)}.parquet")
            wanted = ", ".join(["line", *(column.field for column in columns)])
            lines = ", ".join(str(row.line) for row in several)
            found = lake.run(f"SELECT {wanted} FROM read_parquet({path}) WHERE line IN ({lines})").fetchall()
            by_line = {line: cells for line, *cells in found}
            for row in several:
                row.cells = [
                    (column.header.removeprefix("户主"), _shown(column.type, cell))
                    for column, cell in zip(columns, by_line.get(row.line, ()), strict=False)
                    if cell not in (None, "")
                ]
    _places_named(rows)
    return rows


def _shown(kind: str, cell: object) -> str:
    """A cell as it may be seen; the numbers that offices give have as many digits as an identity number."""
    text = str(cell)
    return text if kind == "identifier" and not is_valid(text) else mask_identity_numbers(text)


def _places_named(rows: list[ReviewRow]) -> None:
    """Puts names of places where the rows have their codes; a code that no area has stays as it is."""
    codes = {words for row in rows for header, words in row.cells if header == PLACE}
    known = full_names(sorted(Area.objects.filter(pk__in=codes).values_list("pk", flat=True)))
    for row in rows:
        row.cells = [(header, known.get(words, words) if header == PLACE else words) for header, words in row.cells]


def _in_review(home: Home, reports: Iterable[DeliveryReport]) -> dict[Place, Waiting]:
    """Every row that the linkage ever left to people, the latest delivery first."""
    found: dict[Place, Waiting] = {}
    with Lake(home, None) as lake:
        for report in sorted(reports, key=lambda each: (each.received_on, each.number), reverse=True):
            path = quoted(home.lake / "review" / f"{report.label}.parquet")
            rows = lake.run(f"SELECT line, reason, candidates FROM read_parquet({path}) ORDER BY line").fetchall()
            for line, reason, candidates in rows:
                found[report.number, line] = waiting(report.number, line, reason, candidates)
    return found


def _still_counting(home: Home, sources: set[str]) -> set[Place]:
    """The rows without a person that no later version of the same key has replaced."""
    found: set[Place] = set()
    with Lake(home, None) as lake:
        for source in sorted(sources):
            rows = lake.versions(source, ("delivery", "line", "link"))
            found.update(lake.run(f"SELECT delivery, line FROM ({rows}) AS r WHERE link = 'review'").fetchall())
    return found


def _open_places(
    home: Home, reports: Iterable[DeliveryReport], made: dict[Place, Decision], found: dict[Place, Waiting]
) -> list[Place]:
    open_rows = _still_counting(home, {report.source for report in reports})
    return [place for place in found if place in open_rows and place not in made]


def _visible(
    scope: Scope, reports: dict[int, DeliveryReport], found: list[Waiting], made: dict[Place, Decision]
) -> list[ReviewRow]:
    people = _people(scope, {each.person for row in found for each in row.proposals})
    villages = full_names(sorted({person.household.area_id for person in people.values()}))
    signs = dict(_signs())
    rows = []
    for row in found:
        decision = made.get((row.delivery, row.line))
        candidates = [
            Candidate(
                people[each.person],
                villages[people[each.person].household.area_id],
                each.probability,
                tuple(signs.get(words, Sign(words, PARTLY)) for words in each.evidence.split("；") if words),
            )
            for each in row.proposals
            if each.person in people
        ]
        sees_all = len(candidates) == len(row.proposals)
        hidden = decision is not None and (
            decision.person not in people if decision.verdict == PERSON else not sees_all
        )
        if candidates and not hidden:
            report = reports[row.delivery]
            of = contract(report.source)
            decided = _decided(decision, people) if decision else None
            rows.append(
                ReviewRow(
                    row.delivery,
                    of.source,
                    of.title,
                    of.owner,
                    report.received_on,
                    row.line,
                    row.reason,
                    candidates,
                    sees_all,
                    decided,
                )
            )
    return rows


def _decided(decision: Decision, people: dict[int, Person]) -> Decided:
    person = people[decision.person] if decision.person is not None else None
    at = datetime.fromisoformat(decision.at)
    return Decided(person, decision.office, decision.reason, decision.known, at)


def _signs() -> Iterator[tuple[str, Sign]]:
    """The words of the linkage: its first level of likeness agrees, its last does not."""
    for comparison in COMPARISONS:
        for place, level in enumerate(comparison.levels):
            last = place == len(comparison.levels) - 1
            yield level.words, Sign(level.words, DIFFERS if last else PARTLY if place else AGREES)


def keys_in_scope(scope: Scope, keys: set[int]) -> set[int]:
    """Those of the keys whose persons live where the user's posts decide links."""
    deciding, listed, found = Scope(scope.holding(Permission.DECIDE_LINKS)), sorted(keys), set[int]()
    for start in range(0, len(listed), KEYS_AT_ONCE):
        chosen = Person.objects.filter(key__in=listed[start : start + KEYS_AT_ONCE])
        found.update(deciding.filter(chosen, "household__area").values_list("key", flat=True))
    return found


def _people(scope: Scope, keys: set[int]) -> dict[int, Person]:
    """The persons among `keys` who live where the user's posts decide links."""
    deciding = Scope(scope.holding(Permission.DECIDE_LINKS))
    listed, found = sorted(keys), {}
    for start in range(0, len(listed), PEOPLE_AT_ONCE):
        chosen = Person.objects.filter(key__in=listed[start : start + PEOPLE_AT_ONCE]).defer("sealed")
        chosen = chosen.select_related("household")
        found.update({person.key: person for person in deciding.filter(chosen, "household__area")})
    return found

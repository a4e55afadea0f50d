"""What a fact is: the source rows it rests on and how they become one value of a household.

Value and evidence are both made from the same declaration, so they cannot tell different stories.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from shouwang.facts.conditions import Condition
from shouwang.facts.setting import Period, Setting, literal

REGISTER = "household_register"
ALWAYS = "1 = 1"
Kind = Literal["amount", "count", "flag"]


class Reach(Enum):
    """How a source's rows reach a household."""

    MEMBERS = "members"  # by a person who is a member at D
    REGISTERED = "registered"  # by any person registered in it, also one who has died or left
    HOUSEHOLD = "household"  # by the household's number
    OWN_OR_VILLAGE = "own_or_village"  # by a registered person, or naming nobody and the household's village
    COUNTY = "county"  # by any registered person of the household's county


@dataclass(frozen=True)
class Last:
    """Of the rows that qualify only the last counts: the last of each `per` by the date column `by`.

    Ties on one date go to the later delivery, then the later line.
    """

    per: Literal["person", "household"]
    by: str


class Aggregate:
    """How the rows of one household become a value. No amount and no number in a row is below nought: such a row is set apart."""

    kind: Kind
    absent: int | None = 0

    def columns(self) -> tuple[str, ...]:
        return ()

    def parameters(self) -> tuple[str, ...]:
        return ()

    def expression(self, met: str) -> str | None:
        """The aggregate over those rows that meet a condition; None where `sql` must do it in several steps."""
        return None

    def of_person(self, met: str) -> str | None:
        """The same of one person's rows; `over_persons` makes the household's value of these."""
        return self.expression(met)

    def over_persons(self, name: str) -> str:
        return f"CAST(sum({name}) AS BIGINT)" if self.kind == "count" else f"sum({name})"

    def of_the_only(self) -> str | None:
        """The value where a household has one row at most; None where the aggregate is asked for all the same."""
        return None

    def raising(self) -> str | None:
        """Where one more row never lowers the value: the condition on that row `r` without which it leaves it as it is. None
        where one more row may do either."""
        return None

    def sql(self, rows: str, at: Setting, name: str) -> str:
        """SELECT household and the value under `name`, from a SELECT of rows; where there is no expression."""
        raise NotImplementedError

    def carrying(self, rows: str, at: Setting) -> str:
        """Of the rows those that carry a finding by themselves."""
        return rows


@dataclass(frozen=True)
class Total(Aggregate):
    """The sum of `plus` less the sum of `minus`, empty amounts counting as nought. `absent` without any row."""

    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()
    absent: int | None = 0
    kind: Kind = "amount"

    def columns(self) -> tuple[str, ...]:
        return (*self.plus, *self.minus)

    def expression(self, met: str) -> str:
        return f"sum(CASE WHEN {met} THEN {self.of_the_only()} END)"

    def raising(self) -> str | None:
        return None if self.minus else f"({' OR '.join(f'r.{column} > 0' for column in self.plus)})"

    def of_the_only(self) -> str:
        terms = " + ".join(f"coalesce({column}, 0)" for column in self.plus)
        return terms + "".join(f" - coalesce({column}, 0)" for column in self.minus)


@dataclass(frozen=True)
class LowestTotal(Total):
    """Of several rows that each have their own total the lowest."""

    def expression(self, met: str) -> str:
        return "min" + super().expression(met).removeprefix("sum")

    def raising(self) -> None:
        return None


@dataclass(frozen=True)
class Largest(Aggregate):
    """The largest single value; rows that reach `threshold` carry the finding by themselves."""

    column: str
    threshold: str
    kind: Kind = "amount"

    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def parameters(self) -> tuple[str, ...]:
        return (self.threshold,)

    def expression(self, met: str) -> str:
        return f"max(CASE WHEN {met} THEN coalesce({self.column}, 0) END)"

    def over_persons(self, name: str) -> str:
        return f"max({name})"

    def raising(self) -> str:
        return f"r.{self.column} > 0"

    def carrying(self, rows: str, at: Setting) -> str:
        return f"SELECT * FROM ({rows}) AS x WHERE {self.column} >= {literal(at.number(self.threshold))}"


@dataclass(frozen=True)
class HowMany(Aggregate):
    """How many rows."""

    kind: Kind = "count"

    def expression(self, met: str) -> str:
        return f"count(CASE WHEN {met} THEN 1 END)"

    def raising(self) -> str:
        return ALWAYS


@dataclass(frozen=True)
class HowManyPersons(Aggregate):
    """How many different persons."""

    kind: Kind = "count"

    def expression(self, met: str) -> str:
        return f"count(DISTINCT CASE WHEN {met} THEN person END)"

    def of_person(self, met: str) -> str:
        return f"max(CASE WHEN {met} THEN 1 ELSE 0 END)"

    def raising(self) -> str:
        return ALWAYS


@dataclass(frozen=True)
class Whether(Aggregate):
    """Whether there is any row."""

    kind: Kind = "flag"

    def expression(self, met: str) -> str:
        return f"count(CASE WHEN {met} THEN 1 END) > 0"

    def over_persons(self, name: str) -> str:
        return f"max({name})"

    def raising(self) -> str:
        return ALWAYS


@dataclass(frozen=True)
class LowestMonth(Aggregate):
    """The monthly total that one person reached in each of the last `months` whole months; of all persons the highest.

    Rows are those of the months in question; a month without any row totals nought. The rows of persons whose every
    month reaches `threshold` carry the finding.
    """

    column: str
    dated: str
    months: str
    threshold: str
    kind: Kind = "amount"

    def columns(self) -> tuple[str, ...]:
        return (self.column, self.dated)

    def parameters(self) -> tuple[str, ...]:
        return (self.months, self.threshold)

    def sql(self, rows: str, at: Setting, name: str) -> str:
        return f"SELECT household, max(lowest) AS {name} FROM ({self._by_person(rows, at)}) AS z GROUP BY household"

    def carrying(self, rows: str, at: Setting) -> str:
        reached = f"lowest >= {literal(at.number(self.threshold))}"
        persons = f"SELECT person FROM ({self._by_person(rows, at)}) AS z WHERE {reached}"
        return f"SELECT * FROM ({rows}) AS w WHERE person IN ({persons})"

    def _by_person(self, rows: str, at: Setting) -> str:
        month = f"year({self.dated}) * 12 + month({self.dated})"
        total = f"sum(coalesce({self.column}, 0))"
        monthly = (
            f"SELECT household, person, {month} AS month_no, {total} AS total "
            f"FROM ({rows}) AS x GROUP BY household, person, {month}"
        )
        every = f"count(*) = {literal(at.number(self.months))}"
        lowest = f"CASE WHEN {every} THEN min(total) ELSE 0 END"
        return f"SELECT household, person, {lowest} AS lowest FROM ({monthly}) AS y GROUP BY household, person"


@dataclass(frozen=True)
class Lacking:
    """Only persons of whom `source` has no row that meets `where`."""

    source: str
    where: tuple[Condition, ...]


@dataclass(frozen=True)
class Fact:
    """One value of a household at D.

    Rows of `source` that reach the household and meet `where` qualify; of them only the `last` where that is asked,
    and of these only those that meet `keep`. `shows` are the columns that a reader is told of each row.
    """

    name: str
    title: str
    unit: str
    source: str
    reach: Reach
    value: Aggregate
    where: tuple[Condition, ...] = ()
    last: Last | None = None
    keep: tuple[Condition, ...] = ()
    lacking: Lacking | None = None
    shows: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        return self.value.kind

    def conditions(self) -> tuple[Condition, ...]:
        return (*self.where, *self.keep, *(self.lacking.where if self.lacking else ()))

    def parameters(self) -> tuple[str, ...]:
        """Every parameter that the value or its evidence depends on."""
        named = [name for condition in self.conditions() for name in condition.parameters()]
        return tuple(dict.fromkeys([*named, *self.value.parameters()]))

    def period(self, at: Setting) -> Period | None:
        """The days that the rows are looked for in, where the fact has such."""
        return next((found for condition in self.where if (found := condition.period(at))), None)

"""Daily work is small work: after a day's deliveries only the households are looked at that something new has reached, or
that the days have passed over. What comes out is what a full run finds.

A run begins where the last one ended (`kept`). Where there is nothing to begin with, or it does not tell of today, everybody
is looked at, and the batch says why. For DuckDB; a cluster looks at everybody.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from shouwang.deliveries.lake import Lake
from shouwang.deliveries.ledger import deliveries
from shouwang.facts.catalogue import catalogue
from shouwang.facts.declaration import REGISTER, Fact, HowMany, HowManyPersons, Reach
from shouwang.facts.register import EVERYONE, show
from shouwang.facts.setting import Setting, literal
from shouwang.facts.tables import county_table, evidence_rows, table_names, value_tables
from shouwang.facts.touched import Since, find_touched, sources_asked
from shouwang.kernel import china_time
from shouwang.kernel.home import Home
from shouwang.kernel.limits import Room, room_for
from shouwang.policy.leaning import Leanings, leanings
from shouwang.policy.pack import Pack
from shouwang.screening.batch import BatchClue, Carried, ClueBatch, ClueKey, Looked
from shouwang.screening.engine import (
    ASSETS,
    HEAD,
    Hits,
    facts_of,
    find_hits,
    find_values,
    fired_column,
    of_counties,
    prepare,
    without_collecting,
)
from shouwang.screening.kept import CHANGED, File, Ground, Kept, alone, ground_of, keep, last_kept
from shouwang.screening.run import Progress, Told, clues_of, screen

NOT_RECORDED = "业务数据库中最后记入的不是上一次筛查的结果"
BUSY = "另一次筛查正在进行，不能接着上一次的结果"
TURNED = "有的数值只随日期就会整体改变"
MORE_THAN_HALF = "要重新看的农户超过一半"
REGISTERED_ANEW = "新到的名册行超过在册人员的一半"
MOST = 0.5  # of all households may be looked at one by one, of all persons registered anew
THREADS = 1  # the questions are small: two threads are hardly sooner done, and the desk is worked at meanwhile
BYTES_A_ROW = 45
"""Of the home's disk for each row of the lake: what does not fit into memory, what the next run begins with, and the clues on the desk;
measured (docs/scale.md)."""
IN_A_STATEMENT = 2000  # households whose numbers may stand in one; for more everybody is screened


def screen_daily(
    home: Home,
    pack: Pack,
    as_of: date,
    known_at: date | None = None,
    *,
    full: str = "",
    recorded: str | None = None,
    keeping: bool = True,
    progress: Progress | None = None,
) -> ClueBatch:
    """Screens as `run.screen` does, and looks only at whom something new or the days have touched since the last time.

    Args:
        full: why everybody is to be looked at all the same; empty where not.
        recorded: digest of the ground of the last screening that was recorded; what was kept counts only where it is that one.
            None: it counts in any case.
        keeping: whether the next run begins with this one.

    Raises:
        as `run.screen`.
    """
    known_at = known_at or as_of
    asked = _Asked(home, pack, Setting(as_of, pack.at(as_of)), facts_of(pack), known_at, keeping)
    told = Told(progress, steps=len(table_names(asked.facts)) + 4)
    with alone(home) as is_alone:
        last, why_nothing = last_kept(home) if is_alone else (None, BUSY)
        why = full or why_nothing
        if last and not why:
            with Lake(home, known_at, THREADS) as lake:
                ground = ground_of(lake, pack, asked.at, known_at)
                begun = _why_full(last, ground, recorded) or _begin(lake, last, ground, asked)
                if isinstance(begun, _Begun):
                    find_values(lake, asked.at, asked.facts, told.step)
                    return _screen(lake, asked, ground, begun, "", last, told)
                why = begun
        with Lake(home, known_at) as lake:
            ground = ground_of(lake, pack, asked.at, known_at)
            prepare(lake, asked.at, asked.facts, EVERYONE, told.step)
            whole = replace(asked, keeping=keeping and is_alone)
            return _screen(lake, whole, ground, None, why, last, told)


def room_to_screen(home: Home) -> Room:
    """What a screening takes of the home's disk at most.

    Raises:
        Failure: there is less; nothing was begun.
    """
    return room_for(BYTES_A_ROW * sum(each.accepted for each in deliveries(home)), home.path)


@dataclass(frozen=True)
class _Asked:
    """What is to be screened, and whether the next run begins with it."""

    home: Home
    pack: Pack
    at: Setting
    facts: list[Fact]
    known_at: date
    keeping: bool


@dataclass(frozen=True)
class _Begun:
    """A run that goes on from what was kept; `is_another` is the register where somebody came, left or moved since.

    Of those who are looked at now `screened_before` had members then.
    """

    kept: Kept
    looked: Looked
    is_another: bool
    screened_before: int


def _screen(
    lake: Lake, asked: _Asked, ground: Ground, begun: _Begun | None, why: str, last: Kept | None, told: Told
) -> ClueBatch:
    """The batch, once the values of the facts are found; the next run begins with it, unless it is one of an earlier day."""
    pack, at = asked.pack, asked.at
    hits = find_hits(lake, pack, at, asked.facts)
    told.step()
    clues = clues_of(lake, pack, at, hits, told.step)
    _stand(lake, pack, carrying=begun is not None)
    batch = _batch(lake, asked.home, pack, ground, hits, clues, begun, why)
    if asked.keeping and at.as_of <= china_time.today() and not (last and ground.is_before(last.ground)):
        keep(asked.home, lake, ground, batch.households_screened, _tables(lake, asked.facts, begun))
    return batch


def _why_full(last: Kept, ground: Ground, recorded: str | None) -> str:
    if recorded is not None and recorded != last.ground.digest:
        return NOT_RECORDED
    return ground.why_not_from(last.ground)


def _begin(lake: Lake, kept: Kept, ground: Ground, asked: _Asked) -> _Begun | str:
    """Brings the register up to date and chooses whom to look at; in words why everybody, where it is."""
    before, at = Setting(kept.ground.as_of, asked.at.parameters), asked.at
    told = [*asked.facts, catalogue()[ASSETS]]
    if any(_turns_as_a_whole(fact, before, at) for fact in told):
        return TURNED
    kept.offer(lake)
    sources = {each.number: each.source for each in lake.reports}
    came: dict[str, list[int]] = {}
    for number in ground.came_since(kept.ground):
        came.setdefault(sources[number], []).append(number)
    if sum(each.accepted for each in lake.reports if each.number in came.get(REGISTER, ())) > kept.persons(lake) * MOST:
        return REGISTERED_ANEW
    since = Since(came, ground.persons_decided_since(kept.ground))
    touched = find_touched(lake, told, _ways(asked.pack, told), before, at, since)
    looked = Looked(touched.by_rows, touched.by_days, touched.by_county)
    if looked.total > kept.households(lake) * MOST:
        return MORE_THAN_HALF
    show(lake, "present")
    lake.narrow(_of_the_chosen(told), lambda: _ask(lake, at, told))
    return _Begun(kept, looked, touched.is_another, touched.screened_before)


def _ways(pack: Pack, facts: list[Fact]) -> Leanings:
    """In which ways the facts must go for a rule to come to fire, or for the income to become unknown."""
    counts = {fact.name for fact in facts if isinstance(fact.value, HowMany | HowManyPersons)}
    return leanings([*(rule.condition for rule in pack.rules.values()), pack.income_unknown], counts)


def _turns_as_a_whole(fact: Fact, before: Setting, at: Setting) -> bool:
    """Whether the same rows would make another value on another day."""
    if fact.reach is Reach.COUNTY:
        return False
    of_days = [fact.value.carrying("rows", day) for day in (before, at)]
    if fact.value.expression("1 = 1") is None:
        of_days = [
            said + fact.value.sql("rows", day, fact.name) for said, day in zip(of_days, (before, at), strict=True)
        ]
    return of_days[0] != of_days[1]


def _of_the_chosen(facts: list[Fact]) -> dict[str, str]:
    """Of each source the condition on its rows `r` under which they can reach the chosen households.

    What the facts ask of the rows besides is asked later, of few: asked here of every row it costs more than it saves.
    """
    person = "r.person IN (SELECT person FROM person)"
    village = "r.person IS NULL AND r.division_code IN (SELECT division_code FROM household)"
    conditions = {
        Reach.MEMBERS: person,
        Reach.REGISTERED: person,
        Reach.HOUSEHOLD: "r.household_no IN (SELECT household_no FROM household)",
        Reach.OWN_OR_VILLAGE: f"({person} OR ({village}))",
    }
    found: dict[str, dict[str, None]] = {}
    for fact in facts:
        if fact.source != REGISTER and fact.reach in conditions:
            found.setdefault(fact.source, {})[conditions[fact.reach]] = None
        if fact.lacking:
            found.setdefault(fact.lacking.source, {})[person] = None
    return {source: " OR ".join(each) for source, each in found.items()}


def _ask(lake: Lake, at: Setting, facts: list[Fact]) -> None:
    """Composes all that is asked of the sources."""
    value_tables(facts, lake, at)
    for fact in facts:
        if fact.reach is not Reach.COUNTY:
            evidence_rows(fact, lake, at)


def _stand(lake: Lake, pack: Pack, carrying: bool) -> None:
    """Makes `standing_hit` and `standing_unknown`: what was found now, and what nobody had to look at again, which is
    `carried_hit`."""
    fired = ", ".join(map(fired_column, pack.rules))
    hit = f"SELECT {', '.join(HEAD)}, {fired} FROM hit"
    unknown = "SELECT household, household_no FROM tested WHERE income_unknown"
    if carrying:
        lake.store("carried_hit", f"SELECT k.* FROM kept_hit AS k {_CARRIED}")
        hit += " UNION ALL SELECT * FROM carried_hit"
        unknown += f" UNION ALL SELECT k.* FROM kept_unknown AS k {_CARRIED}"
    lake.view("standing_hit", hit)
    lake.store("standing_unknown", unknown)


_CARRIED = "ANTI JOIN touched AS t ON t.household = k.household"


def _batch(
    lake: Lake,
    home: Home,
    pack: Pack,
    ground: Ground,
    hits: Hits,
    clues: Sequence[BatchClue],
    begun: _Begun | None,
    why: str,
) -> ClueBatch:
    screened, by_rule = hits.screened, hits.by_rule
    looked, carried = Looked(everybody=hits.screened, why_everybody=why), None
    if begun:
        screened += begun.kept.screened - begun.screened_before
        sums = ", ".join(f"count(CASE WHEN {fired_column(rule)} THEN 1 END)" for rule in pack.rules)
        [counted] = lake.run(f"SELECT {sums} FROM standing_hit").fetchall()
        by_rule = dict(sorted(zip(pack.rules, counted, strict=True)))
        looked, carried = begun.looked, _carried(lake, home, pack, ground, begun.kept.ground)
    unknown = lake.run("SELECT household_no FROM standing_unknown ORDER BY household_no").fetchall()
    return ClueBatch(
        ground.as_of,
        ground.known_at,
        pack.version,
        screened,
        by_rule,
        clues,
        [row[0] for row in unknown],
        carried,
        looked,
        ground.digest,
    )


def _carried(lake: Lake, home: Home, pack: Pack, ground: Ground, since: Ground) -> Carried:
    by_type: dict[str, list[str]] = {}
    for rule in pack.rules.values():
        by_type.setdefault(rule.risk_type, []).append(fired_column(rule.id))
    keys = " UNION ALL ".join(
        f"SELECT household_no, division_code, {literal(risk_type)}, level FROM carried_hit WHERE {' OR '.join(fired)}"
        for risk_type, fired in sorted(by_type.items())
    )
    with without_collecting():
        found = [ClueKey._make(row) for row in lake.run(keys).fetchall()]

    def explain(numbers: Collection[str]) -> Sequence[BatchClue]:
        return clues_about(home, pack, ground.as_of, ground.known_at, numbers)

    return Carried(since.as_of, since.digest, found, explain)


def clues_about(home: Home, pack: Pack, as_of: date, known_at: date, numbers: Collection[str]) -> Sequence[BatchClue]:
    """The clues that a screening finds about the households of these numbers. Raises as `run.screen`."""
    if not numbers:
        return []
    if len(numbers) > IN_A_STATEMENT:
        wanted = frozenset(numbers)
        return [clue for clue in screen(home, pack, as_of, known_at).clues if clue.household_no in wanted]
    at, facts = Setting(as_of, pack.at(as_of)), facts_of(pack)
    with Lake(home, known_at) as lake:
        prepare(lake, at, facts, f"household_no IN ({', '.join(literal(number) for number in sorted(numbers))})")
        return clues_of(lake, pack, at, find_hits(lake, pack, at, facts))


def _tables(lake: Lake, facts: list[Fact], begun: _Begun | None) -> Mapping[str, str | File]:
    """What the next run begins with; a register that is still the same lies there already."""
    tables: dict[str, str | File] = {
        name: f"SELECT * FROM {table}"
        for name, table in {
            "household": "registered_household",
            "person": "registered_person",
            "hit": "standing_hit",
            "unknown": "standing_unknown",
            "superseded": f"({lake.superseded(sources_asked(lake))}) AS s",
            **{county_table(fact): county_table(fact) for fact in of_counties(facts)},
        }.items()
    }
    if begun and begun.is_another:
        tables |= begun.kept.register_now(lake)
    elif begun:
        lies = ("household", "person", f"household{CHANGED}", f"person{CHANGED}")
        tables |= {name: begun.kept.files[name] for name in lies if name in begun.kept.files}
    return tables

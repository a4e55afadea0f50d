"""What can come of one thing that is new: whether it may move the value of a fact in a way that somebody asks about.

Everything is derived from the facts. What is not known to move a value one way only may move it either way.
"""

from collections.abc import Iterable, Mapping

from shouwang.facts.conditions import OF_MEMBER, Condition, all_of
from shouwang.facts.declaration import ALWAYS, REGISTER, Fact, Reach
from shouwang.facts.setting import Setting

Ways = Mapping[str, frozenset[str]]
"""Of facts by name the ways, `up` and `down`, that are asked about; of others none are."""
NO_ROW = "1 = 0"


def of_row(fact: Fact, ways: Ways, at: Setting) -> str:
    """The condition under which a row of the fact's source, having come, may move its value in one of the ways."""
    asked, raising = ways.get(fact.name, frozenset()), fact.value.raising()
    met = row_alone(fact.where, at)
    if fact.reach is Reach.COUNTY:  # of everybody in the county, which is told elsewhere
        return met
    if not asked:
        return NO_ROW
    if raising is None or fact.value.absent is None or (fact.last and "down" in asked):
        return met
    return f"({met} AND {row_alone(fact.keep, at)} AND {raising})" if "up" in asked else NO_ROW


def of_lacking(fact: Fact, ways: Ways, at: Setting) -> str:
    """The same of a row that a fact's persons are to lack: whoever has it counts no longer."""
    asked = ways.get(fact.name, frozenset())
    is_less = fact.value.raising() is not None and fact.value.absent is not None and not fact.last
    if not fact.lacking or not asked or (is_less and "down" not in asked):
        return NO_ROW
    return row_alone(fact.lacking.where, at)


def of_person(facts: Iterable[Fact], ways: Ways, at: Setting) -> list[tuple[str, frozenset[str]]]:
    """What the facts see of a register row, written of `p` and `r`, both the row, and at which of its turns they move in one of the
    ways: as it becomes true, `up`, as it no longer is, `down`."""
    found: dict[tuple[str, frozenset[str]], None] = {}
    either = frozenset(("up", "down"))
    for fact in facts:
        asked = ways.get(fact.name, frozenset())
        if not asked or fact.reach is Reach.COUNTY:
            continue
        if fact.source != REGISTER or fact.reach is Reach.HOUSEHOLD:
            of_member = tuple(each for each in fact.conditions() if is_of_member(each))
            found |= {(column, either): None for column in _columns(of_member)}
        elif fact.value.raising() == ALWAYS and not fact.last:
            found[all_of((*fact.where, *fact.keep), at), asked] = None
        else:
            found |= {(f"r.{name}", either): None for name in ("delivery", "line")}
    return list(found)


def _columns(conditions: Iterable[Condition]) -> list[str]:
    named = [name for condition in conditions for name in condition.columns() if name.startswith(OF_MEMBER)]
    return [f"p.{name.removeprefix(OF_MEMBER)}" for name in named]


def is_of_member(condition: Condition) -> bool:
    """Whether it looks at the person's own register row."""
    return any(name.startswith(OF_MEMBER) for name in condition.columns())


def row_alone(conditions: tuple[Condition, ...], at: Setting) -> str:
    """The conditions that a row meets by itself, whoever it is about."""
    return f"({all_of(tuple(each for each in conditions if not is_of_member(each)), at)})"

"""Households as they are put together: who lives with whom, and how old each of them is."""

from dataclasses import dataclass

import numpy as np

from shouwang.world.draws import Flags, Floats, Ints, between, happens, pick, stream

HEAD, SPOUSE, FIRST, SECOND, THIRD, IN_LAW, GRANDCHILD, GRANDCHILD_2, FATHER, MOTHER, SIBLING, OTHER = range(12)
SLOTS = 12
OLDEST = 97
MEAN_SIZE = 3.2
MARRYING_AGE = 20


@dataclass(frozen=True)
class Shape:
    """One way of living together: its share, the age of the head, and the chance that each further place is taken."""

    share: float
    youngest: int
    oldest: int
    places: dict[int, float]
    child_after: tuple[int, int] = (21, 30)


SHAPES = (
    Shape(0.10, 62, 86, {SIBLING: 0.02}),
    Shape(0.11, 60, 82, {SPOUSE: 1.0}),
    Shape(0.05, 55, 72, {SPOUSE: 0.8, GRANDCHILD: 1.0, GRANDCHILD_2: 0.35}),
    Shape(0.20, 27, 48, {SPOUSE: 0.93, FIRST: 1.0, SECOND: 0.6, THIRD: 0.12}),
    Shape(0.24, 30, 52, {SPOUSE: 0.93, FIRST: 1.0, SECOND: 0.55, THIRD: 0.08, FATHER: 0.65, MOTHER: 0.85, OTHER: 0.02}),
    Shape(0.14, 45, 60, {SPOUSE: 0.93, FIRST: 1.0, SECOND: 0.35, SIBLING: 0.01}),
    Shape(0.13, 50, 68, {SPOUSE: 0.9, FIRST: 1.0, IN_LAW: 0.9, GRANDCHILD: 1.0, GRANDCHILD_2: 0.45}, (21, 27)),
    Shape(0.03, 40, 60, {SIBLING: 0.03}),
)
WITHOUT_PARENTS, THREE_GENERATIONS = 2, 6


@dataclass(frozen=True)
class Families:
    """Members in household order. Arrays have one entry a person but `sizes`, which has one a household."""

    sizes: Ints
    household: Ints
    slot: Ints
    age_days: Ints
    male: Flags
    surname_slot: Ints
    in_laws: Flags


def make_families(seed: int, county: int, persons: int) -> Families:
    """Households of exactly `persons` members together; the last one is cut to fit."""
    rng = stream(seed, "families", county)
    count = int(persons / MEAN_SIZE * 1.2) + 60
    shape = pick(rng, [each.share for each in SHAPES], count)
    chances = np.zeros((len(SHAPES), SLOTS))
    for row, each in enumerate(SHAPES):
        chances[row, HEAD] = 1.0
        for place, chance in each.places.items():
            chances[row, place] = chance
    present = rng.random((count, SLOTS)) < chances[shape]
    male = _sexes(rng, count)
    ages = _ages(rng, shape, male, present)
    present &= (ages >= 0) & (ages <= OLDEST)
    present[:, IN_LAW] &= ages[:, FIRST] >= MARRYING_AGE
    household, slot = np.nonzero(present)
    household, slot = household[:persons].astype(np.int64), slot[:persons].astype(np.int64)
    age_days = (ages[household, slot] * 365.25).astype(np.int64) + rng.integers(1, 365, len(household))
    through_marriage = happens(rng, np.where(male[:, HEAD], 0.12, 0.55), count)
    return Families(
        sizes=np.bincount(household).astype(np.int64),
        household=household,
        slot=slot,
        age_days=age_days,
        male=male[household, slot],
        surname_slot=_surname_slot(slot, male[household, HEAD], through_marriage[household]),
        in_laws=through_marriage[household],
    )


def _sexes(rng: np.random.Generator, count: int) -> Flags:
    male = rng.random((count, SLOTS)) < 0.52
    male[:, HEAD] = rng.random(count) < 0.82
    male[:, SPOUSE] = ~male[:, HEAD]
    male[:, IN_LAW] = ~male[:, FIRST]
    male[:, FATHER] = True
    male[:, MOTHER] = False
    return np.asarray(male)


def _ages(rng: np.random.Generator, shape: Ints, male: Flags, present: Flags) -> Floats:
    """Completed years of everybody who might live in a household, shape (households, SLOTS)."""
    count = len(shape)
    ages = np.full((count, SLOTS), -1.0)
    ages[:, HEAD] = between(
        rng, np.array([s.youngest for s in SHAPES])[shape], np.array([s.oldest for s in SHAPES])[shape], count
    )
    gap = np.clip(np.rint(rng.normal(2, 2.5, count)), -4, 9)
    ages[:, SPOUSE] = ages[:, HEAD] + np.where(male[:, HEAD], -gap, gap)
    mother = np.where(male[:, HEAD], ages[:, SPOUSE], ages[:, HEAD])
    after = np.array([s.child_after for s in SHAPES])[shape]
    ages[:, FIRST] = mother - between(rng, after[:, 0], after[:, 1], count)
    ages[:, SECOND] = ages[:, FIRST] - between(rng, 1, 7, count)
    ages[:, THIRD] = ages[:, SECOND] - between(rng, 1, 5, count)
    ages[:, IN_LAW] = ages[:, FIRST] + np.rint(rng.normal(0, 2, count))
    ages[:, GRANDCHILD] = np.where(
        shape == WITHOUT_PARENTS,
        ages[:, HEAD] - between(rng, 46, 55, count),
        ages[:, FIRST] - between(rng, 20, 29, count),
    )
    ages[:, GRANDCHILD_2] = ages[:, GRANDCHILD] - between(rng, 1, 6, count)
    ages[:, GRANDCHILD_2] = np.where(present[:, GRANDCHILD], ages[:, GRANDCHILD_2], -1)
    ages[:, FATHER] = ages[:, HEAD] + between(rng, 21, 34, count)
    ages[:, MOTHER] = ages[:, HEAD] + between(rng, 19, 30, count)
    ages[:, SIBLING] = ages[:, HEAD] + between(rng, -8, 8, count)
    ages[:, OTHER] = between(rng, 5, 80, count)
    return ages


def _surname_slot(slot: Ints, head_male: Flags, through_marriage: Flags) -> Ints:
    """Whose surname a member bears, as the slot of that person: children the father's, women their own."""
    father_of_children = np.where(head_male, HEAD, SPOUSE)
    line = np.where(through_marriage, SPOUSE, HEAD)
    own = slot.copy()
    children = np.isin(slot, (FIRST, SECOND, THIRD, GRANDCHILD, GRANDCHILD_2))
    own[children] = father_of_children[children]
    own[slot == SIBLING] = HEAD
    own[slot == FATHER] = line[slot == FATHER]
    return np.asarray(own)

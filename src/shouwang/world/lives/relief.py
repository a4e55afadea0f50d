"""What households receive, ask for and own: assistance, complaints, cars and flats."""

import numpy as np
import polars as pl

from shouwang.world import families as fam
from shouwang.world.calendar import NEVER
from shouwang.world.draws import NO_AMOUNT, NO_DAY, Ints, between, days, fen, happens, pick, words
from shouwang.world.people import ORDINARY, SKILLED, County
from shouwang.world.story import Story

KINDS = ("农村低保", "特困供养", "临时救助")
ALLOWANCE, DESTITUTE, TEMPORARY = range(3)
POOR_INCOME = 8000.0
ALLOWANCE_SHARE, DESTITUTE_SHARE = 0.62, 0.3
ENDS_A_YEAR = 0.035
TEMPORARY_A_YEAR = 0.007
COMPLAINTS_A_YEAR = 0.03
QUARTER = 3
CATEGORIES = ("生活困难", "政策咨询", "土地纠纷", "基础设施", "干部作风", "低保申请")
WORDS = (
    "家里有人生病，花费大，生活困难，请求帮助", "咨询医保报销比例和办理流程", "反映承包地边界有争议，请求调解",
    "反映通组公路损坏，雨天出行不便", "反映村务公开不及时", "申请农村低保，请求上门核实",
)  # fmt: skip
ASSETS = ("小型客车", "商品房", "工商登记", "财政供养", "大型农机")
ASSET_SHARES = {False: 0.15, True: 0.05}
ASSET_VALUES = (62_000.0, 310_000.0, 30_000.0, 0.0, 48_000.0)


def assistance(county: County, story: Story) -> None:
    """Standing assistance, sent whole each quarter and with changes between; grants once, told in their month."""
    rng = county.stream("assistance")
    calendar = county.calendar
    weak = ~county.anyone(np.isin(county.labour, (ORDINARY, SKILLED)))
    poor = (county.h_income < POOR_INCOME) | (weak & happens(rng, 0.25, county.households))
    alone = (
        weak
        & (county.h_size == 1)
        & (county.age(calendar.first_day)[county.head_of(np.arange(county.households))] >= 60)
    )
    destitute = alone & poor & happens(rng, DESTITUTE_SHARE, county.households)
    allowed = poor & ~destitute & happens(rng, ALLOWANCE_SHARE, county.households)
    story.standing_support[:] = destitute | allowed
    members = np.flatnonzero((destitute | allowed)[county.household])
    kind = np.where(destitute[county.household[members]], DESTITUTE, ALLOWANCE)
    starts = calendar.first_day - between(rng, 40, 2000, county.households)[county.household[members]]
    starts = np.maximum(starts, county.birth_day[members] + 30)
    years = (calendar.end_day - calendar.first_day) / 365
    ending = happens(rng, ENDS_A_YEAR * years, county.households) & allowed
    end_day = between(rng, calendar.first_day + 20, calendar.end_day - 1, county.households)
    ends = np.where(ending[county.household[members]], end_day[county.household[members]], NO_DAY)
    amount = fen(np.where(kind == DESTITUTE, 806.0, 388.0) + rng.integers(-8, 9, len(members)) * 10.0)
    for month in range(0, calendar.count, QUARTER):
        sent = (calendar.received_on("social_assistance", month) - calendar.start).days + calendar.first_day
        known = np.where((ends != NO_DAY) & (ends <= sent), ends, NO_DAY)
        _grant(story, members, np.full(len(members), month), kind, starts, known, amount)
    gone = np.flatnonzero(ends != NO_DAY)
    told = calendar.arrival("social_assistance", ends[gone] + between(rng, 1, 20, len(gone)))
    _grant(story, members[gone], told, kind[gone], starts[gone], ends[gone], amount[gone])
    hard = np.flatnonzero(ending & happens(rng, 0.5, county.households))
    still = np.full(len(hard), NO_DAY)
    story.trouble("other", hard, end_day[hard], still, county.head_of(hard), np.ones(len(hard), dtype=bool))
    _once(county, story, rng, years)


def _once(county: County, story: Story, rng: np.random.Generator, years: float) -> None:
    """Temporary assistance: likelier where illness or loss has struck."""
    calendar = county.calendar
    struck = (story.own_costs > 3000) | (story.income_lost > 0)
    chance = TEMPORARY_A_YEAR * years * np.where(struck, 6.0, 0.8)
    where = np.flatnonzero(happens(rng, chance, county.households))
    when = between(rng, calendar.first_day - 60, calendar.end_day - 1, len(where))
    amount = fen(np.rint(np.exp(rng.normal(np.log(1500), 0.6, len(where))) / 100) * 100)
    told = calendar.arrival("social_assistance", when + between(rng, 1, 25, len(where)))
    kinds = np.full(len(where), TEMPORARY)
    _grant(story, county.head_of(where), told, kinds, when, np.full(len(where), NO_DAY), np.maximum(amount, 20_000))


def _grant(story: Story, who: Ints, told: Ints, kind: Ints, starts: Ints, ends: Ints, amount: Ints) -> None:
    story.tell(
        "social_assistance",
        who,
        told,
        category=words(KINDS, kind),
        starts_on=days(starts),
        ends_on=days(ends),
        amount=amount,
    )


def complaints(county: County, story: Story) -> None:
    """Calls to the hotline and letters; the households that call are not always those that are in trouble."""
    rng = county.stream("complaints")
    calendar = county.calendar
    years = (calendar.end_day - calendar.first_day) / 365
    troubled = (story.own_costs > 5000) | (story.income_lost > 0.1)
    where = np.flatnonzero(happens(rng, COMPLAINTS_A_YEAR * years * np.where(troubled, 2.5, 0.9), county.households))
    when = between(rng, calendar.first_day, calendar.end_day - 1, len(where))
    hard = troubled[where] & happens(rng, 0.5, len(where)) | happens(rng, 0.05, len(where))
    category = np.where(hard, 0, pick(rng, (0, 34, 22, 24, 8, 12), len(where)))
    serial = np.arange(len(where)) + story.take_numbers("hotline_complaint", len(where))
    number = f"12317{county.code}" + pl.Series(serial).cast(pl.String).str.zfill(7)
    story.tell(
        "hotline_complaint",
        _callers(county, rng, where),
        calendar.arrival("hotline_complaint", when + 1),
        complaint_no=number,
        division_code=county.village_codes(where),
        accepted_on=days(when),
        category=words(CATEGORIES, category),
        complaint_text=words(WORDS, category),
    )
    told = np.flatnonzero(hard & ~troubled[where])
    still = np.full(len(told), NO_DAY)
    story.trouble("other", where[told], when[told], still, np.full(len(told), -1), np.ones(len(told), dtype=bool))


def _callers(county: County, rng: np.random.Generator, where: Ints) -> Ints:
    """The head mostly, the spouse sometimes."""
    head = county.head_of(where)
    second = np.minimum(head + 1, county.size - 1)
    spouse = (county.household[second] == county.household[head]) & (county.slot[second] == fam.SPOUSE)
    return np.asarray(np.where(spouse & happens(rng, 0.35, len(where)), second, head))


def assets(county: County, story: Story) -> None:
    """What registers of cars, flats and trades hold: at the start, and bought since."""
    rng = county.stream("assets")
    calendar = county.calendar
    age = county.age(calendar.first_day)
    chance = np.where(county.h_relieved[county.household], ASSET_SHARES[True], ASSET_SHARES[False])
    who = np.flatnonzero((age >= 22) & (age < 62) & happens(rng, chance, county.size))
    kind = pick(rng, (58, 14, 18, 6, 4), len(who))
    bought = happens(rng, 0.12, len(who))
    since = np.where(
        bought,
        between(rng, calendar.first_day, calendar.end_day - 1, len(who)),
        calendar.first_day - between(rng, 30, 2800, len(who)),
    )
    middle = np.array(ASSET_VALUES)[kind]
    value = np.where(middle > 0, fen(middle * np.exp(rng.normal(0, 0.35, len(who)))), NO_AMOUNT)
    told = calendar.arrival("asset_record", since + between(rng, 2, 25, len(who)))
    story.tell(
        "asset_record",
        who,
        np.where(happens(rng, 0.02, len(who)), NEVER, told),
        category=words(ASSETS, kind),
        registered_on=days(since),
        value=value,
    )

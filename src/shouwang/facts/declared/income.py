"""Income of the household, from its latest statement (STANDARD_RULES, "Income")."""

from shouwang.facts.conditions import Within
from shouwang.facts.declaration import Fact, Last, LowestTotal, Reach, Total

EARNED = ("wage_income", "business_income", "property_income", "transfer_income")
SHOWN = ("period_start", "period_end")
STATEMENT = Last(per="household", by="period_end")
RECENT = (Within("period_end", "income.statement_days"),)

NET_INCOME = Fact(
    name="net_income",
    title="家庭纯收入",
    unit="元",
    source="income_statement",
    reach=Reach.HOUSEHOLD,
    where=RECENT,
    last=STATEMENT,
    value=Total(plus=EARNED, minus=("business_cost",), absent=None),
    shows=(*SHOWN, *EARNED, "business_cost"),
)
REFERENCE_INCOME = Fact(
    name="reference_income",
    title="计入理赔、扣除合规自付后的家庭收入",
    unit="元",
    source="income_statement",
    reach=Reach.HOUSEHOLD,
    where=RECENT,
    last=STATEMENT,
    value=Total(plus=(*EARNED, "claims_income"), minus=("business_cost", "compliant_out_of_pocket"), absent=None),
    shows=(*SHOWN, *EARNED, "business_cost", "claims_income", "compliant_out_of_pocket"),
)
LOWEST_RECENT_NET_INCOME = Fact(
    name="lowest_recent_net_income",
    title="近半年各张采集表中最低的家庭纯收入",
    unit="元",
    source="income_statement",
    reach=Reach.HOUSEHOLD,
    where=(Within("period_end", "elimination.stable_days"),),
    value=LowestTotal(plus=EARNED, minus=("business_cost",), absent=None),
    shows=(*SHOWN, *EARNED, "business_cost"),
)
FACTS = (NET_INCOME, REFERENCE_INCOME, LOWEST_RECENT_NET_INCOME)

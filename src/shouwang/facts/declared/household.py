"""Who belongs to the household, and what kind of household it is (STANDARD_RULES, "Members")."""

from shouwang.facts.conditions import OneOf
from shouwang.facts.declaration import REGISTER, Fact, HowMany, Reach, Whether

MEMBERS = Fact(
    name="members",
    title="家庭成员",
    unit="人",
    source=REGISTER,
    reach=Reach.MEMBERS,
    value=HowMany(),
)
LIFTED_OUT_OF_POVERTY = Fact(
    name="lifted_out_of_poverty",
    title="属于脱贫户",
    unit="",
    source=REGISTER,
    reach=Reach.HOUSEHOLD,
    where=(OneOf("household_type", "register.lifted_types"),),
    value=Whether(),
    shows=("household_type",),
)
MEMBERS_ABLE_TO_WORK = Fact(
    name="members_able_to_work",
    title="有劳动能力的成员",
    unit="人",
    source=REGISTER,
    reach=Reach.MEMBERS,
    where=(OneOf("labour", "labour.able_skills"),),
    value=HowMany(),
    shows=("labour",),
)
MEMBERS_WITH_SOME_LABOUR = Fact(
    name="members_with_some_labour",
    title="有劳动能力或半劳动能力的成员",
    unit="人",
    source=REGISTER,
    reach=Reach.MEMBERS,
    where=(OneOf("labour", "labour.some_skills"),),
    value=HowMany(),
    shows=("labour",),
)
FACTS = (MEMBERS, LIFTED_OUT_OF_POVERTY, MEMBERS_ABLE_TO_WORK, MEMBERS_WITH_SOME_LABOUR)

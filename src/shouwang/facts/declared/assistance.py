"""Social assistance of members, from the rolls of 民政 (STANDARD_RULES, "Receives … at D")."""

from shouwang.facts.conditions import NotByDay, OneOf, UpToDay, Within
from shouwang.facts.declaration import Fact, HowMany, HowManyPersons, Largest, Reach

STANDING = OneOf("category", "assistance.standing_categories")

MEMBERS_ON_STANDING_SUPPORT = Fact(
    name="members_on_standing_support",
    title="正在享受农村低保或特困供养的成员",
    unit="人",
    source="social_assistance",
    reach=Reach.MEMBERS,
    where=(STANDING, UpToDay("starts_on"), NotByDay("ends_on")),
    value=HowManyPersons(),
    shows=("category", "starts_on", "ends_on"),
)
STANDING_SUPPORT_ENDED = Fact(
    name="standing_support_ended",
    title="近期终止的农村低保或特困供养",
    unit="笔",
    source="social_assistance",
    reach=Reach.MEMBERS,
    where=(STANDING, Within("ends_on", "assistance.ended_days")),
    value=HowMany(),
    shows=("category", "starts_on", "ends_on"),
)
LARGEST_TEMPORARY_GRANT = Fact(
    name="largest_temporary_grant",
    title="一笔最大临时救助金额",
    unit="元",
    source="social_assistance",
    reach=Reach.MEMBERS,
    where=(
        OneOf("category", "assistance.temporary_categories"),
        Within("starts_on", "assistance.temporary_days"),
    ),
    value=Largest("amount", "assistance.large_temporary"),
    shows=("category", "starts_on", "amount"),
)
FACTS = (MEMBERS_ON_STANDING_SUPPORT, STANDING_SUPPORT_ENDED, LARGEST_TEMPORARY_GRANT)

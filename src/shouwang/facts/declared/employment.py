"""Work of members, from the employment records of 人社."""

from shouwang.facts.conditions import Aged, Either, NotByDay, UpToDay, Within
from shouwang.facts.declaration import Fact, HowManyPersons, Largest, Reach

HELD = (UpToDay("started_on"), NotByDay("left_on"))
LEFT_RECENTLY = Within("left_on", "employment.left_days")

MEMBERS_WHO_LOST_WORK = Fact(
    name="members_who_lost_work",
    title="近期离职的劳动年龄成员",
    unit="人",
    source="employment_record",
    reach=Reach.MEMBERS,
    where=(
        LEFT_RECENTLY,
        Aged("member.birth_date", "employment.working_from_age", "employment.working_to_age"),
    ),
    value=HowManyPersons(),
    shows=("started_on", "left_on"),
)
MEMBERS_IN_WORK = Fact(
    name="members_in_work",
    title="在岗务工的成员",
    unit="人",
    source="employment_record",
    reach=Reach.MEMBERS,
    where=HELD,
    value=HowManyPersons(),
    shows=("started_on", "left_on"),
)
UNPAID_MONTHS = Fact(
    name="unpaid_months",
    title="一份工作最多欠薪月数",
    unit="个月",
    source="employment_record",
    reach=Reach.MEMBERS,
    where=(Either((HELD, (LEFT_RECENTLY,))),),
    value=Largest("unpaid_months", "employment.unpaid_months", kind="count"),
    shows=("started_on", "left_on", "unpaid_months"),
)
FACTS = (MEMBERS_WHO_LOST_WORK, MEMBERS_IN_WORK, UNPAID_MONTHS)

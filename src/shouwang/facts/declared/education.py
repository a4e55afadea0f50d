"""Schooling of members, from the rolls of 教育."""

from shouwang.facts.conditions import Aged, NoneOf, OneOf, UpToDay, Within
from shouwang.facts.declaration import REGISTER, Fact, HowMany, Lacking, Last, Reach, Total

DROPOUT_CHILDREN = Fact(
    name="dropout_children",
    title="义务教育阶段失学辍学的成员",
    unit="人",
    source="school_roll",
    reach=Reach.MEMBERS,
    where=(
        UpToDay("status_on"),
        Aged("member.birth_date", "education.compulsory_from_age", "education.compulsory_to_age"),
        NoneOf("member.dropout_reason", "education.excused_reasons"),
    ),
    last=Last(per="person", by="status_on"),
    keep=(OneOf("status", "education.dropout_states"),),
    value=HowMany(),
    shows=("status_on", "stage", "status"),
)
BEYOND_COMPULSORY_SELF_PAID = Fact(
    name="beyond_compulsory_self_paid",
    title="非义务教育阶段本学年自付费用合计",
    unit="元",
    source="school_roll",
    reach=Reach.MEMBERS,
    where=(
        Within("status_on", "education.cost_days"),
        OneOf("stage", "education.stages_beyond_compulsory"),
    ),
    last=Last(per="person", by="status_on"),
    value=Total(plus=("self_paid",)),
    shows=("status_on", "stage", "self_paid"),
)
CHILDREN_NOT_ON_ROLL = Fact(
    name="children_not_on_roll",
    title="没有学籍记录的义务教育阶段成员",
    unit="人",
    source=REGISTER,
    reach=Reach.MEMBERS,
    where=(
        Aged("birth_date", "education.compulsory_from_age", "education.compulsory_to_age"),
        NoneOf("dropout_reason", "education.excused_reasons"),
    ),
    lacking=Lacking("school_roll", (UpToDay("status_on"),)),
    value=HowMany(),
)
FACTS = (DROPOUT_CHILDREN, BEYOND_COMPULSORY_SELF_PAID, CHILDREN_NOT_ON_ROLL)

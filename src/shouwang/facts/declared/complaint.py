"""Complaints of members about hardship, from 信访 and 12317."""

from shouwang.facts.conditions import OneOf, Within
from shouwang.facts.declaration import Fact, HowMany, Reach

HARDSHIP_COMPLAINTS = Fact(
    name="hardship_complaints",
    title="反映生活困难的信访诉求",
    unit="件",
    source="hotline_complaint",
    reach=Reach.MEMBERS,
    where=(
        Within("accepted_on", "complaint.recent_days"),
        OneOf("category", "complaint.hardship_categories"),
    ),
    value=HowMany(),
    shows=("accepted_on", "category"),
)
FACTS = (HARDSHIP_COMPLAINTS,)

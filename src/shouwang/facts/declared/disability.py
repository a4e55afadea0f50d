"""New severe disabilities of members, from the certificates of 残联."""

from shouwang.facts.conditions import OneOf, Within
from shouwang.facts.declaration import Fact, HowMany, Reach

NEW_SEVERE_CERTIFICATES = Fact(
    name="new_severe_certificates",
    title="新发的重度残疾人证",
    unit="本",
    source="disability_certificate",
    reach=Reach.MEMBERS,
    where=(
        Within("issued_on", "disability.new_days"),
        OneOf("grade", "disability.severe_grades"),
        OneOf("status", "disability.valid_states"),
    ),
    value=HowMany(),
    shows=("issued_on", "category", "grade"),
)
FACTS = (NEW_SEVERE_CERTIFICATES,)

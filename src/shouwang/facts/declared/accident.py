"""Accidents of persons registered in the household, also of those who died of them, from the reports of 公安."""

from shouwang.facts.conditions import Within
from shouwang.facts.declaration import Fact, HowMany, Reach

ACCIDENTS = Fact(
    name="accidents",
    title="致死致残的意外事故",
    unit="起",
    source="accident_report",
    reach=Reach.REGISTERED,
    where=(Within("happened_on", "accident.recent_days"),),
    value=HowMany(),
    shows=("happened_on", "outcome"),
)
FACTS = (ACCIDENTS,)

"""Drinking water, from the faults of 水利: of the household itself, or of its whole village."""

from shouwang.facts.conditions import DaysAgo, NotByDay, UpToDay
from shouwang.facts.declaration import Fact, HowMany, Reach

PROLONGED_WATER_FAULTS = Fact(
    name="prolonged_water_faults",
    title="逾期未恢复的供水故障",
    unit="起",
    source="water_fault",
    reach=Reach.OWN_OR_VILLAGE,
    where=(DaysAgo("began_on", "water.fault_days"), NotByDay("restored_on")),
    value=HowMany(),
    shows=("began_on", "restored_on"),
)
OPEN_WATER_FAULTS = Fact(
    name="open_water_faults",
    title="未恢复的供水故障",
    unit="起",
    source="water_fault",
    reach=Reach.OWN_OR_VILLAGE,
    where=(UpToDay("began_on"), NotByDay("restored_on")),
    value=HowMany(),
    shows=("began_on", "restored_on"),
)
FACTS = (PROLONGED_WATER_FAULTS, OPEN_WATER_FAULTS)

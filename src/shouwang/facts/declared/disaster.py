"""What disasters cost the household, from the reports of 应急, through anybody registered in it."""

from shouwang.facts.conditions import OneOf, Within
from shouwang.facts.declaration import Fact, HowMany, Largest, Reach

LARGEST_DISASTER_LOSS = Fact(
    name="largest_disaster_loss",
    title="一次灾害最大直接经济损失",
    unit="元",
    source="disaster_report",
    reach=Reach.REGISTERED,
    where=(Within("happened_on", "disaster.recent_days"),),
    value=Largest("loss", "disaster.loss"),
    shows=("happened_on", "kind", "loss"),
)
HOUSE_DAMAGES = Fact(
    name="house_damages",
    title="房屋严重损坏或倒塌的灾情",
    unit="次",
    source="disaster_report",
    reach=Reach.REGISTERED,
    where=(Within("happened_on", "disaster.recent_days"), OneOf("house_damage", "disaster.severe_damages")),
    value=HowMany(),
    shows=("happened_on", "kind", "house_damage"),
)
FACTS = (LARGEST_DISASTER_LOSS, HOUSE_DAMAGES)

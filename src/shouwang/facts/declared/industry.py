"""Losses of members' projects, from the reports of 农业农村."""

from shouwang.facts.conditions import Within
from shouwang.facts.declaration import Fact, Reach, Total

INDUSTRY_LOSSES = Fact(
    name="industry_losses",
    title="产业项目损失合计",
    unit="元",
    source="industry_setback",
    reach=Reach.MEMBERS,
    where=(Within("happened_on", "industry.recent_days"),),
    value=Total(plus=("loss",)),
    shows=("happened_on", "project", "situation", "loss"),
)
FACTS = (INDUSTRY_LOSSES,)

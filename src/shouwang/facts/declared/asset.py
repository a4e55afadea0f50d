"""What members own, from the comparison lists: shown beside a clue for people to weigh, never a reason to exclude."""

from shouwang.facts.conditions import UpToDay
from shouwang.facts.declaration import Fact, HowMany, Reach

ASSETS = Fact(
    name="assets",
    title="名下资产登记",
    unit="项",
    source="asset_record",
    reach=Reach.MEMBERS,
    where=(UpToDay("registered_on"),),
    value=HowMany(),
    shows=("category", "registered_on", "value"),
)
FACTS = (ASSETS,)

"""Safety of the house, from the appraisals of 住房城乡建设. They reach the household through anybody registered in it."""

from shouwang.facts.conditions import NotByDay, OneOf, UpToDay
from shouwang.facts.declaration import Fact, HowMany, Last, Reach

UNSAFE_HOUSES = Fact(
    name="unsafe_houses",
    title="最近一次鉴定为危房且未整治完成",
    unit="处",
    source="housing_appraisal",
    reach=Reach.REGISTERED,
    where=(UpToDay("appraised_on"),),
    last=Last(per="household", by="appraised_on"),
    keep=(OneOf("grade", "housing.unsafe_grades"), NotByDay("mended_on")),
    value=HowMany(),
    shows=("appraised_on", "grade", "mended_on"),
)
FACTS = (UNSAFE_HOUSES,)

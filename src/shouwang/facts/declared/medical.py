"""Medical spending and insurance of members, from the settlements and enrolments of 医保."""

from shouwang.facts.conditions import InWholeMonths, InYearOfDay, OneOf
from shouwang.facts.declaration import REGISTER, Fact, HowMany, Lacking, LowestMonth, Reach, Total, Whether

OUT_OF_POCKET = Fact(
    name="medical_out_of_pocket",
    title="个人自付医疗费合计",
    unit="元",
    source="medical_settlement",
    reach=Reach.MEMBERS,
    where=(InWholeMonths("settled_on", "medical.window_months"),),
    value=Total(plus=("out_of_pocket",)),
    shows=("settled_on", "care_type", "out_of_pocket"),
)
CHRONIC_LOWEST_MONTH = Fact(
    name="chronic_outpatient_lowest_month",
    title="一名成员门诊慢特病个人自付最低月份金额",
    unit="元",
    source="medical_settlement",
    reach=Reach.MEMBERS,
    where=(
        InWholeMonths("settled_on", "medical.chronic_months"),
        OneOf("care_type", "medical.chronic_care_types"),
    ),
    value=LowestMonth("out_of_pocket", "settled_on", "medical.chronic_months", "medical.chronic_monthly"),
    shows=("settled_on", "care_type", "out_of_pocket"),
)
MEMBERS_WITHOUT_INSURANCE = Fact(
    name="members_without_insurance",
    title="当年没有正常参保记录的成员",
    unit="人",
    source=REGISTER,
    reach=Reach.MEMBERS,
    lacking=Lacking(
        "medical_enrolment",
        (InYearOfDay("year"), OneOf("status", "medical.insured_states")),
    ),
    value=HowMany(),
)
COUNTY_ENROLMENT_DELIVERED = Fact(
    name="county_enrolment_delivered",
    title="本区县当年参保名册已收到",
    unit="",
    source="medical_enrolment",
    reach=Reach.COUNTY,
    where=(InYearOfDay("year"),),
    value=Whether(),
)
FACTS = (OUT_OF_POCKET, CHRONIC_LOWEST_MONTH, MEMBERS_WITHOUT_INSURANCE, COUNTY_ENROLMENT_DELIVERED)

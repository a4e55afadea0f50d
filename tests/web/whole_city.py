"""The small city of the pages as a whole."""

from datetime import date
from types import SimpleNamespace

from small_city import (
    AS_OF,
    CITY,
    COUNTY,
    FOREIGN_COUNTY,
    FOREIGN_TOWNSHIP,
    FOREIGN_VILLAGE,
    RULE,
    TOWNSHIP,
    VILLAGE,
    bring_to_village,
    make_amendment,
    make_campaign,
    make_case,
    make_clue,
    make_declaration,
    make_delivery,
    make_export,
    make_helped_household,
    make_household,
    make_message,
    make_organisation,
    make_register_request,
    make_user,
    make_visit,
)

from shouwang.areas import tree
from shouwang.areas.models import Area
from shouwang.clues.models import ScreeningRun
from shouwang.exchange.models import Upload


def make_areas() -> None:
    """Two counties, each down to one village."""
    areas = (
        (CITY, "重庆市", 1, None),
        (COUNTY, "万州区", 2, CITY),
        (TOWNSHIP, "高笋塘街道", 3, COUNTY),
        (VILLAGE, "东方广场社区居民委员会", 4, TOWNSHIP),
        (FOREIGN_COUNTY, "涪陵区", 2, CITY),
        (FOREIGN_TOWNSHIP, "敦仁街道", 3, FOREIGN_COUNTY),
        (FOREIGN_VILLAGE, "北门口社区居民委员会", 4, FOREIGN_TOWNSHIP),
    )
    digits = {1: 2, 2: 6, 3: 9, 4: 12}
    Area.objects.bulk_create(
        Area(code=code, name=name, level=level, parent_id=parent, scope=code[: digits[level]])
        for code, name, level, parent in areas
    )
    tree.forget()


def make_city() -> SimpleNamespace:
    """Users by level, and one household, clue, delivery and upload of the first county; its areas are there."""
    users = {
        "city": make_user("city", CITY, "city"),
        "county": make_user("county", COUNTY, "county"),
        "township": make_user("township", TOWNSHIP, "township"),
        "village": make_user("village", VILLAGE, "village"),
        "department": make_user("department", COUNTY, "department", "医保"),
        "other_department": make_user("other_department", COUNTY, "department", "水利"),
        "foreign": make_user("foreign", FOREIGN_COUNTY, "county"),
        "postless": make_user("postless", None),
    }
    household = make_household("500101001001-0001", VILLAGE, "冉光荣", 11)
    clue = bring_to_village(make_clue(household, 11))
    make_delivery(1, COUNTY, "household_register", quarantined=0, read=8, source_title="农户名册", owner="农业农村")
    delivery = make_delivery(2, COUNTY)
    upload = Upload.objects.create(
        source="medical_settlement",
        file="结算.csv",
        received_on=date(2021, 4, 1),
        user=users["county"],
        area_id=COUNTY,
        state=Upload.State.REFUSED,
        message="缺少必需的列：结算日期",
    )
    run = ScreeningRun.objects.create(
        as_of=AS_OF, known_at=AS_OF, pack_version="2021.1+abc", households=1, hits={RULE: 1}, new={"red": 1}
    )
    account = users["township"]
    users["organisation"] = make_organisation(users["county"])
    return SimpleNamespace(
        users=users,
        household=household,
        clue=clue,
        photo=make_visit(clue),
        delivery=delivery,
        upload=upload,
        run=run,
        declaration=make_declaration(),
        campaign=make_campaign(household),
        unverified=make_declaration("unverified", "1234567890123467", "13800000002"),
        amendment=make_amendment(users["county"], COUNTY),
        account=account,
        case=make_case(household),
        request=make_register_request(household),
        message=make_message(COUNTY),
        export=make_export(users["county"], COUNTY),
        help=make_helped_household(),
        post=account.posts.get(),
    )

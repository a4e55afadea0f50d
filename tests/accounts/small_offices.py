"""Two counties with two townships and two villages each, made up."""

from shouwang.areas.models import Area

PASSWORD = "tian-qi-hen-hao-2021"
CITY = "500000000000"
COUNTY, OTHER_COUNTY = "500101000000", "500102000000"
TOWNSHIP, SIBLING_TOWNSHIP, OTHER_TOWNSHIP = "500101001000", "500101002000", "500102001000"
VILLAGE, SIBLING_VILLAGE, OTHER_VILLAGE = "500101001001", "500101001002", "500102001001"


def make_areas() -> None:
    for code, level, parent in (
        (CITY, 1, None),
        (COUNTY, 2, CITY),
        (OTHER_COUNTY, 2, CITY),
        (TOWNSHIP, 3, COUNTY),
        (SIBLING_TOWNSHIP, 3, COUNTY),
        (OTHER_TOWNSHIP, 3, OTHER_COUNTY),
        (VILLAGE, 4, TOWNSHIP),
        (SIBLING_VILLAGE, 4, TOWNSHIP),
        (OTHER_VILLAGE, 4, OTHER_TOWNSHIP),
    ):
        scope = code[: {1: 2, 2: 6, 3: 9, 4: 12}[level]]
        Area.objects.create(code=code, name=f"地方{code[2:]}", level=level, parent_id=parent, scope=scope)

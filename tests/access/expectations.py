"""What everybody should get, worked out from the table of addresses alone: no rule here is taken from the code."""

from small_province import CITY, COUNTY, OTHER_COUNTY, OTHERS, PEOPLE, VILLAGES, Thing

import addresses
from addresses import ADDRESSES, ANYONE, Address

OK, REFUSED, MISSING, NOT_SO, TO_THE_DOOR = "answered", 403, 404, 405, "to the login"
OF_CASES = ("case_photo", "case_paper", "notice")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SEARCHES = [
    "q=HU-5",
    "q=光荣",
    "q=zhanghao",
    "sort=level",
    "sort=newest",
    "sort=oldest",
    "sort=area",
    "sort=household",
    "state=any",
    "state=over",
    "income=none",
    "page=2",
    "level=red",
    "source=medical_settlement",
    "state=decided",
]
# Whose posts somebody gives: one level down, within the own area.
GIVEN_BY = {
    "city": {("county", 6), ("department", 2)},
    "county": {("township", 9), ("department", 6), ("social_force", 6)},
    "township": {("village", 12), ("enumerator", 12), ("enumerator", 9), ("grid_worker", 12), ("resident_team", 12)},
    "security_admin": {(duty, d) for duty in ("system_admin", "security_admin", "auditor") for d in (2, 6)},
}


def digits(area: str) -> str:
    if area == CITY:
        return area[:2]
    if area in (COUNTY, OTHER_COUNTY):
        return area[:6]
    return area if area in VILLAGES else area[:9]


def is_visible(who: str, thing: Thing) -> bool:
    """Whether somebody may know that a thing is there."""
    duty, area, department = PEOPLE[who]
    if thing.about in ("rule", "parameter", "run", "poster_village", "ticket", "receipt", "standing_notice"):
        return True
    if thing.about == "view":
        return thing.held_by == who
    if thing.about == "export":
        return thing.held_by == who or (duty in ("city", "county") and thing.area.startswith(digits(area)))
    if thing.about == "message":
        return thing.held_by == who or bool(thing.duty and (duty, area) == (thing.duty, thing.area))
    if not area:
        return False
    inside = thing.area.startswith(digits(area))
    if duty == "social_force":
        return thing.about == "need" and inside
    if thing.about == "amendment":
        return duty == "city" or (duty == "county" and (inside or thing.area == CITY))
    if thing.about == "area":
        return inside and "admin" not in duty and duty != "auditor"
    if thing.about in ("account", "post"):
        if thing.held_by == who:
            return False
        given = set(GIVEN_BY.get(duty, ()))
        if who == "city_security_admin":
            given |= {("city", 2)}
        return inside and (thing.duty, len(digits(thing.area))) in given
    if thing.about in (
        "case",
        "contact",
        "elimination",
        "help_photo",
        "need",
        "photo",
        "plan",
        "sweep",
        "sweep_task",
        "upload",
        *OF_CASES,
    ):
        return inside and not department
    return inside and (not department or department == thing.owner)


def holds(who: str, key: str) -> bool:
    return addresses.holds(PEOPLE[who][0], key)


def expected(who: str | None, address: Address, method: str, thing: Thing | None) -> object:
    """The answer that somebody (None: nobody is signed in) should get."""
    reading = method in ("GET", "HEAD")
    key = address.reading if reading else address.sending if method == "POST" else ""
    if who is None:
        return OK if key == ANYONE else TO_THE_DOOR
    if not key:
        return NOT_SO
    if not holds(who, key):
        return MISSING if thing is not None and not (address.reading and holds(who, address.reading)) else REFUSED
    if thing is not None and not is_visible(who, thing):
        return MISSING
    return OK


def of_every_kind(who: str, things: list[Thing]) -> list[Thing]:
    """Of what nothing tells apart from where somebody sits, but which county or village it is, the last."""
    kinds: dict[tuple[object, ...], Thing] = {}
    for thing in things:
        held = {**PEOPLE, **OTHERS}.get(thing.held_by, ("", CITY, ""))[1]
        places = [(len(digits(code)), shared(who, code)) for code in (thing.area, held)]
        key = (*places, thing.duty, thing.owner, thing.held_by == who, is_visible(who, thing))
        kinds[key] = thing
    return list(kinds.values())


def shared(who: str, code: str) -> int:
    """How far down the tree an area and the place where somebody sits lie in one branch."""
    own = PEOPLE[who][1]
    return max(
        (level for level in (2, 6, 9, 12) if len(digits(code)) >= level and own[:level] == code[:level]), default=0
    )


def tried(who: str | None, name: str, method: str, things: list[Thing]) -> list[Thing]:
    """Things of every kind for whoever may do this there; for the others, to whom all are alike, one that they may know of."""
    address = ADDRESSES[name]
    if who is not None and holds(who, address.reading if method == "GET" else address.sending):
        return of_every_kind(who, things)
    return [next((thing for thing in things if who is not None and is_visible(who, thing)), things[0])]


def undeclared(names: set[str]) -> list[str]:
    """Addresses of the site that nobody wrote an expectation for."""
    return sorted(names - set(ADDRESSES))

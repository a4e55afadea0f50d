"""The pack's divisions, brought into the casework database."""

from datetime import date
from pathlib import Path

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import Post
from shouwang.accounts.scope import current_on
from shouwang.areas.models import Area
from shouwang.areas.tree import forget
from shouwang.kernel.divisions import load_divisions
from shouwang.kernel.pack import divisions_folder
from shouwang.notifications.telling import Kind, Note, tell
from shouwang.proceedings.desks import line_of

BATCH = 500


@transaction.atomic
def load_areas(folder: Path | None = None) -> int:
    """Makes the areas those of a pack's `divisions` folder; returns how many there are.

    An area that the pack no longer names stays: households, clues and posts may still point to it.
    """
    divisions = load_divisions(folder or divisions_folder())
    # Parents before children, successors before the ended.
    ordered = sorted(divisions, key=lambda area: (area.level, area.successor is not None, area.code))
    wanted = [
        Area(
            code=area.code,
            name=area.name,
            level=area.level,
            parent_id=area.parent_code,
            scope=area.scope,
            valid_from=area.valid_from,
            valid_to=area.valid_to,
            successor_id=area.successor,
        )
        for area in ordered
    ]
    fields = ("name", "level", "parent_id", "scope", "valid_from", "valid_to", "successor_id")
    known = {row[0]: row[1:] for row in Area.objects.values_list("code", *fields)}
    changed = [area for area in wanted if known.get(area.code) != tuple(getattr(area, field) for field in fields)]
    Area.objects.bulk_create(
        changed,
        BATCH,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "level", "parent", "scope", "valid_from", "valid_to", "successor"],
    )
    transaction.on_commit(forget)
    return len(wanted)


def tell_of_posts(on: date) -> int:
    """Tells the office above where people still have posts in an area that was merged: its desk is the successor's by now, and
    who is to have a post there is for that office to say; returns how many messages. One for each merged area."""
    held = Post.objects.filter(current_on(on), area__valid_to__lte=on, area__successor__isnull=False)
    rows = held.order_by("area_id").values_list("area_id").annotate(people=Count("user", distinct=True))
    merged = Area.objects.in_bulk([area for area, _people in rows])
    notes = []
    for code, people in rows:
        area, line = merged[code], line_of(merged[code], on)
        heir, above = line[area.level], line.get(area.level - 1)
        if above is not None:
            names = {"area": area.name, "heir": heir.name, "people": people}
            title = gettext("{area}已并入{heir}，{people} 人的岗位还在{area}").format(**names)
            text = gettext(
                "{area}没有办完的事项已划转给{heir}。请把要继续办理的人的岗位调整到{heir}，其余的撤销。"
            ).format(**names)
            key = f"posts-{code}-{area.valid_to}"
            notes.append(Note(Kind.SYSTEM, title, text, "/users/", on, key, above, Permission.MANAGE_USERS))
    tell(notes)
    return len(notes)

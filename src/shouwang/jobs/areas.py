"""The pack's divisions, brought into the casework database."""

from pathlib import Path

from django.db import transaction

from shouwang.areas.models import Area
from shouwang.areas.tree import forget
from shouwang.kernel.divisions import load_divisions
from shouwang.kernel.pack import divisions_folder

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

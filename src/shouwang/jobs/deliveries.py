"""The ledger of deliveries, brought to the desk's list."""

from datetime import datetime

from django.db import transaction

from shouwang.areas.models import Area
from shouwang.audit.record import record
from shouwang.deliveries.lake import Lake
from shouwang.deliveries.ledger import DeliveryReport, deliveries
from shouwang.exchange.models import Delivery, DeliveryCounty, Upload
from shouwang.kernel.citizen_id import mask_identity_numbers
from shouwang.kernel.home import Home
from shouwang.sources.contract import contract

CHUNK = 200
COUNTS = ("read", "accepted", "duplicate", "quarantined", "linked", "corrected", "review", "unregistered")


def load_deliveries(home: Home) -> int:
    """Lists every delivery that is not listed yet; returns how many. The register must have been loaded before.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    listed = set(Delivery.objects.values_list("number", flat=True))
    waiting = [report for report in deliveries(home) if report.number not in listed]
    if not waiting:
        return 0
    counties = _counties(home, waiting)
    uploads = {upload.delivery: upload for upload in Upload.objects.filter(delivery__isnull=False).order_by("-pk")}
    with transaction.atomic():
        rows = [_row(report, uploads.get(report.number)) for report in waiting]
        taken = set(Delivery.objects.filter(number__in=[row.number for row in rows]).values_list("number", flat=True))
        Delivery.objects.bulk_create(rows, CHUNK, ignore_conflicts=True)  # another process may have been faster
        DeliveryCounty.objects.bulk_create(counties, CHUNK, ignore_conflicts=True)
        _tell_the_audit([row for row in rows if row.number not in taken])
    return len(waiting)


def _tell_the_audit(rows: list[Delivery]) -> None:
    for row in rows:
        counts = {"rows": row.read, "accepted": row.accepted, "quarantined": row.quarantined}
        record(row.uploaded_by, "file_ingested", row, source=row.source, file=row.file, **counts)


def _row(report: DeliveryReport, upload: Upload | None) -> Delivery:
    of = contract(report.source)
    return Delivery(
        number=report.number,
        source=report.source,
        source_title=of.title,
        owner=of.owner,
        file=mask_identity_numbers(report.file)[:255],
        received_on=report.received_on,
        ingested_at=datetime.fromisoformat(report.ingested_at),
        report=report.as_json() | {"file": mask_identity_numbers(report.file)},
        uploaded_by=upload.user if upload else None,
        area=upload.area if upload else None,
        **{name: getattr(report, name) for name in COUNTS},
    )


def _counties(home: Home, waiting: list[DeliveryReport]) -> list[DeliveryCounty]:
    """How many accepted rows of each delivery speak of households of each county, by the register as it is now."""
    known = set(Area.objects.filter(level=Area.COUNTY).values_list("code", flat=True))
    found = []
    with Lake(home, None) as lake:
        register = lake.every_version("household_register")
        if not register:
            return []
        last = "(received_on, delivery, line)"
        county = f"arg_max(substr(division_code, 1, 6), {last}) AS county FROM {register}"
        lake.store("lives", f"SELECT person, {county} WHERE person IS NOT NULL GROUP BY person")
        lake.store("lies", f"SELECT household_no AS number, {county} GROUP BY household_no")
        for source in sorted({report.source for report in waiting}):
            numbers = [report.number for report in waiting if report.source == source]
            rows = lake.delivered(source, numbers)
            if rows:
                counted = lake.run(_count_by_county(source, rows)).fetchall()
                found += [(number, f"{county}000000", count) for number, county, count in counted]
    return [DeliveryCounty(delivery_id=n, area_id=code, rows=count) for n, code, count in found if code in known]


def _count_by_county(source: str, rows: str) -> str:
    """Rows by delivery and county: by the person they name, else their household or the division they state."""
    of = contract(source)
    counties, joins = [], ""
    if of.has("id_number"):
        counties.append("lives.county")
        joins += " LEFT JOIN lives ON lives.person = told.person"
    if of.has("household_no"):
        counties.append("lies.county")
        joins += " LEFT JOIN lies ON lies.number = told.household_no"
    if of.has("division_code"):
        counties.append("substr(told.division_code, 1, 6)")
    county = f"coalesce({', '.join(counties)}, '')"
    return (
        f"SELECT told.delivery, {county} AS county, count(*) FROM {rows} AS told{joins} "
        f"GROUP BY ALL HAVING {county} <> '' ORDER BY ALL"
    )

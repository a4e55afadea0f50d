"""Every clue from before there were sources was found by a screening."""

from typing import Any

from django.db import migrations

AT_ONCE = 5000


def name_the_screening(apps: Any, schema_editor: Any) -> None:
    clue, source = apps.get_model("clues", "Clue"), apps.get_model("clues", "ClueSource")
    unnamed = clue.objects.filter(sources__isnull=True).order_by("pk")
    found = unnamed.values_list("pk", "opened_on", "reasons")
    while some := list(found[:AT_ONCE]):
        source.objects.bulk_create(
            [
                source(clue_id=pk, channel="screening", reference="", received_on=opened_on, text=said)
                for pk, opened_on, said in some
            ],
            AT_ONCE,
        )


class Migration(migrations.Migration):
    dependencies = [("clues", "0006_sources")]
    operations = [migrations.RunPython(name_the_screening, migrations.RunPython.noop)]

from django.db import migrations, models

from shouwang.tables.online import AddIndexBesideWork


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("clues", "0002_notes_found_again"),
    ]

    operations = [
        AddIndexBesideWork("clue", models.Index(fields=["state", "desk"], name="clues_by_desk")),
    ]

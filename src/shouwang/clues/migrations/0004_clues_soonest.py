from django.db import migrations, models

from shouwang.tables.online import AddIndexBesideWork


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("clues", "0003_clues_by_desk"),
    ]

    operations = [
        AddIndexBesideWork(
            "clue",
            models.Index(
                models.F("stage"),
                models.F("desk"),
                models.F("due_on"),
                models.Case(
                    models.When(level="red", then=models.Value(0)),
                    models.When(level="orange", then=models.Value(1)),
                    models.When(level="yellow", then=models.Value(2)),
                    output_field=models.IntegerField(),
                ),
                models.F("number"),
                name="clues_soonest",
            ),
        ),
        migrations.RemoveIndex("clue", "clue_in_hand"),
    ]

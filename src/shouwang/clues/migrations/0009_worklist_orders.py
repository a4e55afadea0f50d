from django.db import migrations, models

RANK = models.Case(
    models.When(level="red", then=models.Value(0)),
    models.When(level="orange", then=models.Value(1)),
    models.When(level="yellow", then=models.Value(2)),
    output_field=models.IntegerField(),
)
NEWEST = models.OrderBy(models.F("opened_on"), descending=True)


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0001_initial"),
        ("clues", "0008_overview_indexes"),
        ("households", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="clue", index=models.Index("state", RANK, NEWEST, "number", name="clues_by_level")
        ),
        migrations.AddIndex(model_name="clue", index=models.Index(NEWEST, RANK, "number", name="clues_newest")),
        migrations.AddIndex(
            model_name="clue", index=models.Index("state", "due_on", RANK, "number", name="clues_by_due_day")
        ),
        migrations.AddIndex(
            model_name="clue", index=models.Index("state", "area", RANK, "number", name="clues_by_area")
        ),
    ]

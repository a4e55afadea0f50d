"""What is owed is asked for on every day's page and in every day's reminders."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assistance", "0007_taken_over"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="measure",
            index=models.Index(
                condition=models.Q(("already", False), ("state__in", ["planned", "measure_running"])),
                fields=["owner", "due_on"],
                name="measures_owed",
            ),
        ),
    ]

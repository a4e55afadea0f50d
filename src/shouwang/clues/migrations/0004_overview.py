"""Since when each clue has been where it is, and the indexes from which the overview counts."""

from django.conf import settings
from django.db import migrations, models


def since_when_it_is_here(apps, schema_editor):
    """The day of the last step that brought a clue to its stage."""
    clue, step = apps.get_model("clues", "Clue"), apps.get_model("clues", "ClueStep")
    came = step.objects.filter(clue=models.OuterRef("pk"), stage_to=models.OuterRef("stage"))
    came = came.exclude(stage_from=models.F("stage_to")).order_by("-number")
    clue.objects.filter(version__gt=0).update(arrived_on=models.Subquery(came.values("on")[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0001_initial"),
        ("clues", "0003_saved_views"),
        ("households", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(model_name="clue", name="clues_clue_state_2a9936_idx"),
        migrations.AddField(
            model_name="clue",
            name="arrived_on",
            field=models.DateField(null=True, verbose_name="到达本环节日期"),
        ),
        migrations.RunPython(since_when_it_is_here, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="clue",
            index=models.Index(
                fields=["state", "area", "level", "risk_type", "stage", "opened_on", "arrived_on", "due_on"],
                name="clue_overview",
            ),
        ),
        migrations.AddIndex(
            model_name="cluestep",
            index=models.Index(fields=["action", "clue", "stage_from"], name="steps_by_action"),
        ),
    ]

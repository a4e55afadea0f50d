from django.db import migrations, models
from django.db.migrations.state import StateApps
from django.utils.timezone import now


def nobody_is_told_of_the_past(apps: StateApps, editor: object) -> None:
    """What was answered before there were messages is no news."""
    apps.get_model("declarations", "Declaration").objects.update(told_at=now())


class Migration(migrations.Migration):
    dependencies = [("declarations", "0002_objections")]

    operations = [
        migrations.AddField(
            model_name="declaration",
            name="told",
            field=models.CharField(db_default="", default="", max_length=60, verbose_name="已短信告知"),
        ),
        migrations.AddField(model_name="declaration", name="told_at", field=models.DateTimeField(null=True)),
        migrations.RunPython(nobody_is_told_of_the_past, migrations.RunPython.noop),
    ]

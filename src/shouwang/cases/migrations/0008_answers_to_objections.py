from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def copy_answers(apps: Any, editor: Any) -> None:
    """What was taken up or set aside before keeps its answer."""
    answer = apps.get_model("cases", "ObjectionAnswer")
    taken = apps.get_model("cases", "Objection").objects.filter(online__isnull=False).values_list("online", flat=True)
    answer.objects.bulk_create(answer(online_id=online, taken_up=True) for online in taken)
    aside = apps.get_model("cases", "SetAside").objects.values_list("online", "reason")
    answer.objects.bulk_create(answer(online_id=online, taken_up=False, reason=said) for online, said in aside)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0007_one_deliberation"),
    ]

    operations = [
        migrations.CreateModel(
            name="ObjectionAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("taken_up", models.BooleanField(verbose_name="受理")),
                ("reason", models.TextField(blank=True, verbose_name="不予受理的理由")),
                (
                    "online",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answer", to="cases.onlineobjection"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("taken_up", True), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="objection_set_aside_has_reason",
                    )
                ],
            },
        ),
        migrations.RunPython(copy_answers, migrations.RunPython.noop),
    ]

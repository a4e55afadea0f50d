from django.db import migrations, models

from shouwang.audit import triggers


def set_up_triggers(apps, schema_editor):
    """A later migration that rebuilds a table on SQLite loses its triggers and has to set them up again."""
    for statement in triggers.statements(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("sequence", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="序号")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("actor", models.CharField(blank=True, max_length=150, verbose_name="操作人")),
                ("actor_id", models.BigIntegerField(null=True)),
                ("post", models.CharField(blank=True, max_length=300, verbose_name="岗位")),
                ("action", models.CharField(max_length=40, verbose_name="事项")),
                ("subject_type", models.CharField(blank=True, max_length=30, verbose_name="对象类别")),
                ("subject", models.CharField(blank=True, max_length=200, verbose_name="对象")),
                ("area", models.CharField(blank=True, max_length=12, verbose_name="区域")),
                ("detail", models.TextField(default="{}", verbose_name="详情")),
                (
                    "result",
                    models.CharField(
                        choices=[("done", "完成"), ("refused", "拒绝")], max_length=10, verbose_name="结果"
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=64, verbose_name="来源地址")),
                ("anchored", models.BigIntegerField(default=0)),
                ("previous", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "审计记录",
                "indexes": [
                    models.Index(fields=["actor", "sequence"], name="audit_by_actor"),
                    models.Index(fields=["action", "sequence"], name="audit_by_action"),
                    models.Index(fields=["subject_type", "subject", "sequence"], name="audit_by_subject"),
                    models.Index(fields=["area", "sequence"], name="audit_by_area"),
                    models.Index(fields=["at"], name="audit_by_time"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.BigIntegerField(default=0)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "审计链头",
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="audit_has_one_head")],
            },
        ),
        migrations.RunPython(set_up_triggers, migrations.RunPython.noop),
    ]

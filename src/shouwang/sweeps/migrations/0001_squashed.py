import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("sweeps", "0001_sweeps"), ("sweeps", "0002_taken_over")]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("areas", "0001_initial"),
        ("households", "0001_squashed"),
    ]

    operations = [
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("arrived_on", models.DateField(null=True, verbose_name="到达本环节日期")),
                ("due_on", models.DateField(null=True, verbose_name="办理期限")),
                ("rises_on", models.DateField(db_index=True, null=True)),
                (
                    "raised_to",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "市"), (2, "区县"), (3, "乡镇（街道）"), (4, "村（社区）")],
                        null=True,
                        verbose_name="已上报到",
                    ),
                ),
                ("version", models.PositiveIntegerField(db_default=0)),
                ("number", models.CharField(max_length=64, unique=True, verbose_name="编号")),
                ("title", models.CharField(max_length=100, verbose_name="名称")),
                ("groups", models.JSONField(default=list, verbose_name="重点人群")),
                ("places", models.JSONField(default=list, verbose_name="区域")),
                ("starts_on", models.DateField(verbose_name="开始日期")),
                ("ends_on", models.DateField(verbose_name="截止日期")),
                (
                    "stage",
                    models.CharField(
                        choices=[("planned", "待开始"), ("running", "排查中"), ("closed", "已结束")],
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("batches", models.PositiveSmallIntegerField(default=0)),
                ("closed_on", models.DateField(null=True, verbose_name="结束日期")),
                ("closed_reason", models.TextField(blank=True, verbose_name="未完成的理由")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="areas.area",
                        verbose_name="组织单位",
                    ),
                ),
                (
                    "desk",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss_in_hand",
                        to="areas.area",
                        verbose_name="办理单位",
                    ),
                ),
            ],
            options={
                "ordering": ["-starts_on", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="campaign_days_in_order"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CampaignStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="序号")),
                ("post", models.CharField(blank=True, max_length=300, verbose_name="岗位")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("on", models.DateField(verbose_name="日期")),
                ("due_on", models.DateField(null=True, verbose_name="办理期限")),
                ("reason", models.TextField(blank=True, verbose_name="理由")),
                ("key", models.CharField(blank=True, max_length=64)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("plan", "制定排查"),
                            ("start", "开始排查"),
                            ("add", "补充农户"),
                            ("close", "结束排查"),
                            ("rise", "逾期上报"),
                            ("take_over", "划转"),
                        ],
                        max_length=10,
                        verbose_name="事项",
                    ),
                ),
                (
                    "stage_from",
                    models.CharField(
                        choices=[("planned", "待开始"), ("running", "排查中"), ("closed", "已结束")],
                        max_length=10,
                        verbose_name="原环节",
                    ),
                ),
                (
                    "stage_to",
                    models.CharField(
                        choices=[("planned", "待开始"), ("running", "排查中"), ("closed", "已结束")],
                        max_length=10,
                        verbose_name="现环节",
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(app_label)s_steps",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="办理人",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="sweeps.campaign",
                        verbose_name="排查",
                    ),
                ),
                (
                    "desk_from",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.area",
                        verbose_name="原办理单位",
                    ),
                ),
                (
                    "desk_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.area",
                        verbose_name="现办理单位",
                    ),
                ),
            ],
            options={
                "ordering": ["campaign", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "number"), name="campaign_steps_in_order"),
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("campaign", "key"),
                        name="a_campaign_form_is_one_step",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SweepTask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reasons", models.CharField(db_default="", max_length=400, verbose_name="为什么在内")),
                ("batch", models.PositiveSmallIntegerField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("well", "没有发现困难"), ("trouble", "发现困难")],
                        db_default="",
                        max_length=8,
                        verbose_name="结果",
                    ),
                ),
                ("done_on", models.DateField(null=True, verbose_name="排查日期")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.area",
                        verbose_name="所在村",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="sweeps.campaign",
                        verbose_name="排查",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sweep_tasks",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
            ],
            options={
                "ordering": ["area_id", "household_id"],
                "indexes": [models.Index(fields=["campaign", "area", "outcome"], name="sweep_progress")],
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "household"), name="a_household_once_a_campaign")
                ],
            },
        ),
        migrations.CreateModel(
            name="SweepRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(verbose_name="序号")),
                ("post", models.CharField(blank=True, max_length=300, verbose_name="岗位")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                ("visited_on", models.DateField(verbose_name="排查日期")),
                ("answers", models.JSONField(default=dict, verbose_name="逐项情况")),
                ("said", models.TextField(blank=True, verbose_name="其他情况")),
                ("key", models.CharField(blank=True, max_length=64)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="排查人",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="sweeps.sweeptask",
                        verbose_name="排查任务",
                    ),
                ),
            ],
            options={
                "ordering": ["task", "-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("task", "number"), name="sweep_records_in_order"),
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("task", "key"),
                        name="a_form_is_one_record",
                    ),
                ],
            },
        ),
    ]

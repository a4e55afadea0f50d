import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("registration", "0001_requests"),
        ("registration", "0002_recorded_facts"),
        ("registration", "0003_rows_of_sheets"),
        ("registration", "0004_taken_over"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("areas", "0001_initial"),
        ("exchange", "0001_initial"),
        ("households", "0001_squashed"),
    ]

    operations = [
        migrations.CreateModel(
            name="AmendmentSheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="编号")),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="编制时间")),
                ("rows", models.PositiveIntegerField(verbose_name="行数")),
                ("sealed", models.BinaryField(default=b"")),
                ("key", models.CharField(blank=True, max_length=64)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.area",
                        verbose_name="区县",
                    ),
                ),
                (
                    "departures",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="exchange.upload",
                        verbose_name="人口变动",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="编制人",
                    ),
                ),
                (
                    "register",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="exchange.upload",
                        verbose_name="农户名册",
                    ),
                ),
            ],
            options={
                "verbose_name": "名册修订单",
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("area", "number"), name="amendment_sheets_in_order"),
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("area", "key"),
                        name="a_form_is_one_sheet",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecordedFact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.CharField(max_length=40, verbose_name="内容")),
                ("value", models.CharField(blank=True, max_length=200, verbose_name="登记的内容")),
                ("sealed", models.BinaryField(default=b"")),
                ("source", models.CharField(max_length=1000, verbose_name="依据")),
                ("on", models.DateField(verbose_name="登记日期")),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("key", models.CharField(blank=True, max_length=64)),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facts",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
            ],
            options={
                "verbose_name": "村里登记的情况",
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["field", "household"], name="facts_by_field")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("household", "field", "key"),
                        name="a_form_records_a_field_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisterRequest",
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
                ("number", models.CharField(max_length=72, unique=True, verbose_name="编号")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("split", "分户"),
                            ("merge", "并户"),
                            ("join", "新增成员"),
                            ("death", "死亡"),
                            ("move_out", "迁出本市"),
                            ("move", "整户迁移"),
                            ("correction", "更正登记"),
                        ],
                        max_length=12,
                        verbose_name="事项",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("register_township", "待乡镇审核"),
                            ("register_receiving", "待迁入乡镇审核"),
                            ("register_returned", "退回村里补正"),
                            ("register_agreed", "待编入名册"),
                            ("handed_over", "已编入名册修订单"),
                            ("refused", "不同意"),
                            ("withdrawn", "已撤回"),
                        ],
                        max_length=20,
                        verbose_name="办理环节",
                    ),
                ),
                ("proposed_on", models.DateField(verbose_name="提出日期")),
                ("happened_on", models.DateField(verbose_name="发生日期")),
                ("reason", models.TextField(verbose_name="理由")),
                ("lines", models.JSONField(default=list)),
                ("new_no", models.CharField(blank=True, max_length=64, verbose_name="新户编号")),
                ("sealed", models.BinaryField(default=b"")),
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
                    "desk",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss_in_hand",
                        to="areas.area",
                        verbose_name="办理单位",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
                (
                    "into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="households.household",
                        verbose_name="并入的户",
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="registration.amendmentsheet",
                        verbose_name="修订单",
                    ),
                ),
                (
                    "to_area",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.area",
                        verbose_name="迁入的村",
                    ),
                ),
            ],
            options={
                "verbose_name": "名册变更",
                "ordering": ["-proposed_on", "number"],
                "indexes": [
                    models.Index(fields=["stage", "desk", "due_on"], name="requests_in_hand"),
                    models.Index(fields=["area", "stage"], name="requests_by_area"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sheet__isnull", False), ("stage", "handed_over")),
                            models.Q(models.Q(("stage", "handed_over"), _negated=True), ("sheet__isnull", True)),
                            _connector="OR",
                        ),
                        name="handed_over_by_a_sheet",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisterRequestStep",
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
                            ("propose", "提出"),
                            ("agree", "审核同意"),
                            ("receive", "同意迁入"),
                            ("refuse", "不同意"),
                            ("send_back", "退回"),
                            ("resubmit", "补正后再报"),
                            ("withdraw", "撤回"),
                            ("hand_over", "编入名册修订单"),
                            ("urge", "催办"),
                            ("rise", "逾期上报"),
                            ("take_over", "划转"),
                        ],
                        max_length=12,
                        verbose_name="事项",
                    ),
                ),
                (
                    "stage_from",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("register_township", "待乡镇审核"),
                            ("register_receiving", "待迁入乡镇审核"),
                            ("register_returned", "退回村里补正"),
                            ("register_agreed", "待编入名册"),
                            ("handed_over", "已编入名册修订单"),
                            ("refused", "不同意"),
                            ("withdrawn", "已撤回"),
                        ],
                        max_length=20,
                        verbose_name="原环节",
                    ),
                ),
                (
                    "stage_to",
                    models.CharField(
                        choices=[
                            ("register_township", "待乡镇审核"),
                            ("register_receiving", "待迁入乡镇审核"),
                            ("register_returned", "退回村里补正"),
                            ("register_agreed", "待编入名册"),
                            ("handed_over", "已编入名册修订单"),
                            ("refused", "不同意"),
                            ("withdrawn", "已撤回"),
                        ],
                        max_length=20,
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
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="registration.registerrequest",
                        verbose_name="名册变更",
                    ),
                ),
            ],
            options={
                "ordering": ["request", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("request", "number"), name="request_steps_in_order"),
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("request", "key"),
                        name="a_form_is_one_request_step",
                    ),
                ],
            },
        ),
    ]

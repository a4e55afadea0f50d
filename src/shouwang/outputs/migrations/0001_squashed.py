import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("outputs", "0001_exports"),
        ("outputs", "0002_subject"),
    ]

    initial = True

    dependencies = [
        ("areas", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "content",
                    models.CharField(
                        choices=[
                            ("household_form", "监测对象和家庭成员信息表"),
                            ("case_register", "监测对象台账"),
                            ("clue_register", "线索台账"),
                            ("clue_list", "线索清单"),
                            ("rows_to_mend", "待改正的行"),
                            ("amendment_sheet", "名册修订单"),
                        ],
                        max_length=20,
                        verbose_name="内容",
                    ),
                ),
                ("subject", models.CharField(blank=True, db_default="", max_length=64, verbose_name="编号")),
                ("as_of", models.DateField(verbose_name="截至日期")),
                ("identities", models.BooleanField(default=False, verbose_name="含证件号码")),
                ("purpose", models.CharField(blank=True, max_length=300, verbose_name="用途")),
                ("requested_at", models.DateTimeField(auto_now_add=True, verbose_name="申请时间")),
                ("post", models.CharField(max_length=300, verbose_name="岗位")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "待审批"),
                            ("approved", "正在生成"),
                            ("ready", "可以下载"),
                            ("taken", "已下载"),
                            ("expired", "已过期，文件已删除"),
                            ("declined", "不同意"),
                            ("withdrawn", "已撤回"),
                            ("broken", "没有生成"),
                        ],
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="审批时间")),
                ("opinion", models.CharField(blank=True, max_length=300, verbose_name="审批意见")),
                ("rows", models.PositiveIntegerField(default=0, verbose_name="行数")),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("file", models.CharField(blank=True, max_length=50)),
                ("problem", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                ("ready_until", models.DateTimeField(null=True, verbose_name="有效至")),
                ("taken_at", models.DateTimeField(null=True, verbose_name="下载时间")),
                ("key", models.CharField(blank=True, max_length=64)),
                ("decision_key", models.CharField(blank=True, max_length=64)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.area",
                        verbose_name="区域",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="审批人",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="申请人",
                    ),
                ),
            ],
            options={
                "verbose_name": "导出",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(fields=["state", "ready_until"], name="outputs_exp_state_c669ff_idx"),
                    models.Index(fields=["requested_by", "requested_at"], name="outputs_exp_request_3b73d4_idx"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("requested_by", "key"),
                        name="export_form_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("requested_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="export_decided_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("identities", False),
                            ("state__in", ["requested", "withdrawn"]),
                            ("decided_by__isnull", False),
                            _connector="OR",
                        ),
                        name="export_of_identities_is_decided",
                    ),
                ],
            },
        ),
    ]

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("areas", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Amendment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pack", models.CharField(max_length=50, verbose_name="政策包")),
                ("parameter", models.CharField(max_length=100, verbose_name="参数")),
                ("value", models.CharField(max_length=500, verbose_name="数值")),
                ("valid_from", models.DateField(verbose_name="施行日期")),
                ("document", models.CharField(max_length=200, verbose_name="依据文件")),
                ("document_number", models.CharField(blank=True, max_length=100, verbose_name="文号")),
                ("clause", models.CharField(max_length=200, verbose_name="条款")),
                ("reason", models.CharField(max_length=1000, verbose_name="理由")),
                ("proposed_at", models.DateTimeField(auto_now_add=True, verbose_name="提出时间")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "待审定"),
                            ("accepted", "已同意"),
                            ("rejected", "不同意"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="proposed",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="审定时间")),
                ("opinion", models.CharField(blank=True, max_length=1000, verbose_name="审定意见")),
                ("number", models.PositiveIntegerField(null=True, verbose_name="审定序号")),
                ("key", models.CharField(blank=True, max_length=64)),
                ("decision_key", models.CharField(blank=True, max_length=64)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="areas.area", verbose_name="提出单位"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="审定人",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提出人",
                    ),
                ),
            ],
            options={
                "verbose_name": "参数调整",
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["pack", "parameter", "state"], name="amendments__pack_1cc05d_idx")],
                "constraints": [
                    models.UniqueConstraint(fields=("number",), name="amendment_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("proposed_by", "key"),
                        name="amendment_form_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["accepted", "rejected"]), _negated=True),
                            models.Q(
                                ("decided_by__isnull", False),
                                models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="amendment_decided_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("number__isnull", False), ("state", "accepted")),
                            models.Q(models.Q(("state", "accepted"), _negated=True), ("number__isnull", True)),
                            _connector="OR",
                        ),
                        name="amendment_accepted_has_number",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WhatIf",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="发起时间")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "排队中"),
                            ("running", "推演中"),
                            ("done", "已完成"),
                            ("failed", "未完成"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("progress", models.PositiveSmallIntegerField(default=0, verbose_name="进度")),
                ("message", models.TextField(blank=True, verbose_name="说明")),
                ("as_of", models.DateField(verbose_name="截至日期")),
                ("pack_version", models.CharField(blank=True, max_length=100, verbose_name="政策包版本")),
                ("decided", models.PositiveIntegerField(default=0)),
                ("result", models.JSONField(default=dict, verbose_name="结果")),
                (
                    "amendment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="whatifs", to="amendments.amendment"
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发起人",
                    ),
                ),
            ],
            options={
                "verbose_name": "政策推演",
                "ordering": ["-pk"],
            },
        ),
    ]

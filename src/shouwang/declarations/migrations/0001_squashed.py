import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("declarations", "0001_declarations"),
        ("declarations", "0002_objections"),
        ("declarations", "0003_told"),
        ("declarations", "0004_taken_over"),
        ("declarations", "0005_heard"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("areas", "0001_initial"),
        ("households", "0001_squashed"),
    ]

    operations = [
        migrations.CreateModel(
            name="Allowance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("code_to_phone", "发到一个手机号的验证码"),
                            ("code_from_address", "一个网络地址要求的验证码"),
                            ("unverified_from_address", "一个网络地址未验证的申报"),
                            ("unverified_in_village", "一个村未验证的申报"),
                            ("objection_from_address", "一个网络地址的网上异议"),
                            ("objection_in_village", "一个村的网上异议"),
                            ("looked_up", "查询时没有对上的次数"),
                        ],
                        max_length=24,
                    ),
                ),
                ("who", models.BigIntegerField()),
                ("since", models.DateTimeField(db_index=True)),
                ("used", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("what", "who", "since"), name="one_allowance_a_while")],
            },
        ),
        migrations.CreateModel(
            name="Declaration",
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
                ("number", models.CharField(max_length=16, unique=True, verbose_name="回执编号")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("unverified", "待验证手机号"),
                            ("township", "待乡镇受理"),
                            ("village", "待村里核对"),
                            ("closing", "待第二人同意不予受理"),
                            ("linked", "已转为线索"),
                            ("closed", "不予受理"),
                            ("appealed", "待处理申诉"),
                        ],
                        max_length=12,
                        verbose_name="办理环节",
                    ),
                ),
                (
                    "behalf",
                    models.CharField(
                        choices=[("myself", "我自己家"), ("parent", "我的父母或亲属"), ("neighbour", "邻居或同村人")],
                        max_length=10,
                        verbose_name="为谁申报",
                    ),
                ),
                ("anonymous", models.BooleanField(default=False, verbose_name="匿名")),
                ("reporter", models.CharField(blank=True, max_length=50, verbose_name="申报人")),
                ("about", models.CharField(max_length=50, verbose_name="有困难的人")),
                ("place", models.CharField(blank=True, max_length=100, verbose_name="住在哪里")),
                ("risks", models.JSONField(default=list, verbose_name="遇到的困难")),
                ("said", models.TextField(verbose_name="情况")),
                ("sealed", models.BinaryField()),
                ("phone_key", models.BigIntegerField(db_index=True, null=True)),
                ("received_at", models.DateTimeField(verbose_name="收到时间")),
                ("verified_at", models.DateTimeField(null=True, verbose_name="验证时间")),
                ("insider", models.BooleanField(default=False, verbose_name="申报人是这一户的人")),
                ("closed_reason", models.TextField(blank=True, verbose_name="不予受理的理由")),
                ("key", models.CharField(max_length=64, unique=True)),
                ("told", models.CharField(db_default="", default="", max_length=60, verbose_name="已短信告知")),
                ("told_at", models.DateTimeField(null=True)),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("online", "手机扫码"),
                            ("in_person", "当面口头"),
                            ("paper", "书面申请"),
                            ("call", "打电话"),
                            ("hotline", "12317 热线"),
                        ],
                        db_default="online",
                        default="online",
                        max_length=10,
                        verbose_name="申报方式",
                    ),
                ),
                ("heard_on", models.DateField(null=True, verbose_name="申报日期")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="declarations",
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="declarations",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="受理登记人",
                    ),
                ),
            ],
            options={
                "ordering": ["-received_at", "-pk"],
                "indexes": [
                    models.Index(fields=["stage", "desk", "due_on"], name="declaration_in_hand"),
                    models.Index(fields=["area", "stage"], name="declaration_by_area"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stage", "linked"), _negated=True), ("household__isnull", False), _connector="OR"
                        ),
                        name="linked_declaration_has_household",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stage", "closed"), _negated=True),
                            models.Q(("closed_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="closed_declaration_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("taken_by__isnull", True), ("way", "online")),
                            models.Q(
                                models.Q(("way", "online"), _negated=True),
                                ("heard_on__isnull", False),
                                ("taken_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="told_declaration_names_who_took_it",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeclarationPhoto",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=32, unique=True)),
                ("width", models.PositiveIntegerField(verbose_name="宽")),
                ("height", models.PositiveIntegerField(verbose_name="高")),
                ("size", models.PositiveIntegerField(verbose_name="大小")),
                (
                    "declaration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="photos",
                        to="declarations.declaration",
                        verbose_name="申报",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="DeclarationStep",
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
                            ("receive", "收到申报"),
                            ("verify", "验证手机号"),
                            ("arrive", "转到乡镇"),
                            ("pass_down", "交村里核对"),
                            ("give_back", "退回乡镇"),
                            ("reassign", "改派"),
                            ("link", "关联农户"),
                            ("propose", "建议不予受理"),
                            ("agree", "同意不予受理"),
                            ("keep", "不同意，继续办理"),
                            ("appeal", "提出申诉"),
                            ("reopen", "申诉成立，重新办理"),
                            ("uphold", "维持原来的答复"),
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
                        choices=[
                            ("unverified", "待验证手机号"),
                            ("township", "待乡镇受理"),
                            ("village", "待村里核对"),
                            ("closing", "待第二人同意不予受理"),
                            ("linked", "已转为线索"),
                            ("closed", "不予受理"),
                            ("appealed", "待处理申诉"),
                        ],
                        max_length=12,
                        verbose_name="原环节",
                    ),
                ),
                (
                    "stage_to",
                    models.CharField(
                        choices=[
                            ("unverified", "待验证手机号"),
                            ("township", "待乡镇受理"),
                            ("village", "待村里核对"),
                            ("closing", "待第二人同意不予受理"),
                            ("linked", "已转为线索"),
                            ("closed", "不予受理"),
                            ("appealed", "待处理申诉"),
                        ],
                        max_length=12,
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
                    "declaration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="declarations.declaration",
                        verbose_name="申报",
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
                "ordering": ["declaration", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("declaration", "number"), name="declaration_steps_in_order"),
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("declaration", "key"),
                        name="a_declaration_form_is_one_step",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(verbose_name="申诉理由")),
                ("about", models.TextField(verbose_name="原来的答复")),
                (
                    "declaration",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeal",
                        to="declarations.declaration",
                        verbose_name="申报",
                    ),
                ),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeal",
                        to="declarations.declarationstep",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OneTimeCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("expires_at", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("sent", models.PositiveSmallIntegerField(default=1)),
                (
                    "declaration",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="code", to="declarations.declaration"
                    ),
                ),
            ],
        ),
    ]

from decimal import Decimal

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("cases", "0001_cases"),
        ("cases", "0002_records"),
        ("cases", "0003_elimination"),
        ("cases", "0004_notices_of_eliminations"),
        ("cases", "0005_procedure"),
        ("cases", "0006_sealed_contacts"),
        ("cases", "0007_one_deliberation"),
        ("cases", "0008_answers_to_objections"),
        ("cases", "0009_one_answer"),
        ("cases", "0010_withdrawal"),
        ("cases", "0011_taken_over"),
        ("cases", "0012_review_share"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("areas", "0001_initial"),
        ("clues", "0001_squashed"),
        ("households", "0001_squashed"),
    ]

    operations = [
        migrations.CreateModel(
            name="BoardContact",
            fields=[
                (
                    "area",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="board_contact",
                        serialize=False,
                        to="areas.area",
                    ),
                ),
                ("phone", models.CharField(max_length=30, verbose_name="反映电话")),
                ("place", models.CharField(blank=True, max_length=100, verbose_name="反映地点")),
            ],
        ),
        migrations.CreateModel(
            name="Case",
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
                    "stage",
                    models.CharField(
                        choices=[
                            ("collection", "待采集信息"),
                            ("deliberation", "待民主评议"),
                            ("publicity", "村内公示"),
                            ("township_audit", "待乡镇审核"),
                            ("county_approval", "待区县审定"),
                            ("announcement", "待公告"),
                            ("included", "已纳入监测"),
                            ("eliminated", "风险已消除"),
                            ("refusal_notice", "待告知农户"),
                            ("refused", "未纳入"),
                        ],
                        max_length=16,
                        verbose_name="办理环节",
                    ),
                ),
                ("opened_on", models.DateField(verbose_name="立案日期")),
                (
                    "monitor_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unstable", "脱贫不稳定户"),
                            ("marginal", "边缘易致贫户"),
                            ("sudden", "突发严重困难户"),
                        ],
                        max_length=10,
                        verbose_name="监测对象类型",
                    ),
                ),
                ("risks", models.JSONField(default=list, verbose_name="致贫返贫风险")),
                ("help_first", models.TextField(blank=True, verbose_name="先行帮扶的理由")),
                ("complete_by", models.DateField(null=True, verbose_name="补齐程序期限")),
                ("included_on", models.DateField(null=True, verbose_name="识别时间")),
                ("refused_on", models.DateField(null=True, verbose_name="不予纳入日期")),
                ("refusal", models.TextField(blank=True, verbose_name="不予纳入的理由")),
                ("eliminated_on", models.DateField(null=True, verbose_name="风险消除时间")),
                (
                    "elimination_mode",
                    models.CharField(
                        blank=True,
                        choices=[("assisted", "帮扶消除"), ("natural", "自然消除")],
                        max_length=10,
                        verbose_name="消除方式",
                    ),
                ),
                ("rolled_back_on", models.DateField(null=True, verbose_name="回退时间")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
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
                        related_name="cases",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
            ],
            options={
                "ordering": ["-opened_on", "number"],
                "indexes": [
                    models.Index(fields=["stage", "desk", "due_on"], name="case_in_hand"),
                    models.Index(fields=["area", "stage"], name="case_by_area"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("stage__in", ["refused", "refusal_notice"]), _negated=True),
                        fields=("household",),
                        name="one_standing_case_a_household",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("stage", "included"), _negated=True),
                            models.Q(("included_on__isnull", False), models.Q(("monitor_type", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="included_case_has_type_and_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("eliminated_on__isnull", False),
                                ("stage", "eliminated"),
                                models.Q(("elimination_mode", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("stage", "eliminated"), _negated=True),
                                ("eliminated_on__isnull", True),
                                ("elimination_mode", ""),
                            ),
                            _connector="OR",
                        ),
                        name="eliminated_case_has_mode_and_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseStep",
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
                            ("open", "立案"),
                            ("attach", "并入线索"),
                            ("compare", "信息比对"),
                            ("collect", "提交采集信息"),
                            ("deliberate", "民主评议"),
                            ("post_up", "张贴公示"),
                            ("object", "公示期异议"),
                            ("set_aside", "网上异议不予受理"),
                            ("report", "公示期满报送"),
                            ("agree", "乡镇审核同意"),
                            ("approve", "区县审定同意"),
                            ("refuse", "不予纳入"),
                            ("notify", "告知农户不予纳入"),
                            ("send_back", "退回"),
                            ("announce", "公告"),
                            ("withdraw", "建议终止识别"),
                            ("recheck", "申请复查"),
                            ("help_first", "先行帮扶"),
                            ("eliminate", "风险消除"),
                            ("roll_back", "回退"),
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
                            ("collection", "待采集信息"),
                            ("deliberation", "待民主评议"),
                            ("publicity", "村内公示"),
                            ("township_audit", "待乡镇审核"),
                            ("county_approval", "待区县审定"),
                            ("announcement", "待公告"),
                            ("included", "已纳入监测"),
                            ("eliminated", "风险已消除"),
                            ("refusal_notice", "待告知农户"),
                            ("refused", "未纳入"),
                        ],
                        max_length=16,
                        verbose_name="原环节",
                    ),
                ),
                (
                    "stage_to",
                    models.CharField(
                        choices=[
                            ("collection", "待采集信息"),
                            ("deliberation", "待民主评议"),
                            ("publicity", "村内公示"),
                            ("township_audit", "待乡镇审核"),
                            ("county_approval", "待区县审定"),
                            ("announcement", "待公告"),
                            ("included", "已纳入监测"),
                            ("eliminated", "风险已消除"),
                            ("refusal_notice", "待告知农户"),
                            ("refused", "未纳入"),
                        ],
                        max_length=16,
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
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="cases.case",
                        verbose_name="案件",
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
                "ordering": ["case", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "number"), name="case_steps_in_order"),
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("case", "key"),
                        name="a_form_is_one_case_step",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseClue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clues",
                        to="cases.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "clue",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="case_clue",
                        to="clues.clue",
                        verbose_name="线索",
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.casestep"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Collection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("consented_on", models.DateField(verbose_name="承诺授权书签署日期")),
                ("consented_by", models.CharField(max_length=100, verbose_name="签署人")),
                ("period_start", models.DateField(verbose_name="统计期起")),
                ("period_end", models.DateField(verbose_name="统计期止")),
                ("members", models.PositiveIntegerField(verbose_name="共同生活人数")),
                ("income", models.JSONField(default=dict, verbose_name="收入测算")),
                ("net", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="家庭纯收入")),
                ("per_capita", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="人均纯收入")),
                (
                    "reference_per_capita",
                    models.DecimalField(decimal_places=2, max_digits=14, verbose_name="监测参考人均纯收入"),
                ),
                ("line", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="当时的监测线")),
                (
                    "monitor_type",
                    models.CharField(
                        choices=[
                            ("unstable", "脱贫不稳定户"),
                            ("marginal", "边缘易致贫户"),
                            ("sudden", "突发严重困难户"),
                        ],
                        max_length=10,
                        verbose_name="建议类型",
                    ),
                ),
                ("risks", models.JSONField(default=list, verbose_name="风险")),
                ("reason", models.TextField(verbose_name="认定理由")),
                ("answers", models.JSONField(default=list, verbose_name="逐项说明")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="collections",
                        to="cases.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="collection", to="cases.casestep"
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Comparison",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rows", models.JSONField(default=list, verbose_name="部门数据")),
                ("assets", models.JSONField(default=list, verbose_name="资产登记")),
                ("low_income", models.TextField(blank=True, verbose_name="已作为低保对象比对")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comparisons",
                        to="cases.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="comparison", to="cases.casestep"
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Deliberation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("held_on", models.DateField(verbose_name="评议日期")),
                ("chair", models.CharField(max_length=100, verbose_name="主持人")),
                ("present", models.PositiveIntegerField(verbose_name="到会人数")),
                ("votes_for", models.PositiveIntegerField(verbose_name="同意票")),
                ("votes_against", models.PositiveIntegerField(verbose_name="不同意票")),
                ("minutes", models.TextField(verbose_name="评议记录")),
                (
                    "share",
                    models.DecimalField(
                        decimal_places=3, default=Decimal("0.5"), max_digits=4, verbose_name="同意票须超过的比例"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliberations",
                        to="cases.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deliberation", to="cases.casestep"
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "present__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("votes_for"), "+", models.F("votes_against")
                                ),
                            )
                        ),
                        name="cases_no_more_votes_than_present",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("publicity", "公示"),
                            ("announcement", "公告"),
                            ("elimination_publicity", "风险消除公示"),
                            ("elimination_announcement", "风险消除公告"),
                        ],
                        max_length=24,
                        verbose_name="类别",
                    ),
                ),
                ("text", models.TextField(verbose_name="内容")),
                ("posted_on", models.DateField(verbose_name="张贴日期")),
                ("stands_until", models.DateField(verbose_name="公示至")),
                ("place", models.CharField(max_length=200, verbose_name="张贴地点")),
                ("taken_down_on", models.DateField(null=True, verbose_name="撤下日期")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="cases.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "step",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notice",
                        to="cases.casestep",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["kind", "stands_until"], name="notices_that_stand")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ["publicity", "announcement"]), ("step__isnull", False)),
                            models.Q(
                                ("kind__in", ["elimination_publicity", "elimination_announcement"]),
                                ("step__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="notice_belongs_to_its_procedure",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("raised_by", models.CharField(blank=True, max_length=100, verbose_name="反映人")),
                ("text", models.TextField(verbose_name="异议")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="cases.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="objection", to="cases.casestep"
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="受理人",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="OnlineObjection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(verbose_name="异议")),
                ("sealed", models.BinaryField(default=bytes, verbose_name="联系方式")),
                ("received_on", models.DateField(verbose_name="收到日期")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                ("key", models.CharField(max_length=64, unique=True)),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="online_objections",
                        to="cases.notice",
                        verbose_name="公示",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
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
        migrations.CreateModel(
            name="Proof",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("taken_on", models.DateField(verbose_name="拍摄日期")),
                ("place", models.CharField(max_length=200, verbose_name="拍摄地点")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                ("key", models.CharField(blank=True, max_length=64)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="上传人",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proofs",
                        to="cases.notice",
                        verbose_name="公示",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("notice", "key"),
                        name="a_form_is_one_proof",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CasePhoto",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=32, unique=True)),
                ("width", models.PositiveIntegerField(verbose_name="宽")),
                ("height", models.PositiveIntegerField(verbose_name="高")),
                ("size", models.PositiveIntegerField(verbose_name="大小")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="photos",
                        to="cases.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="photos",
                        to="cases.collection",
                    ),
                ),
                (
                    "proof",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="photos", to="cases.proof"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("collection__isnull", True), ("proof__isnull", True), _connector="OR"),
                        name="photo_of_one_thing",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RefusalTold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("told_on", models.DateField(verbose_name="告知日期")),
                ("told_to", models.CharField(max_length=100, verbose_name="被告知人")),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("in_person", "当面告知"),
                            ("in_writing", "书面送达"),
                            ("by_phone", "电话告知"),
                            ("posted", "张贴公告送达"),
                        ],
                        max_length=12,
                        verbose_name="告知方式",
                    ),
                ),
                ("refusal", models.TextField(verbose_name="不予纳入的理由")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refusals_told",
                        to="cases.case",
                        verbose_name="案件",
                    ),
                ),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refusal_told", to="cases.casestep"
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
    ]

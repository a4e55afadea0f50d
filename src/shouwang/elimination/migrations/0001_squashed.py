from decimal import Decimal

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("elimination", "0001_elimination"),
        ("elimination", "0002_records"),
        ("elimination", "0003_condition_checks"),
        ("elimination", "0004_objections_and_photos"),
        ("elimination", "0005_withdrawal"),
        ("elimination", "0006_taken_over"),
        ("elimination", "0007_review_share"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("areas", "0001_initial"),
        ("cases", "0001_squashed"),
    ]

    operations = [
        migrations.CreateModel(
            name="Elimination",
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
                            ("inspection", "待入户核查"),
                            ("deliberation", "待民主评议"),
                            ("publicity", "村内公示"),
                            ("township_audit", "待乡镇审核"),
                            ("county_approval", "待区县审定"),
                            ("announcement", "待公告"),
                            ("watch", "已消除，跟踪监测"),
                            ("eliminated", "已消除"),
                            ("relapse_audit", "回退待乡镇审核"),
                            ("relapse_approval", "回退待区县审定"),
                            ("rolled_back", "已回退"),
                            ("refused", "不予消除"),
                        ],
                        max_length=16,
                        verbose_name="办理环节",
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("assisted", "帮扶消除"), ("natural", "自然消除")],
                        max_length=10,
                        verbose_name="消除方式",
                    ),
                ),
                (
                    "ground",
                    models.CharField(
                        blank=True,
                        choices=[("death", "整户死亡"), ("moved_away", "整户迁出"), ("merged", "并入他户")],
                        max_length=12,
                        verbose_name="自然消除的原因",
                    ),
                ),
                ("proposed_on", models.DateField(verbose_name="提出日期")),
                ("eliminated_on", models.DateField(null=True, verbose_name="风险消除时间")),
                ("watched_until", models.DateField(null=True, verbose_name="跟踪监测至")),
                ("rolled_back_on", models.DateField(null=True, verbose_name="回退时间")),
                ("refused_on", models.DateField(null=True, verbose_name="不予消除日期")),
                ("refusal", models.TextField(blank=True, verbose_name="不予消除的理由")),
                ("case_version", models.PositiveIntegerField(default=0)),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="eliminations",
                        to="areas.area",
                        verbose_name="所在村",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="eliminations",
                        to="cases.case",
                        verbose_name="案件",
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
                "ordering": ["-proposed_on", "number"],
                "indexes": [
                    models.Index(fields=["stage", "desk", "due_on"], name="elimination_in_hand"),
                    models.Index(fields=["area", "stage"], name="elimination_by_area"),
                    models.Index(fields=["eliminated_on", "area"], name="eliminations_by_day"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("stage__in", ["refused", "rolled_back"]), _negated=True),
                        fields=("case",),
                        name="one_standing_elimination_a_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("mode", "natural"), models.Q(("ground", ""), _negated=True)),
                            models.Q(("ground", ""), ("mode", "assisted")),
                            _connector="OR",
                        ),
                        name="natural_elimination_has_ground",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "stage__in",
                                    ["watch", "eliminated", "relapse_audit", "relapse_approval", "rolled_back"],
                                ),
                                _negated=True,
                            ),
                            ("eliminated_on__isnull", False),
                            _connector="OR",
                        ),
                        name="eliminated_has_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("rolled_back_on__isnull", False), ("stage", "rolled_back")),
                            models.Q(
                                models.Q(("stage", "rolled_back"), _negated=True), ("rolled_back_on__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="rolled_back_has_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EliminationStep",
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
                            ("propose", "提出消除"),
                            ("deliberate", "民主评议"),
                            ("post_up", "张贴公示"),
                            ("object", "公示期异议"),
                            ("set_aside", "网上异议不予受理"),
                            ("report", "公示期满报送"),
                            ("agree", "乡镇审核同意"),
                            ("approve", "区县审定同意"),
                            ("refuse", "不予消除"),
                            ("send_back", "退回"),
                            ("announce", "公告"),
                            ("withdraw", "撤回提出"),
                            ("follow_up", "跟踪走访"),
                            ("relapse", "提出回退"),
                            ("confirm", "同意回退"),
                            ("deny", "不予回退"),
                            ("roll_back", "审定回退"),
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
                            ("inspection", "待入户核查"),
                            ("deliberation", "待民主评议"),
                            ("publicity", "村内公示"),
                            ("township_audit", "待乡镇审核"),
                            ("county_approval", "待区县审定"),
                            ("announcement", "待公告"),
                            ("watch", "已消除，跟踪监测"),
                            ("eliminated", "已消除"),
                            ("relapse_audit", "回退待乡镇审核"),
                            ("relapse_approval", "回退待区县审定"),
                            ("rolled_back", "已回退"),
                            ("refused", "不予消除"),
                        ],
                        max_length=16,
                        verbose_name="原环节",
                    ),
                ),
                (
                    "stage_to",
                    models.CharField(
                        choices=[
                            ("inspection", "待入户核查"),
                            ("deliberation", "待民主评议"),
                            ("publicity", "村内公示"),
                            ("township_audit", "待乡镇审核"),
                            ("county_approval", "待区县审定"),
                            ("announcement", "待公告"),
                            ("watch", "已消除，跟踪监测"),
                            ("eliminated", "已消除"),
                            ("relapse_audit", "回退待乡镇审核"),
                            ("relapse_approval", "回退待区县审定"),
                            ("rolled_back", "已回退"),
                            ("refused", "不予消除"),
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
                    "elimination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="elimination.elimination",
                        verbose_name="风险消除",
                    ),
                ),
            ],
            options={
                "ordering": ["elimination", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("elimination", "number"), name="elimination_steps_in_order"),
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("elimination", "key"),
                        name="a_form_is_one_elimination_step",
                    ),
                ],
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
                    "elimination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliberations",
                        to="elimination.elimination",
                        verbose_name="风险消除",
                    ),
                ),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliberation",
                        to="elimination.eliminationstep",
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
                        name="elimination_no_more_votes_than_present",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("visited_on", models.DateField(verbose_name="走访日期")),
                ("visitors", models.JSONField(default=list, verbose_name="走访人员")),
                ("findings", models.TextField(verbose_name="走访情况")),
                ("worrying", models.BooleanField(verbose_name="有返贫苗头")),
                (
                    "elimination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to="elimination.elimination",
                        verbose_name="风险消除",
                    ),
                ),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_up",
                        to="elimination.eliminationstep",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("raised_by", models.CharField(blank=True, max_length=100, verbose_name="反映人")),
                ("text", models.TextField(verbose_name="异议")),
                (
                    "elimination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="elimination.elimination",
                        verbose_name="风险消除",
                    ),
                ),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objection",
                        to="elimination.eliminationstep",
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
            name="Posting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "elimination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="postings",
                        to="elimination.elimination",
                        verbose_name="风险消除",
                    ),
                ),
                (
                    "notice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posting",
                        to="cases.notice",
                        verbose_name="公示",
                    ),
                ),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posting",
                        to="elimination.eliminationstep",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("visited_on", models.DateField(verbose_name="走访日期")),
                ("visitors", models.JSONField(default=list, verbose_name="走访人员")),
                ("consented_on", models.DateField(verbose_name="农户确认日期")),
                ("consented_by", models.CharField(max_length=100, verbose_name="签字人")),
                ("members", models.PositiveIntegerField(verbose_name="共同生活人数")),
                ("period_start", models.DateField(null=True, verbose_name="统计期起")),
                ("period_end", models.DateField(null=True, verbose_name="统计期止")),
                ("income", models.JSONField(default=dict, verbose_name="收入测算")),
                ("net", models.DecimalField(decimal_places=2, max_digits=14, null=True, verbose_name="家庭纯收入")),
                (
                    "per_capita",
                    models.DecimalField(decimal_places=2, max_digits=14, null=True, verbose_name="人均纯收入"),
                ),
                (
                    "reference_per_capita",
                    models.DecimalField(decimal_places=2, max_digits=14, null=True, verbose_name="监测参考人均纯收入"),
                ),
                ("line", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="当年监测线")),
                ("dropout", models.BooleanField(null=True, verbose_name="有失学辍学")),
                ("unsafe_house", models.BooleanField(null=True, verbose_name="住房有安全隐患")),
                ("uninsured", models.BooleanField(null=True, verbose_name="有成员未参保")),
                ("unsafe_water", models.BooleanField(null=True, verbose_name="饮水有安全隐患")),
                ("reason", models.TextField(verbose_name="消除理由")),
                ("conditions", models.JSONField(default=list, verbose_name="消除条件")),
                ("answers", models.JSONField(default=dict, verbose_name="逐项说明")),
                (
                    "elimination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="elimination.elimination",
                        verbose_name="风险消除",
                    ),
                ),
                (
                    "photos",
                    models.ManyToManyField(
                        related_name="proposals", to="cases.casephoto", verbose_name="农户签字的照片"
                    ),
                ),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposal",
                        to="elimination.eliminationstep",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Relapse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField(verbose_name="返贫情况")),
                ("risks", models.JSONField(default=list, verbose_name="风险")),
                ("clues", models.JSONField(default=list, verbose_name="线索")),
                (
                    "elimination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="relapses",
                        to="elimination.elimination",
                        verbose_name="风险消除",
                    ),
                ),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="relapse",
                        to="elimination.eliminationstep",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="ConditionCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of", models.DateField(verbose_name="核对日期")),
                (
                    "mode",
                    models.CharField(
                        choices=[("assisted", "帮扶消除"), ("natural", "自然消除")],
                        max_length=10,
                        verbose_name="消除方式",
                    ),
                ),
                ("blocking", models.JSONField(default=list, verbose_name="不符合的条件")),
                ("to_settle", models.JSONField(default=list, verbose_name="待入户核实的条件")),
                ("unfulfilled", models.PositiveSmallIntegerField(verbose_name="不符合的条件数")),
                ("met", models.PositiveSmallIntegerField(verbose_name="符合的条件数")),
                ("no_labour", models.BooleanField(verbose_name="整户无劳动能力兜底保障户")),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="condition_check",
                        to="cases.case",
                        verbose_name="案件",
                    ),
                ),
            ],
            options={
                "ordering": ["unfulfilled", "case"],
                "indexes": [models.Index(fields=["unfulfilled", "no_labour"], name="candidates_first")],
            },
        ),
    ]

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("assistance", "0001_plans"),
        ("assistance", "0002_looking_after"),
        ("assistance", "0003_tasks"),
        ("assistance", "0004_needs"),
        ("assistance", "0005_already"),
        ("assistance", "0006_first_help_due"),
        ("assistance", "0007_taken_over"),
        ("assistance", "0008_measures_owed"),
        ("assistance", "0009_told"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("areas", "0001_initial"),
        ("cases", "0001_squashed"),
        ("households", "0001_squashed"),
    ]

    operations = [
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, verbose_name="名称")),
                ("credit_code", models.CharField(max_length=18, verbose_name="统一社会信用代码")),
                ("contact", models.CharField(max_length=50, verbose_name="联系人")),
                ("registered_on", models.DateField(verbose_name="登记日期")),
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="organisation",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="账号",
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="organisations",
                        to="areas.area",
                        verbose_name="登记区县",
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
            ],
            options={
                "ordering": ["area", "name"],
                "constraints": [
                    models.UniqueConstraint(fields=("area", "credit_code"), name="organisation_once_a_county")
                ],
            },
        ),
        migrations.CreateModel(
            name="Plan",
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
                            ("drafting", "待制定帮扶计划"),
                            ("plan_audit", "帮扶计划待乡镇审核"),
                            ("plan_approval", "帮扶计划待区县审定"),
                            ("plan_running", "正在帮扶"),
                            ("plan_closed", "帮扶结束"),
                        ],
                        max_length=16,
                        verbose_name="办理环节",
                    ),
                ),
                ("opened_on", models.DateField(verbose_name="建立日期")),
                ("first_helped_on", models.DateField(null=True, verbose_name="首次落实帮扶日期")),
                ("help_due_on", models.DateField(db_index=True, null=True, verbose_name="首次帮扶期限")),
                ("visit_due_on", models.DateField(null=True, verbose_name="下次走访期限")),
                ("visit_told_for", models.DateField(null=True)),
                ("closed_on", models.DateField(null=True, verbose_name="结束日期")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="areas.area",
                        verbose_name="所在村",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
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
                "ordering": ["-opened_on", "number"],
                "indexes": [
                    models.Index(fields=["stage", "desk", "due_on"], name="plan_in_hand"),
                    models.Index(fields=["area", "stage", "visit_due_on"], name="plan_visits_due"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("stage", "plan_closed"), _negated=True),
                        fields=("case",),
                        name="one_standing_plan_a_case",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Measure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(verbose_name="序号")),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("industry", "产业帮扶"),
                            ("employment", "就业帮扶"),
                            ("public_post", "公益性岗位"),
                            ("finance", "金融帮扶"),
                            ("health", "健康帮扶"),
                            ("education_aid", "教育帮扶"),
                            ("compulsory_education", "义务教育保障"),
                            ("housing_safety", "住房安全保障"),
                            ("water_safety", "饮水安全保障"),
                            ("comprehensive_security", "综合保障"),
                            ("social_help", "社会帮扶"),
                            ("relocation", "搬迁"),
                            ("living_conditions", "生产生活条件改善"),
                            ("infrastructure", "基础设施建设"),
                        ],
                        max_length=24,
                        verbose_name="类别",
                    ),
                ),
                ("entry", models.CharField(blank=True, max_length=40, verbose_name="措施库条目")),
                ("title", models.CharField(max_length=100, verbose_name="措施")),
                ("risks", models.JSONField(default=list, verbose_name="针对的风险")),
                ("department", models.CharField(blank=True, max_length=50, verbose_name="责任部门")),
                ("in_charge", models.CharField(max_length=50, verbose_name="责任人")),
                (
                    "fund_source",
                    models.CharField(
                        choices=[
                            ("sector_policy", "行业政策"),
                            ("bridging_fund", "衔接资金"),
                            ("social_funds", "社会力量"),
                        ],
                        max_length=16,
                        verbose_name="资金来源",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, null=True, verbose_name="金额")),
                ("for_production", models.BooleanField(default=False, verbose_name="用于发展生产")),
                ("already", models.BooleanField(default=False, verbose_name="原已享受")),
                ("due_on", models.DateField(verbose_name="落实期限")),
                ("until", models.DateField(null=True, verbose_name="计划到期")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "拟定"),
                            ("planned", "待实施"),
                            ("measure_running", "实施中"),
                            ("delivered", "已落实"),
                            ("ended", "已结束"),
                            ("withdrawn", "已撤销"),
                        ],
                        default="proposed",
                        max_length=16,
                        verbose_name="状态",
                    ),
                ),
                ("started_on", models.DateField(null=True, verbose_name="开始日期")),
                ("delivered_on", models.DateField(null=True, verbose_name="落实日期")),
                ("ended_on", models.DateField(null=True, verbose_name="结束日期")),
                ("result", models.TextField(blank=True, verbose_name="成效")),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="measures",
                        to="households.person",
                        verbose_name="受益成员",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="measures_owned",
                        to="areas.area",
                        verbose_name="责任单位",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="measures",
                        to="assistance.plan",
                        verbose_name="帮扶计划",
                    ),
                ),
            ],
            options={
                "ordering": ["plan", "number"],
                "indexes": [
                    models.Index(fields=["plan", "started_on", "ended_on"], name="measures_active"),
                    models.Index(
                        condition=models.Q(("already", False), ("state__in", ["planned", "measure_running"])),
                        fields=["owner", "due_on"],
                        name="measures_owed",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "number"), name="measures_of_a_plan_in_order"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["proposed", "planned", "withdrawn"]),
                            ("started_on__isnull", False),
                            _connector="OR",
                        ),
                        name="measure_under_way_has_begun",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__isnull", True), ("amount__gte", 0), _connector="OR"),
                        name="measure_amount_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DepartmentTask",
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
                ("number", models.CharField(max_length=80, unique=True, verbose_name="编号")),
                ("department", models.CharField(max_length=50, verbose_name="部门")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("task_assigned", "待部门接收"),
                            ("task_in_hand", "部门办理中"),
                            ("task_reported", "待村确认"),
                            ("task_returned", "部门退回，待区县处理"),
                            ("task_done", "已办结"),
                            ("task_withdrawn", "已撤销"),
                        ],
                        max_length=16,
                        verbose_name="办理环节",
                    ),
                ),
                ("assigned_on", models.DateField(verbose_name="交办日期")),
                ("done_on", models.DateField(null=True, verbose_name="落实日期")),
                ("paid", models.DecimalField(decimal_places=2, max_digits=12, null=True, verbose_name="实际金额")),
                ("result", models.TextField(blank=True, verbose_name="办理结果")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="departmenttasks",
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
                    "measure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="assistance.measure",
                        verbose_name="措施",
                    ),
                ),
            ],
            options={
                "ordering": ["-assigned_on", "number"],
                "indexes": [
                    models.Index(fields=["stage", "desk", "department", "due_on"], name="task_in_hand"),
                    models.Index(fields=["area", "stage"], name="task_by_area"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("stage", "task_withdrawn"), _negated=True),
                        fields=("measure",),
                        name="one_standing_task_a_measure",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Need",
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
                ("number", models.CharField(max_length=40, unique=True, verbose_name="编号")),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("industry", "产业帮扶"),
                            ("employment", "就业帮扶"),
                            ("public_post", "公益性岗位"),
                            ("finance", "金融帮扶"),
                            ("health", "健康帮扶"),
                            ("education_aid", "教育帮扶"),
                            ("compulsory_education", "义务教育保障"),
                            ("housing_safety", "住房安全保障"),
                            ("water_safety", "饮水安全保障"),
                            ("comprehensive_security", "综合保障"),
                            ("social_help", "社会帮扶"),
                            ("relocation", "搬迁"),
                            ("living_conditions", "生产生活条件改善"),
                            ("infrastructure", "基础设施建设"),
                        ],
                        max_length=24,
                        verbose_name="类别",
                    ),
                ),
                ("text", models.CharField(max_length=200, verbose_name="需要什么")),
                ("people", models.PositiveSmallIntegerField(verbose_name="受益人数")),
                ("wanted_by", models.DateField(verbose_name="希望时间")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("need_raised", "待区县发布"),
                            ("need_published", "待社会力量认领"),
                            ("need_pledged", "待区县对接"),
                            ("need_matched", "待落实"),
                            ("need_delivered", "待村确认收到"),
                            ("need_confirmed", "已收到"),
                            ("need_withdrawn", "已撤回"),
                        ],
                        max_length=16,
                        verbose_name="办理环节",
                    ),
                ),
                ("raised_on", models.DateField(verbose_name="提出日期")),
                ("pledge", models.TextField(blank=True, verbose_name="认领内容")),
                ("handed_over_on", models.DateField(null=True, verbose_name="送达日期")),
                ("confirmed_on", models.DateField(null=True, verbose_name="确认日期")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="needs",
                        to="areas.area",
                        verbose_name="所在村",
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.area",
                        verbose_name="区县",
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
                    "measure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="needs",
                        to="assistance.measure",
                        verbose_name="措施",
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.area",
                        verbose_name="乡镇",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="needs",
                        to="assistance.organisation",
                        verbose_name="认领单位",
                    ),
                ),
            ],
            options={
                "ordering": ["-raised_on", "number"],
                "indexes": [
                    models.Index(fields=["stage", "desk", "due_on"], name="need_in_hand"),
                    models.Index(fields=["county", "stage"], name="need_board"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("stage__in", ["need_withdrawn"]), _negated=True),
                        fields=("measure",),
                        name="one_standing_need_a_measure",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("stage__in", ["need_pledged", "need_matched", "need_delivered", "need_confirmed"]),
                                _negated=True,
                            ),
                            ("organisation__isnull", False),
                            _connector="OR",
                        ),
                        name="pledged_need_has_organisation",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NeedStep",
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
                            ("raise_need", "提出需求"),
                            ("publish", "发布"),
                            ("pledge", "认领"),
                            ("match", "同意对接"),
                            ("decline", "不同意对接"),
                            ("give_up", "取消认领"),
                            ("hand_over", "报告已送达"),
                            ("confirm_need", "确认收到"),
                            ("dispute", "没有收到"),
                            ("withdraw_need", "撤回需求"),
                            ("urge", "催办"),
                            ("rise", "逾期上报"),
                            ("take_over", "划转"),
                        ],
                        max_length=16,
                        verbose_name="事项",
                    ),
                ),
                (
                    "stage_from",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("need_raised", "待区县发布"),
                            ("need_published", "待社会力量认领"),
                            ("need_pledged", "待区县对接"),
                            ("need_matched", "待落实"),
                            ("need_delivered", "待村确认收到"),
                            ("need_confirmed", "已收到"),
                            ("need_withdrawn", "已撤回"),
                        ],
                        max_length=16,
                        verbose_name="原环节",
                    ),
                ),
                (
                    "stage_to",
                    models.CharField(
                        choices=[
                            ("need_raised", "待区县发布"),
                            ("need_published", "待社会力量认领"),
                            ("need_pledged", "待区县对接"),
                            ("need_matched", "待落实"),
                            ("need_delivered", "待村确认收到"),
                            ("need_confirmed", "已收到"),
                            ("need_withdrawn", "已撤回"),
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
                        related_name="+",
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
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="assistance.need",
                        verbose_name="需求",
                    ),
                ),
            ],
            options={
                "ordering": ["need", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("need", "number"), name="need_steps_in_order"),
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("need", "key"),
                        name="a_form_is_one_need_step",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanStep",
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
                            ("open", "建立帮扶计划"),
                            ("submit_plan", "报送帮扶计划"),
                            ("agree", "乡镇审核同意"),
                            ("approve", "区县审定同意"),
                            ("send_back", "退回修改"),
                            ("revise", "调整帮扶计划"),
                            ("begin_first", "先行落实措施"),
                            ("begin", "开始实施措施"),
                            ("deliver", "措施落实到位"),
                            ("end", "措施结束"),
                            ("follow_up", "帮扶走访"),
                            ("close_plan", "结束帮扶"),
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
                            ("drafting", "待制定帮扶计划"),
                            ("plan_audit", "帮扶计划待乡镇审核"),
                            ("plan_approval", "帮扶计划待区县审定"),
                            ("plan_running", "正在帮扶"),
                            ("plan_closed", "帮扶结束"),
                        ],
                        max_length=16,
                        verbose_name="原环节",
                    ),
                ),
                (
                    "stage_to",
                    models.CharField(
                        choices=[
                            ("drafting", "待制定帮扶计划"),
                            ("plan_audit", "帮扶计划待乡镇审核"),
                            ("plan_approval", "帮扶计划待区县审定"),
                            ("plan_running", "正在帮扶"),
                            ("plan_closed", "帮扶结束"),
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
                    "measure",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="assistance.measure",
                        verbose_name="措施",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="assistance.plan",
                        verbose_name="帮扶计划",
                    ),
                ),
            ],
            options={
                "ordering": ["plan", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "number"), name="plan_steps_in_order"),
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("plan", "key"),
                        name="a_form_is_one_plan_step",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("visited_on", models.DateField(verbose_name="走访日期")),
                ("visitors", models.JSONField(default=list, verbose_name="走访人员")),
                (
                    "situation",
                    models.CharField(
                        choices=[("better", "好转"), ("unchanged", "平稳"), ("worse", "变差")],
                        max_length=10,
                        verbose_name="家庭状况",
                    ),
                ),
                ("findings", models.TextField(verbose_name="走访情况")),
                ("clue_number", models.CharField(blank=True, max_length=72, verbose_name="新的线索")),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to="assistance.plan",
                        verbose_name="帮扶计划",
                    ),
                ),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="follow_up", to="assistance.planstep"
                    ),
                ),
            ],
            options={
                "ordering": ["-visited_on", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="FollowUpPhoto",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=32, unique=True)),
                ("width", models.PositiveIntegerField(verbose_name="宽")),
                ("height", models.PositiveIntegerField(verbose_name="高")),
                ("size", models.PositiveIntegerField(verbose_name="大小")),
                (
                    "follow_up",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="photos",
                        to="assistance.followup",
                        verbose_name="走访",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("labour", models.JSONField(default=list, verbose_name="有劳动能力的成员")),
                ("received", models.JSONField(default=list, verbose_name="已经享受")),
                ("reasons", models.JSONField(default=list, verbose_name="与规定不同之处的理由")),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="submissions",
                        to="assistance.plan",
                        verbose_name="帮扶计划",
                    ),
                ),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="submission", to="assistance.planstep"
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="TaskStep",
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
                            ("assign", "交办"),
                            ("accept_task", "接收"),
                            ("report_task", "报告办理结果"),
                            ("return", "退回"),
                            ("reassign", "改派"),
                            ("withdraw_task", "撤销"),
                            ("confirm_task", "确认落实"),
                            ("dispute", "尚未落实"),
                            ("urge", "催办"),
                            ("rise", "逾期上报"),
                            ("take_over", "划转"),
                        ],
                        max_length=16,
                        verbose_name="事项",
                    ),
                ),
                (
                    "stage_from",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("task_assigned", "待部门接收"),
                            ("task_in_hand", "部门办理中"),
                            ("task_reported", "待村确认"),
                            ("task_returned", "部门退回，待区县处理"),
                            ("task_done", "已办结"),
                            ("task_withdrawn", "已撤销"),
                        ],
                        max_length=16,
                        verbose_name="原环节",
                    ),
                ),
                (
                    "stage_to",
                    models.CharField(
                        choices=[
                            ("task_assigned", "待部门接收"),
                            ("task_in_hand", "部门办理中"),
                            ("task_reported", "待村确认"),
                            ("task_returned", "部门退回，待区县处理"),
                            ("task_done", "已办结"),
                            ("task_withdrawn", "已撤销"),
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
                        related_name="+",
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
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="assistance.departmenttask",
                        verbose_name="任务",
                    ),
                ),
            ],
            options={
                "ordering": ["task", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("task", "number"), name="task_steps_in_order"),
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("task", "key"),
                        name="a_form_is_one_task_step",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("assistance_contact", "帮扶联系人"), ("monitoring_contact", "监测联系人")],
                        max_length=20,
                        verbose_name="类别",
                    ),
                ),
                ("name", models.CharField(max_length=50, verbose_name="姓名")),
                ("unit", models.CharField(max_length=100, verbose_name="单位和职务")),
                ("phone_masked", models.CharField(max_length=20, verbose_name="联系电话")),
                ("sealed", models.BinaryField()),
                ("since", models.DateField(verbose_name="自")),
                ("to", models.DateField(null=True, verbose_name="至")),
                ("key", models.CharField(max_length=64, unique=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="cases.case",
                        verbose_name="案件",
                    ),
                ),
            ],
            options={
                "ordering": ["case", "kind", "-since", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("to__isnull", True)), fields=("case", "kind"), name="one_contact_of_a_kind"
                    )
                ],
            },
        ),
    ]

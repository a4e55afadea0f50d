import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("clues", "0001_initial"),
        ("clues", "0002_handling"),
        ("clues", "0003_saved_views"),
        ("clues", "0004_overview"),
        ("clues", "0005_steps_are_of_matters"),
        ("clues", "0006_sources"),
        ("clues", "0007_screening_is_a_source"),
        ("clues", "0008_overview_indexes"),
        ("clues", "0009_worklist_orders"),
        ("clues", "0010_taken_over"),
        ("clues", "0011_help_first"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("areas", "0001_initial"),
        ("households", "0001_squashed"),
    ]

    operations = [
        migrations.CreateModel(
            name="Clue",
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
                ("number", models.CharField(max_length=72, unique=True, verbose_name="线索编号")),
                (
                    "risk_type",
                    models.CharField(
                        choices=[
                            ("illness", "因病"),
                            ("disability", "因残"),
                            ("schooling", "因学"),
                            ("natural_disaster", "因自然灾害"),
                            ("accident", "因意外事故"),
                            ("industry_failure", "因产业项目失败"),
                            ("unstable_employment", "因务工就业不稳"),
                            ("labour_shortage", "因缺劳动力"),
                            ("unsafe_housing", "因住房安全"),
                            ("unsafe_water", "因饮水安全"),
                            ("other", "其他"),
                        ],
                        max_length=24,
                        verbose_name="风险类型",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[("red", "红色"), ("orange", "橙色"), ("yellow", "黄色")],
                        max_length=8,
                        verbose_name="级别",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "待核实"),
                            ("confirmed", "核实属实"),
                            ("dismissed", "已排除"),
                            ("monitored", "已纳入监测"),
                        ],
                        default="open",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("opened_on", models.DateField(verbose_name="首次发现")),
                ("last_seen_on", models.DateField(verbose_name="最近发现")),
                ("rules", models.JSONField(default=list)),
                ("reasons", models.TextField(verbose_name="原因")),
                ("evidence", models.JSONField(default=dict)),
                ("flags", models.JSONField(default=list)),
                ("owners", models.CharField(blank=True, max_length=300, verbose_name="相关部门")),
                ("dismissed_on", models.DateField(null=True, verbose_name="排除日期")),
                ("dismissed_reason", models.TextField(blank=True, verbose_name="排除理由")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("new", "刚提出"),
                            ("city", "待市级下发"),
                            ("county", "待区县下发"),
                            ("township", "待乡镇下发"),
                            ("village", "待入户核实"),
                            ("township_review", "待乡镇审核"),
                            ("county_review", "待区县复核"),
                            ("merged", "并入同户线索"),
                            ("closed", "已办结"),
                        ],
                        db_default="new",
                        max_length=16,
                        verbose_name="办理环节",
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clues",
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
                    "earlier",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="later",
                        to="clues.clue",
                        verbose_name="此前线索",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clues",
                        to="households.household",
                        verbose_name="户",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="clues.clue",
                        verbose_name="并入",
                    ),
                ),
            ],
            options={
                "ordering": ["-last_seen_on", "number"],
                "indexes": [
                    models.Index(fields=["stage", "desk", "due_on"], name="clue_in_hand"),
                    models.Index(fields=["state", "area", "level", "risk_type", "household"], name="clue_overview"),
                    models.Index(fields=["opened_on", "level", "area"], name="clue_months"),
                    models.Index(
                        fields=["stage", "state", "level", "arrived_on", "due_on", "opened_on", "area"],
                        name="clue_progress",
                    ),
                    models.Index(fields=["household", "risk_type"], name="clues_clue_househo_25b201_idx"),
                    models.Index(
                        models.F("state"),
                        models.Case(
                            models.When(level="red", then=models.Value(0)),
                            models.When(level="orange", then=models.Value(1)),
                            models.When(level="yellow", then=models.Value(2)),
                            output_field=models.IntegerField(),
                        ),
                        models.OrderBy(models.F("opened_on"), descending=True),
                        models.F("number"),
                        name="clues_by_level",
                    ),
                    models.Index(
                        models.OrderBy(models.F("opened_on"), descending=True),
                        models.Case(
                            models.When(level="red", then=models.Value(0)),
                            models.When(level="orange", then=models.Value(1)),
                            models.When(level="yellow", then=models.Value(2)),
                            output_field=models.IntegerField(),
                        ),
                        models.F("number"),
                        name="clues_newest",
                    ),
                    models.Index(
                        models.F("state"),
                        models.F("due_on"),
                        models.Case(
                            models.When(level="red", then=models.Value(0)),
                            models.When(level="orange", then=models.Value(1)),
                            models.When(level="yellow", then=models.Value(2)),
                            output_field=models.IntegerField(),
                        ),
                        models.F("number"),
                        name="clues_by_due_day",
                    ),
                    models.Index(
                        models.F("state"),
                        models.F("area"),
                        models.Case(
                            models.When(level="red", then=models.Value(0)),
                            models.When(level="orange", then=models.Value(1)),
                            models.When(level="yellow", then=models.Value(2)),
                            output_field=models.IntegerField(),
                        ),
                        models.F("number"),
                        name="clues_by_area",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("household", "risk_type"),
                        name="one_open_clue_per_risk",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ClueSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("self_report", "农户自主申报"),
                            ("sweep", "基层干部排查"),
                            ("screening", "部门筛查预警"),
                        ],
                        max_length=12,
                        verbose_name="发现渠道",
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=64, verbose_name="来源编号")),
                ("received_on", models.DateField(verbose_name="收到日期")),
                ("text", models.TextField(verbose_name="内容")),
                ("taken_at", models.DateTimeField(auto_now_add=True)),
                (
                    "clue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sources",
                        to="clues.clue",
                        verbose_name="线索",
                    ),
                ),
            ],
            options={
                "ordering": ["received_on", "pk"],
                "indexes": [models.Index(fields=["channel", "clue"], name="sources_by_channel")],
                "constraints": [
                    models.UniqueConstraint(fields=("clue", "channel", "reference"), name="one_source_a_report")
                ],
            },
        ),
        migrations.CreateModel(
            name="ClueStep",
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
                            ("arrive", "提出"),
                            ("dispatch", "下发"),
                            ("return", "退回"),
                            ("reassign", "改派"),
                            ("merge", "合并"),
                            ("separate", "拆分"),
                            ("visit", "入户走访"),
                            ("confirm", "报送：属实"),
                            ("dismiss", "报送：建议排除"),
                            ("agree", "同意"),
                            ("send_back", "退回重新核实"),
                            ("help_first", "先行帮扶"),
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
                            ("new", "刚提出"),
                            ("city", "待市级下发"),
                            ("county", "待区县下发"),
                            ("township", "待乡镇下发"),
                            ("village", "待入户核实"),
                            ("township_review", "待乡镇审核"),
                            ("county_review", "待区县复核"),
                            ("merged", "并入同户线索"),
                            ("closed", "已办结"),
                        ],
                        max_length=16,
                        verbose_name="原环节",
                    ),
                ),
                (
                    "stage_to",
                    models.CharField(
                        choices=[
                            ("new", "刚提出"),
                            ("city", "待市级下发"),
                            ("county", "待区县下发"),
                            ("township", "待乡镇下发"),
                            ("village", "待入户核实"),
                            ("township_review", "待乡镇审核"),
                            ("county_review", "待区县复核"),
                            ("merged", "并入同户线索"),
                            ("closed", "已办结"),
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
                    "clue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="clues.clue",
                        verbose_name="线索",
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
                "ordering": ["clue", "number"],
                "indexes": [models.Index(fields=["action", "clue", "stage_from"], name="steps_by_action")],
                "constraints": [
                    models.UniqueConstraint(fields=("clue", "number"), name="clue_steps_in_order"),
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("clue", "key"),
                        name="a_form_is_one_step",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DispatchRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[("red", "红色"), ("orange", "橙色"), ("yellow", "黄色")],
                        max_length=8,
                        verbose_name="级别",
                    ),
                ),
                (
                    "risk_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("illness", "因病"),
                            ("disability", "因残"),
                            ("schooling", "因学"),
                            ("natural_disaster", "因自然灾害"),
                            ("accident", "因意外事故"),
                            ("industry_failure", "因产业项目失败"),
                            ("unstable_employment", "因务工就业不稳"),
                            ("labour_shortage", "因缺劳动力"),
                            ("unsafe_housing", "因住房安全"),
                            ("unsafe_water", "因饮水安全"),
                            ("other", "其他"),
                        ],
                        max_length=24,
                        verbose_name="风险类型",
                    ),
                ),
                (
                    "to_level",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "市"), (2, "区县"), (3, "乡镇（街道）"), (4, "村（社区）")], verbose_name="下发到"
                    ),
                ),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="制定时间")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dispatch_rules",
                        to="areas.area",
                        verbose_name="单位",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="制定人",
                    ),
                ),
            ],
            options={
                "ordering": ["area", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("area", "level", "risk_type"), name="one_dispatch_rule_a_kind")
                ],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "conclusion",
                    models.CharField(
                        choices=[("confirm", "情况属实"), ("dismiss", "建议排除")], max_length=8, verbose_name="结论"
                    ),
                ),
                ("reason", models.TextField(verbose_name="理由")),
                ("answers", models.JSONField(default=list, verbose_name="逐项说明")),
                ("evidence", models.JSONField(default=dict)),
                (
                    "clue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="clues.clue",
                        verbose_name="线索",
                    ),
                ),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="finding", to="clues.cluestep"
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="MonitoringNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("self_report", "农户自主申报"),
                            ("sweep", "基层干部排查"),
                            ("screening", "部门筛查预警"),
                        ],
                        db_default="screening",
                        max_length=12,
                        verbose_name="发现渠道",
                    ),
                ),
                ("reference", models.CharField(blank=True, db_default="", max_length=64, verbose_name="来源编号")),
                ("as_of", models.DateField(verbose_name="截至日期")),
                (
                    "level",
                    models.CharField(
                        choices=[("red", "红色"), ("orange", "橙色"), ("yellow", "黄色")],
                        max_length=8,
                        verbose_name="级别",
                    ),
                ),
                ("rules", models.JSONField(default=list)),
                ("reasons", models.TextField(verbose_name="原因")),
                ("evidence", models.JSONField(default=dict)),
                (
                    "clue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="clues.clue",
                        verbose_name="线索",
                    ),
                ),
            ],
            options={
                "ordering": ["-as_of"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("clue", "as_of", "channel", "reference"), name="one_note_a_day_and_report"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=50, verbose_name="名称")),
                ("query", models.CharField(blank=True, max_length=500)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="用户",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [models.UniqueConstraint(fields=("user", "name"), name="one_view_a_name")],
            },
        ),
        migrations.CreateModel(
            name="ScreeningRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of", models.DateField(db_index=True, verbose_name="截至日期")),
                ("known_at", models.DateField(verbose_name="已收到截至")),
                ("pack_version", models.CharField(blank=True, max_length=100, verbose_name="政策包版本")),
                ("households", models.PositiveIntegerField(default=0, verbose_name="筛查户数")),
                ("hits", models.JSONField(default=dict)),
                ("new", models.JSONField(default=dict)),
                ("updated", models.JSONField(default=dict)),
                ("standing", models.JSONField(default=dict)),
                ("digest", models.CharField(blank=True, db_index=True, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "等待筛查"),
                            ("running", "正在筛查"),
                            ("done", "已完成"),
                            ("failed", "未完成"),
                        ],
                        default="done",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("progress", models.PositiveSmallIntegerField(default=0, verbose_name="进度")),
                ("message", models.TextField(blank=True, verbose_name="说明")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="screenings",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发起人",
                    ),
                ),
            ],
            options={
                "ordering": ["-as_of", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("visited_on", models.DateField(verbose_name="走访日期")),
                ("visitors", models.JSONField(default=list, verbose_name="走访人员")),
                ("place", models.CharField(max_length=200, verbose_name="走访地点")),
                ("latitude", models.DecimalField(decimal_places=6, max_digits=9, null=True, verbose_name="纬度")),
                ("longitude", models.DecimalField(decimal_places=6, max_digits=9, null=True, verbose_name="经度")),
                ("findings", models.TextField(verbose_name="走访情况")),
                (
                    "clue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="clues.clue",
                        verbose_name="线索",
                    ),
                ),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="visit", to="clues.cluestep"
                    ),
                ),
            ],
            options={
                "ordering": ["-visited_on", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Photo",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=32, unique=True)),
                ("width", models.PositiveIntegerField(verbose_name="宽")),
                ("height", models.PositiveIntegerField(verbose_name="高")),
                ("size", models.PositiveIntegerField(verbose_name="大小")),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="photos",
                        to="clues.visit",
                        verbose_name="走访",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
    ]

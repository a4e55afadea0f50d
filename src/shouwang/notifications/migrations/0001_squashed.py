import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("notifications", "0001_messages"), ("notifications", "0002_channels"), ("notifications", "0003_told")]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("areas", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ToldUpTo",
            fields=[
                ("matter", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("step", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Channel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=50, verbose_name="名称")),
                ("kind", models.CharField(max_length=20, verbose_name="方式")),
                ("sealed", models.BinaryField(default=b"")),
                ("mark", models.BigIntegerField()),
                ("told_up_to", models.BigIntegerField(default=0)),
                ("told_at", models.DateTimeField(null=True, verbose_name="最近推送")),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="设置时间")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="停用时间")),
                (
                    "area",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.area",
                        verbose_name="单位",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="设置人",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="channels",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="用户",
                    ),
                ),
            ],
            options={
                "verbose_name": "消息推送",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None), ("user", None)),
                        fields=("area", "mark"),
                        name="channel_once_an_area",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("area", None), ("ended_at", None)),
                        fields=("user", "mark"),
                        name="channel_once_a_user",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("area__isnull", True), ("user__isnull", False)),
                            models.Q(("area__isnull", False), ("user__isnull", True)),
                            _connector="OR",
                        ),
                        name="channel_of_an_area_or_a_user",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("permission", models.CharField(blank=True, max_length=30)),
                ("department", models.CharField(blank=True, max_length=50, verbose_name="部门")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("due", "期限提醒"),
                            ("task", "待办事项"),
                            ("result", "办理结果"),
                            ("relay", "请转告"),
                            ("system", "系统提醒"),
                        ],
                        max_length=10,
                        verbose_name="类别",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="标题")),
                ("text", models.TextField(blank=True, verbose_name="内容")),
                ("link", models.CharField(blank=True, max_length=300)),
                ("on", models.DateField(verbose_name="日期")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                ("key", models.CharField(max_length=200)),
                ("sealed", models.BinaryField(default=b"")),
                (
                    "area",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.area",
                        verbose_name="单位",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="收件人",
                    ),
                ),
            ],
            options={
                "verbose_name": "消息",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(fields=["area", "permission", "on"], name="notificatio_area_id_29a319_idx"),
                    models.Index(fields=["user", "on"], name="notificatio_user_id_479a5f_idx"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("user__isnull", True)),
                        fields=("area", "permission", "department", "key"),
                        name="message_once_a_desk",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("user__isnull", False)), fields=("user", "key"), name="message_once_a_user"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("area__isnull", True), ("permission", ""), ("user__isnull", False)),
                            models.Q(
                                ("area__isnull", False),
                                ("user__isnull", True),
                                models.Q(("permission", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="message_for_a_desk_or_a_user",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReadMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="marks", to="notifications.message"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "已读记录",
                "constraints": [models.UniqueConstraint(fields=("user", "message"), name="read_once")],
            },
        ),
        migrations.CreateModel(
            name="Sending",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("recipient", models.BigIntegerField(db_index=True, null=True)),
                ("shown", models.CharField(max_length=50, verbose_name="号码")),
                ("sealed", models.BinaryField(default=b"")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "待发送"),
                            ("sent", "已发送"),
                            ("relayed", "已请村镇转告"),
                            ("failed", "未能发出"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="已试次数")),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                ("next_at", models.DateTimeField()),
                ("problem", models.CharField(blank=True, max_length=300, verbose_name="未发出的原因")),
                (
                    "area",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.area",
                        verbose_name="区域",
                    ),
                ),
                (
                    "channel",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sendings",
                        to="notifications.channel",
                        verbose_name="消息推送",
                    ),
                ),
            ],
            options={
                "verbose_name": "外发",
                "indexes": [models.Index(fields=["state", "next_at"], name="notificatio_state_0004d2_idx")],
            },
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("households", "0001_initial"), ("households", "0002_income_known")]

    initial = True

    dependencies = [
        ("areas", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="RegisterChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person_key", models.BigIntegerField(db_index=True)),
                ("household_no", models.CharField(db_index=True, max_length=64, verbose_name="户编号")),
                ("received_on", models.DateField(verbose_name="收到日期")),
                ("delivery", models.PositiveIntegerField()),
                ("line", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("joined", "登记入册"),
                            ("changed", "信息变更"),
                            ("moved", "转入他户"),
                            ("left", "离开"),
                            ("returned", "重新登记"),
                        ],
                        max_length=10,
                        verbose_name="变化",
                    ),
                ),
                ("changes", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["received_on", "delivery", "line"],
            },
        ),
        migrations.CreateModel(
            name="RegisterLoad",
            fields=[
                ("delivery", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("persons", models.PositiveIntegerField()),
                ("loaded_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="Household",
            fields=[
                (
                    "household_no",
                    models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name="户编号"),
                ),
                ("household_type", models.CharField(max_length=20, verbose_name="户类型")),
                ("head_name", models.CharField(blank=True, max_length=100, verbose_name="户主")),
                ("member_count", models.PositiveIntegerField(default=0, verbose_name="现有人数")),
                ("received_on", models.DateField(verbose_name="最近登记日期")),
                ("delivery", models.PositiveIntegerField()),
                ("line", models.PositiveIntegerField()),
                ("income_known", models.BooleanField(null=True, verbose_name="有收入数据")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="households",
                        to="areas.area",
                        verbose_name="所在村",
                    ),
                ),
            ],
            options={
                "ordering": ["household_no"],
                "indexes": [
                    models.Index(fields=["area", "household_no"], name="households__area_id_127890_idx"),
                    models.Index(
                        condition=models.Q(("income_known", False)),
                        fields=["area", "household_no"],
                        name="households_without_income",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.BigIntegerField(unique=True)),
                ("name", models.CharField(max_length=200, verbose_name="姓名")),
                ("id_masked", models.CharField(max_length=18, verbose_name="证件号码")),
                ("sealed", models.BinaryField()),
                ("sex", models.CharField(blank=True, max_length=10, verbose_name="性别")),
                ("birth_date", models.DateField(null=True, verbose_name="出生日期")),
                ("relation", models.CharField(max_length=20, verbose_name="与户主关系")),
                ("ethnicity", models.CharField(blank=True, max_length=200, verbose_name="民族")),
                ("education", models.CharField(blank=True, max_length=200, verbose_name="文化程度")),
                ("school_status", models.CharField(blank=True, max_length=200, verbose_name="在校生状况")),
                ("dropout_reason", models.CharField(blank=True, max_length=20, verbose_name="失学原因")),
                ("health", models.CharField(blank=True, max_length=20, verbose_name="健康状况")),
                ("labour", models.CharField(blank=True, max_length=20, verbose_name="劳动技能")),
                ("resettlement_site", models.CharField(blank=True, max_length=200, verbose_name="搬迁安置点")),
                ("left_kind", models.CharField(blank=True, max_length=10, verbose_name="离开原因")),
                ("left_on", models.DateField(null=True, verbose_name="离开日期")),
                ("delivery", models.PositiveIntegerField()),
                ("line", models.PositiveIntegerField()),
                ("received_on", models.DateField(verbose_name="登记日期")),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="persons",
                        to="households.household",
                        verbose_name="所在户",
                    ),
                ),
            ],
            options={
                "ordering": ["household_id", "line"],
            },
        ),
    ]

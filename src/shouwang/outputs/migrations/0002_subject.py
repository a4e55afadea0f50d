from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outputs", "0001_exports")]

    operations = [
        migrations.AddField(
            model_name="export",
            name="subject",
            field=models.CharField(blank=True, db_default="", max_length=64, verbose_name="编号"),
        ),
        migrations.AlterField(
            model_name="export",
            name="content",
            field=models.CharField(
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
    ]

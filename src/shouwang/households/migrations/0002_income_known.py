from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0001_initial"),
        ("households", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="household",
            name="income_known",
            field=models.BooleanField(null=True, verbose_name="有收入数据"),
        ),
        migrations.AddIndex(
            model_name="household",
            index=models.Index(
                condition=models.Q(("income_known", False)),
                fields=["area", "household_no"],
                name="households_without_income",
            ),
        ),
    ]

"""A review keeps the share of votes by which it was judged; all before it were judged by a half."""

from decimal import Decimal

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0011_taken_over"),
    ]

    operations = [
        migrations.AddField(
            model_name="deliberation",
            name="share",
            field=models.DecimalField(
                decimal_places=3, default=Decimal("0.5"), max_digits=4, verbose_name="同意票须超过的比例"
            ),
        ),
    ]

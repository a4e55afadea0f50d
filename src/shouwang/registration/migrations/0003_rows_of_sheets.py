from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registration", "0002_recorded_facts")]

    operations = [
        migrations.AddField(
            model_name="amendmentsheet",
            name="sealed",
            field=models.BinaryField(default=b""),
        ),
    ]

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0005_procedure"),
    ]

    operations = [
        migrations.RenameField(model_name="onlineobjection", old_name="contact", new_name="sealed"),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0008_answers_to_objections"),
    ]

    operations = [
        migrations.DeleteModel(name="SetAside"),
        migrations.RemoveField(model_name="objection", name="online"),
        migrations.RemoveConstraint(model_name="casephoto", name="photo_of_consent_or_of_notice"),
        migrations.AddConstraint(
            model_name="casephoto",
            constraint=models.CheckConstraint(
                condition=models.Q(("collection__isnull", True), ("proof__isnull", True), _connector="OR"),
                name="photo_of_one_thing",
            ),
        ),
    ]

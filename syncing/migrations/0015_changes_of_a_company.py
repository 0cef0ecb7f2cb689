from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("syncing", "0014_held_removals_and_updates")]

    operations = [
        migrations.AddIndex(
            model_name="nodechange",
            index=models.Index(fields=["account", "at"], name="changes_of_a_company"),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0001_webhooks")]

    operations = [
        migrations.RemoveConstraint(model_name="delivery", name="one_delivery_an_event_and_endpoint"),
        migrations.AddField(
            model_name="delivery", name="once", field=models.CharField(blank=True, max_length=100)
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("once", ""), _negated=True),
                fields=("endpoint", "event", "once"),
                name="what_happens_once_is_told_once",
            ),
        ),
    ]

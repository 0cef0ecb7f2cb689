from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def note_checks(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Until now, a file was checked before its row was made."""
    apps.get_model("tree", "TreeImport").objects.update(checked_at=models.F("created_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('tree', '0004_imports'),
    ]

    operations = [
        migrations.AddField(
            model_name='treeimport',
            name='checked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='treeimport',
            name='status',
            field=models.CharField(choices=[('compared', 'compared'), ('queued', 'waiting'), ('running', 'running'), ('complete', 'complete'), ('failed', 'failed'), ('refused', 'refused')], default='queued', max_length=10),
        ),
        migrations.RunPython(note_checks, migrations.RunPython.noop),
    ]

"""The database itself refuses to change entries of the audit log, and to delete those of the last 30 days.

SQLite makes a table anew when a column is changed, and forgets its triggers: a later migration of the table has to call
``make_triggers`` again.
"""

from typing import Any

from django.db import migrations

SQLITE = (
    """
CREATE TRIGGER IF NOT EXISTS audit_no_update BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'entries of the audit log cannot be changed'); END
""",
    """
CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON audit_entry
WHEN OLD.at > strftime('%Y-%m-%d %H:%M:%S', 'now', '-30 days')
BEGIN SELECT RAISE(ABORT, 'entries of the audit log are kept for 30 days at least'); END
""",
)
POSTGRESQL = (
    """
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'entries of the audit log cannot be changed, and are kept for 30 days at least'; END $$
""",
    """
CREATE OR REPLACE TRIGGER audit_no_update BEFORE UPDATE ON audit_entry
FOR EACH ROW EXECUTE FUNCTION audit_refuse()
""",
    """
CREATE OR REPLACE TRIGGER audit_no_delete BEFORE DELETE ON audit_entry
FOR EACH ROW WHEN (OLD.at > now() - interval '30 days') EXECUTE FUNCTION audit_refuse()
""",
    "CREATE INDEX IF NOT EXISTS audit_by_node ON audit_entry USING gin (nodes jsonb_path_ops)",
)


def make_triggers(apps: Any, schema_editor: Any) -> None:
    vendor = schema_editor.connection.vendor
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}.get(vendor, ()):
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [("audit", "0001_audit_log")]

    operations = [migrations.RunPython(make_triggers, migrations.RunPython.noop)]

"""Empties the SQL database after a test that commits: Django's command, without what most tests do not need.

Django's own deletes from every table, and then makes content types, rights, groups and the job of every minute anew.
That takes longer than many tests. This one asks once which tables hold anything, and empties those. The trigger that
keeps entries of the audit log would refuse that, so it is taken away first; tests/knowledgetree/audit/ makes it again.
"""

from dataclasses import dataclass
from typing import Any

from django.core.management.commands import flush
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class _Fresh:
    """What a database holds after Django's own command."""

    kept: dict[str, Rows]  # table → rows that signal handlers have made
    empty: list[str]  # the other tables


_fresh: dict[str, _Fresh] = {}


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        fresh = _fresh.get(connection.alias)
        if fresh is None:
            _let_entries_be_deleted(connection)
        if fresh and all(_rows(connection, table) == rows for table, rows in fresh.kept.items()):
            _delete(connection, _filled(connection, fresh.empty))
            return
        super().handle(**options)
        _fresh[connection.alias] = _look(connection)


def _let_entries_be_deleted(connection: BaseDatabaseWrapper) -> None:
    table = " ON audit_entry" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER IF EXISTS audit_no_delete{table}")


def _look(connection: BaseDatabaseWrapper) -> _Fresh:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    filled = _filled(connection, tables)
    return _Fresh(
        {table: _rows(connection, table) for table in filled}, [table for table in tables if table not in filled]
    )


def _filled(connection: BaseDatabaseWrapper, tables: list[str]) -> list[str]:
    """Those of the tables that hold anything."""
    asked = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)})" for table in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        return [table for (table,) in cursor.fetchall()]


def _rows(connection: BaseDatabaseWrapper, table: str) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")  # noqa: S608
        return list(cursor.fetchall())


def _delete(connection: BaseDatabaseWrapper, tables: list[str]) -> None:
    """In one transaction, at whose end the database looks at foreign keys."""
    if tables:
        connection.ops.execute_sql_flush([f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables])  # noqa: S608

"""The SQL table of the audit log."""

from typing import Any, NoReturn

from django.db import models
from django.db.models.lookups import BuiltinLookup
from django.utils import timezone

from knowledgetree.audit.actions import Action

KEPT_DAYS_AT_LEAST = 30  # the triggers of migration 0002 keep younger entries, whoever wants to delete them


class AppendOnly(TypeError):
    """Code tried to change or delete entries of the audit log."""


class Entries(models.QuerySet["Entry"]):
    """Rows that can be added and read. ``knowledgetree.audit.retention`` deletes the old ones."""

    def update(self, **_: Any) -> NoReturn:
        raise AppendOnly("Entries of the audit log cannot be changed.")

    def delete(self) -> NoReturn:
        raise AppendOnly("Entries of the audit log cannot be deleted, but by retention.")

    def bulk_update(self, *_: Any, **__: Any) -> NoReturn:
        raise AppendOnly("Entries of the audit log cannot be changed.")

    def about_node(self, uid: str) -> "Entries":
        return self.filter(nodes__has_node=uid)


class NodeIds(models.JSONField):
    """A list of node ids, with the lookup ``has_node``."""


@NodeIds.register_lookup
class HasNode(BuiltinLookup):
    """Whether the list has this id. PostgreSQL has an index for it; SQLite looks into each row."""

    lookup_name = "has_node"
    prepare_rhs = False

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} @> jsonb_build_array(%s::text)", [*params, self.rhs]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        return f"instr({column}, json_quote(%s)) > 0", [*params, self.rhs]


class Entry(models.Model):
    """Somebody did something. No entry refers to another table, because their rows come and go."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    action = models.CharField(max_length=20, help_text="One of Action; those of later versions are unknown.")
    who = models.CharField(max_length=150, blank=True)
    account_id = models.BigIntegerField(null=True, help_text="The number of the user; services and commands have none.")
    way = models.CharField(max_length=10, help_text="One of Way.")
    through = models.CharField(max_length=255, blank=True, help_text="The API token's name, or the file of an import.")
    nodes = NodeIds(default=list, help_text="The ids of all nodes that it is about.")
    company = models.CharField(max_length=255, blank=True, help_text="The account number.")
    company_name = models.CharField(max_length=255, blank=True)
    address = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    detail = models.CharField(max_length=300, blank=True)

    objects = Entries.as_manager()

    class Meta:
        ordering = ("-id",)
        verbose_name = "entry of the audit log"
        verbose_name_plural = "entries of the audit log"
        indexes = (
            models.Index(fields=["who", "-id"], name="audit_by_who"),
            models.Index(fields=["company", "-id"], name="audit_by_company"),
            models.Index(fields=["action", "-id"], name="audit_by_action"),
        )

    def __str__(self) -> str:
        return f"{self.who or 'somebody'}: {self.words}"

    def save(self, **options: Any) -> None:
        """Add the entry. Raises AppendOnly for one that is there already."""
        if not self._state.adding:
            raise AppendOnly("Entries of the audit log cannot be changed.")
        super().save(**{**options, "force_insert": True})

    def delete(self, using: Any = None, keep_parents: bool = False) -> NoReturn:
        raise AppendOnly("Entries of the audit log cannot be deleted, but by retention.")

    @property
    def words(self) -> str:
        """The action in words."""
        return str(Action(self.action).label) if self.action in Action.values else self.action

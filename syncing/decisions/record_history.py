"""Reads the history of one record: the changes by syncs, and its fields as of a day."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from difflib import unified_diff
from functools import cached_property
from typing import Any

from django.utils import timezone
from msgspec import Struct

from syncing.graph.journal import creator_of
from syncing.models import NodeChange, SyncRun
from syncing.plan.index import shown_fields
from tree.graph.search_keys import KEYS, SCOPE
from tree.graph.sibling_keys import sibling_key
from tree.templatetags.shown import as_time
from tree.vocabulary import ORIGIN_CODEX

_COMPARED_LINES = 2_000  # comparing longer texts takes too long for a page
_SHOWN_LINES = 60


class Moment(Struct, dict=True):
    """One change of a record. Its differences are computed only when a page shows them."""

    at: datetime
    action: str
    run: SyncRun | None
    row: NodeChange | None = None
    with_parent: bool = False

    @property
    def is_certain(self) -> bool:
        return self.row is None or self.row.is_certain

    @property
    def place(self) -> str:
        return self.row.place if self.row else ""

    @cached_property
    def fields(self) -> list[tuple[str, Any, Any]]:
        """The changed fields as (name, before, after), without the text."""
        return [field for field in self._differences if field[0] != "content"]

    @cached_property
    def text(self) -> list[str] | None:
        """The added (+) and removed (-) lines of the text; None if the text is the same."""
        texts = ((old, new) for name, old, new in self._differences if name == "content")
        return next((difference(str(old or ""), str(new or "")) for old, new in texts), None)

    @property
    def _differences(self) -> list[tuple[str, Any, Any]]:
        return shown_fields(self.row.before, self.row.after) if self.row else []


class Past(Struct):
    """A record as of a day. ``exists``: the record was in the tree on that day."""

    exists: bool
    properties: dict[str, Any]


def moments(properties: Mapping[str, Any]) -> list[Moment]:
    """The changes of the node with these properties, newest first and its creation last."""
    changes = list(_changes(properties))
    found = [moment_of(row) for row in changes] + [m for row in changes if (m := _archived_before(row))]
    if (archived := _archived_now(properties, changes)) is not None:
        found.append(archived)
    created_at = as_time(properties.get("created_at"))
    if created_at is not None and properties.get("origin") == ORIGIN_CODEX:
        found.append(Moment(created_at, "create", creator_of(str(properties["id"]), created_at)))
    return sorted(found, key=lambda moment: (moment.at, moment.action != "create"), reverse=True)


def as_of(properties: Mapping[str, Any], moment: datetime) -> Past:
    """The node with these properties as it was at this moment; later changes are reverted one by one.

    The keys of the search are left out: they are made from the properties of now, and no change keeps them.
    """
    then = {name: value for name, value in properties.items() if name not in (KEYS, SCOPE)}
    for row in _changes(properties):
        if row.at <= moment:
            break
        if row.action == "archive" and "archived_at" not in row.after:
            _bring_back(then)
            continue
        for name in row.after:
            if row.before.get(name) is None:
                then.pop(name, None)
            else:
                then[name] = row.before[name]
    archived_at = as_time(then.get("archived_at"))
    if archived_at is not None and archived_at > moment:
        _bring_back(then)
    created_at = as_time(properties.get("created_at"))
    return Past(created_at is None or created_at <= moment, then)


def _bring_back(then: dict[str, Any]) -> None:
    then.pop("archived_at", None)
    then.pop("archived_with", None)
    then["sibling_key"] = sibling_key(str(then.get("parent_id", "")), str(then.get("name", "")))


def end_of(day: date) -> datetime:
    """The last moment of a day in the server's time zone."""
    return timezone.make_aware(datetime.combine(day, time.max))


def kept_since() -> datetime | None:
    """The time of the oldest change that is kept; None if there is none."""
    return NodeChange.objects.order_by("at").values_list("at", flat=True).first()


def _changes(properties: Mapping[str, Any]) -> Iterable[NodeChange]:
    return NodeChange.objects.filter(node_id=str(properties["id"])).select_related("run").order_by("-at", "-id")


def moment_of(row: NodeChange) -> Moment:
    """This change as a page shows it."""
    return Moment(row.at, row.action, row.run, row)


def difference(before: str, after: str) -> list[str]:
    """The added (+) and removed (-) lines with one line of context; at most _SHOWN_LINES."""
    old, new = before.splitlines(), after.splitlines()
    if len(old) + len(new) > _COMPARED_LINES:
        return [f"  … {len(before):,} characters became {len(after):,}."]
    lines = list(unified_diff(old, new, n=1, lineterm=""))[2:]
    return [line for line in lines if not line.startswith("@@")][:_SHOWN_LINES]


def _archived_before(row: NodeChange) -> Moment | None:
    """The archiving of a record together with its parent, which has no row of its own but shows in the restore."""
    archived_at = as_time(row.before.get("archived_at"))
    if row.action != "restore" or archived_at is None or row.before.get("archived_with") == row.codex_key:
        return None
    return Moment(archived_at, "archive", _archiver(row.before.get("archived_with"), archived_at), with_parent=True)


def _archived_now(properties: Mapping[str, Any], changes: Iterable[NodeChange]) -> Moment | None:
    archived_at = as_time(properties.get("archived_at"))
    if archived_at is None or properties.get("archived_with") == properties.get("codex_key"):
        return None
    if any(row.action == "archive" and "archived_at" in row.after for row in list(changes)[:1]):
        return None
    return Moment(archived_at, "archive", _archiver(properties.get("archived_with"), archived_at), with_parent=True)


def _archiver(key: Any, archived_at: datetime) -> SyncRun | None:
    """The run that archived the node with this key at that time."""
    around = (archived_at - timedelta(minutes=15), archived_at + timedelta(seconds=1))
    rows = NodeChange.objects.filter(codex_key=str(key), action="archive", at__range=around).select_related("run")
    row = rows.order_by("-at").first()
    return row.run if row else None

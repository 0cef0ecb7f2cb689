"""The integrity check of the tree: lists every breach of its rules. Read-only.

Each check is a generator of breaches; ``check_graph`` runs all of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings

from tree.graph.checksums import checksum
from tree.graph.connection import stream
from tree.graph.search_keys import search_properties
from tree.graph.sibling_keys import retired_sibling_key, sibling_key, sort_key
from tree.graph.values import kind_of
from tree.kinds import NODE_CLASSES
from tree.kinds.declaration.link import Link
from tree.operations.sweep import find_orphans
from tree.vocabulary import ROOT_ID

SHOWN_OF_A_CHECK = 100

_PARENTLESS = """
MATCH (n:ContextItem) WHERE NOT (n)<-[:PARENT_OF]-()
RETURN n.id AS id, n.name AS name
"""
_SEVERAL_PARENTS = """
MATCH (n:ContextItem) WHERE COUNT { (n)<-[:PARENT_OF]-() } > 1
RETURN n.id AS id, n.name AS name, COUNT { (n)<-[:PARENT_OF]-() } AS parents
"""
_NUMBERS = """
MATCH (n:ContextItem) WITH count(n) AS nodes
OPTIONAL MATCH (:ContextItem {id: $root})-[:PARENT_OF*0..]->(reached)
RETURN nodes, count(DISTINCT reached) AS reached
"""
_UNREACHED = """
MATCH (n:ContextItem) WHERE NOT EXISTS { (:ContextItem {id: $root})-[:PARENT_OF*0..]->(n) }
RETURN n.id AS id, n.name AS name LIMIT 101
"""
_NODES = """
MATCH (n:ContextItem) OPTIONAL MATCH (parent)-[:PARENT_OF]->(n)
RETURN n.id AS id, n.name AS name, parent.id AS parent, n.parent_id AS parent_id, n.sibling_key AS sibling_key,
       n.sort_key AS sort_key, n.is_folder AS is_folder, n.codex_key AS codex_key, n.origin AS origin,
       n.archived_at IS NOT NULL AS archived, n.trashed_at IS NOT NULL AS trashed,
       coalesce(parent.archived_at IS NOT NULL, false) AS parent_archived
"""
_SYNCED = "MATCH (n:ContextItem {origin: 'codex'}) RETURN properties(n) AS properties"
_KEYED = "MATCH (n:ContextItem) RETURN labels(n) AS labels, properties(n) AS properties"
_LEASE = """
MATCH (lease:SyncLease {name: 'sync'}) WHERE lease.run IS NOT NULL AND lease.expires_at < timestamp()
RETURN lease.run AS run, lease.host AS host
"""
# Links that share type and property, such as those of a ticket to the people and computers that it mentions, are
# checked together, because a key may lead to a node of either kind.
_LINK_MISSING = """
MATCH (n:%(kind)s) WHERE any(key IN %(keys)s WHERE NOT EXISTS { (n)%(relation)s(:%(others)s {codex_key: key}) })
RETURN n.id AS id, n.name AS name
"""
_LINK_UNTOLD = """
MATCH (n:%(kind)s)%(relation)s(other%(holder)s) WHERE NOT coalesce(other.codex_key, '') IN %(keys)s
RETURN DISTINCT n.id AS id, n.name AS name
"""
_LINK_TWICE = """
MATCH (n:%(kind)s)%(relation)s(other%(holder)s) WITH n, other, count(*) AS number WHERE number > 1
RETURN DISTINCT n.id AS id, n.name AS name
"""


@dataclass(frozen=True)
class Breach:
    """A rule that is violated at one node."""

    check: str
    id: str
    message: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def check_graph() -> tuple[int, list[Breach]]:
    """The number of nodes checked, and all breaches (at most SHOWN_OF_A_CHECK of each check).

    Raises GraphUnavailable.
    """
    breaches: list[Breach] = []
    for check in CHECKS:
        for number, breach in enumerate(check()):
            if number >= SHOWN_OF_A_CHECK:
                breaches.append(Breach(breach.check, "", f"… more than {SHOWN_OF_A_CHECK}; fix these first."))
                break
            breaches.append(breach)
    return int(next(stream(_NUMBERS, root=ROOT_ID))["nodes"]), breaches


def one_root() -> Iterator[Breach]:
    """Only the root has no parent."""
    found = False
    for row in stream(_PARENTLESS):
        if row["id"] == ROOT_ID:
            found = True
        else:
            yield Breach("one root", str(row["id"]), f"{row['name']!r} has no parent.")
    if not found:
        yield Breach("one root", ROOT_ID, "There is no root. Run `manage.py setup_graph`.")


def one_parent() -> Iterator[Breach]:
    for row in stream(_SEVERAL_PARENTS):
        yield Breach("one parent", str(row["id"]), f"{row['name']!r} has {row['parents']} parents.")


def no_cycle() -> Iterator[Breach]:
    """Every node reaches the root; a node that has a parent but does not is in or below a cycle."""
    numbers = next(stream(_NUMBERS, root=ROOT_ID))
    if numbers["nodes"] != numbers["reached"]:
        for row in stream(_UNREACHED, root=ROOT_ID):
            yield Breach("no cycle", str(row["id"]), f"{row['name']!r} cannot be reached from the root.")


def keys() -> Iterator[Breach]:
    """Keys are unique, and properties that repeat the tree's structure agree with it."""
    seen: dict[str, set[str]] = {"id": set(), "codex_key": set(), "sibling_key": set()}
    for row in stream(_NODES):
        uid, name = str(row["id"]), str(row["name"] or "")
        for key, values in seen.items():
            value = row[key]
            if value is None:
                continue
            if value in values:
                yield Breach(f"unique {key}", uid, f"{name!r} shares its {key} {value!r} with another node.")
            values.add(value)
        yield from _misplaced(row, uid, name)


def _misplaced(row: dict[str, Any], uid: str, name: str) -> Iterator[Breach]:
    if row["parent"] is None:
        return
    if row["parent_id"] != row["parent"]:
        yield Breach("parent_id", uid, f"{name!r}: parent_id is {row['parent_id']!r}, the parent {row['parent']!r}.")
    live_key = sibling_key(row["parent"], name)
    retired_key = retired_sibling_key(row["parent"], name, uid)
    allowed = {live_key, retired_key} if row["archived"] or row["trashed"] else {live_key}
    if row["sibling_key"] not in allowed:
        yield Breach("sibling_key", uid, f"{name!r}: sibling_key does not fit its name and parent.")
    if row["sort_key"] != sort_key(name, bool(row["is_folder"])):
        yield Breach("sort_key", uid, f"{name!r}: sort_key does not fit its name.")
    if row["origin"] == "codex" and row["parent_archived"] and not row["archived"]:
        yield Breach("archived with its parent", uid, f"{name!r} is live below an archived node.")


def synced_fields() -> Iterator[Breach]:
    """Every synced node is unchanged since the last sync wrote it."""
    for row in stream(_SYNCED):
        properties = row["properties"]
        if properties.get("checksum") != checksum(properties):
            message = f"{properties.get('name')!r} was changed by something other than a sync."
            yield Breach("synced fields", str(properties.get("id")), message)


def search_keys() -> Iterator[Breach]:
    """Every node is found by what it has now."""
    for row in stream(_KEYED):
        properties = row["properties"]
        wanted = search_properties(kind_of(row["labels"]), properties)
        if any(properties.get(name) != value for name, value in wanted.items()):
            message = f"{properties.get('name')!r} has search keys that do not fit its fields."
            yield Breach("search keys", str(properties.get("id")), message)


def links() -> Iterator[Breach]:
    """Relations outside the tree structure match the properties of records."""
    for node_class in NODE_CLASSES:
        told: dict[tuple[str, str, str, bool], list[Link]] = {}
        for link in node_class.links:
            told.setdefault((link.type, link.via, link.part, link.incoming), []).append(link)
        for alike in told.values():
            yield from _links_alike(node_class.kind(), alike)


def _links_alike(kind: str, alike: list[Link]) -> Iterator[Breach]:
    """The links of a kind, grouped with those that differ only in the kind of the other node."""
    link = alike[0]
    others = "|".join(other.to for other in alike)
    names = {
        "kind": kind,
        "others": others,
        "keys": f"[key IN coalesce([] + n.{link.via}, []) | key + '{link.part}']",
        "relation": f"<-[:{link.type} {{evidence: $evidence}}]-" if link.incoming else f"-[:{link.type}]->",
        "holder": f":{others}" if link.incoming else "",  # other nodes may have such a relation to this one, too
    }
    wrong = {
        _LINK_MISSING: f"{kind} without a {link.type} that its {link.via} tells of",
        _LINK_UNTOLD: f"{kind} with a {link.type} that its {link.via} does not tell of",
        _LINK_TWICE: f"{kind} with the same {link.type} twice",
    }
    for cypher, what in wrong.items():
        for row in stream(cypher % names, evidence=link.evidence):
            yield Breach("links", str(row["id"]), f"{row['name']!r}: {what}.")


def no_lease_left() -> Iterator[Breach]:
    for row in stream(_LEASE):
        message = f"Run {row['run']} on {row['host']} left its lease behind; the next sync takes it over."
        yield Breach("sync lease", "", message)


def files_and_records() -> Iterator[Breach]:
    """Every file has its bytes and every stored file its record, unless it is newer than an hour (in progress)."""
    found = find_orphans()
    for uid, name in found.missing:
        yield Breach("files", uid, f"{name!r} has no bytes in {settings.UPLOADS_DIR}. A backup may have them.")
    for name in found.strays:
        message = f"{name} in {settings.UPLOADS_DIR} has no record. `manage.py sweep_files` deletes it."
        yield Breach("files", "", message)


CHECKS: tuple[Callable[[], Iterator[Breach]], ...] = (
    one_root,
    one_parent,
    no_cycle,
    keys,
    synced_fields,
    search_keys,
    links,
    no_lease_left,
    files_and_records,
)

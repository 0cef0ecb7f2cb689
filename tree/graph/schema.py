"""The graph's schema: constraints, indexes, the root with its first folder, migrations. ``setup_graph`` applies it.

(:ContextItem {id})            unique: the id in URLs
(:ContextItem {codex_key})     unique: one node for each Codex record
(:ContextItem {sibling_key})   unique: a race for a name ends in an error, never in duplicates
(:Revision {id}), (:File {id}), (:TreeLock {name}), (:GraphMigration {name})  unique
(:File {filename})             range: links of the old application
(:ContextItem {trashed_with})  range: nodes in the trash
(:ContextItem {archived_at})   range: what is archived, to count the rest
(:ContextItem {parent_id, sort_key})  range: a page of children is one ordered index read
(:Ticket {latest_at}) …        range: a page of all tickets; for each property that its kind declares ``indexed``
(:Note {updated_at})           range: the notes that changed last
(:Note {parent_id, is_warning})  range: the warnings below a node; it holds nothing but warnings

Everything here is idempotent.
"""

from dataclasses import dataclass
from typing import Any

from neo4j import ManagedTransaction

from knowledgetree.basics.times import utc_now
from tree.graph import migrations
from tree.graph.connection import WRITE_TIMEOUT_SECONDS, read, reads_may_take, run_schema, write
from tree.graph.old_application import refuse_old_graph
from tree.graph.search_keys import KEYS, SCOPE, search_properties
from tree.graph.sibling_keys import sibling_key, sort_key
from tree.kinds import NODE_CLASSES, Folder, Ticket
from tree.kinds.declaration.about import SHARED_INDEX
from tree.vocabulary import COMPANIES_ID, ROOT_ID

_ANALYZER = "standard-folding"


@dataclass(frozen=True)
class SearchIndex:
    """One full-text index. ``what`` names the kinds that it finds, as displayed."""

    name: str
    kinds: tuple[str, ...]
    properties: tuple[str, ...]
    what: str

    def creation(self) -> str:
        """The Cypher statement that creates it. Cypher has no parameters for names; all names come from this module."""
        return (
            f"CREATE FULLTEXT INDEX {self.name} IF NOT EXISTS "
            f"FOR (n:{'|'.join(self.kinds)}) ON EACH [{', '.join(f'n.{name}' for name in self.properties)}] "
            f"OPTIONS {{indexConfig: {{`fulltext.analyzer`: '{_ANALYZER}'}}}}"
        )


_FILE, _FILE_TEXT = "File", "text"  # files are not nodes of the tree
# The fields of all kinds are in ``search_keys``. Archived nodes are left out by a clause of the query.
_INDEXED = ("name", "content", KEYS, SCOPE, "archived_at")


def _search_index(name: str, *more_kinds: str, and_properties: tuple[str, ...] = ()) -> SearchIndex:
    """The index of all kinds whose ``search_index`` is ``name``."""
    classes = [node_class for node_class in NODE_CLASSES if node_class.about.search_index == name]
    kinds = [node_class.kind() for node_class in classes]
    *first, last = [node_class.about.plural.lower() for node_class in classes if node_class is not Folder]
    what = f"{', '.join(first)} and {last}" if first else last
    return SearchIndex(name, (*kinds, *more_kinds), (*_INDEXED, *and_properties), what)


TICKET_INDEX = _search_index(Ticket.about.search_index)
RECORD_INDEX = _search_index(SHARED_INDEX, _FILE, and_properties=(_FILE_TEXT,))
SEARCH_INDEXES = (TICKET_INDEX, RECORD_INDEX)

_CONSTRAINTS = (
    "CREATE CONSTRAINT context_item_id IF NOT EXISTS FOR (n:ContextItem) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT context_item_codex_key IF NOT EXISTS FOR (n:ContextItem) REQUIRE n.codex_key IS UNIQUE",
    "CREATE CONSTRAINT context_item_sibling_key IF NOT EXISTS FOR (n:ContextItem) REQUIRE n.sibling_key IS UNIQUE",
    "CREATE CONSTRAINT sync_lease_name IF NOT EXISTS FOR (l:SyncLease) REQUIRE l.name IS UNIQUE",
    "CREATE CONSTRAINT tree_lock_name IF NOT EXISTS FOR (l:TreeLock) REQUIRE l.name IS UNIQUE",
    "CREATE CONSTRAINT graph_migration_name IF NOT EXISTS FOR (m:GraphMigration) REQUIRE m.name IS UNIQUE",
    "CREATE CONSTRAINT revision_id IF NOT EXISTS FOR (r:Revision) REQUIRE r.id IS UNIQUE",
    "CREATE CONSTRAINT file_id IF NOT EXISTS FOR (f:File) REQUIRE f.id IS UNIQUE",
    "CREATE INDEX file_filename IF NOT EXISTS FOR (f:File) ON (f.filename)",
    "CREATE INDEX context_item_trashed_with IF NOT EXISTS FOR (n:ContextItem) ON (n.trashed_with)",
    "CREATE INDEX context_item_archived IF NOT EXISTS FOR (n:ContextItem) ON (n.archived_at)",
    "CREATE INDEX context_item_children IF NOT EXISTS FOR (n:ContextItem) ON (n.parent_id, n.sort_key)",
    "CREATE INDEX note_warnings IF NOT EXISTS FOR (n:Note) ON (n.parent_id, n.is_warning)",
    "CREATE INDEX note_changes IF NOT EXISTS FOR (n:Note) ON (n.updated_at)",
)
_ORDERS = {  # the indexes that lists of all nodes of a kind are read from, with the statements that create them
    f"{kind.lower()}_{name}": f"CREATE INDEX {kind.lower()}_{name} IF NOT EXISTS FOR (n:{kind}) ON (n.{name})"
    for kind, name in (
        (node_class.kind(), name)
        for node_class in NODE_CLASSES
        for name, field in node_class.fields().items()
        if field.indexed
    )
}
_SEARCH_INDEXES_NOW = (
    "SHOW FULLTEXT INDEXES YIELD name, state, labelsOrTypes AS kinds, properties, options "
    "RETURN name, state, kinds, properties, options.indexConfig['fulltext.analyzer'] AS analyzer"
)
_AWAIT_INDEXES = "CALL db.awaitIndexes(600)"
_FIRST_NODES = """
MERGE (root:ContextItem {id: $root.id}) ON CREATE SET root:Folder, root += $root
MERGE (companies:ContextItem {id: $companies.id}) ON CREATE SET companies:Folder, companies += $companies
MERGE (root)-[:PARENT_OF]->(companies)
"""
_IS_ROOTED = """
MATCH (root:ContextItem {id: $root})-[:PARENT_OF]->(:ContextItem {id: $companies}) WHERE root.origin IS NOT NULL
RETURN true
"""


@reads_may_take(WRITE_TIMEOUT_SECONDS)
def set_up(told: migrations.Told = lambda number: None) -> list[str]:
    """Create whatever is missing and wait until every index is online. Returns the names of the migrations that ran.

    ``told`` is told how many nodes a long migration has looked at.
    Raises GraphUnavailable; ForeignGraph, before anything is written, if the graph is that of the old application.
    """
    refuse_old_graph()
    for statement in (*_CONSTRAINTS, *_ORDERS.values()):
        run_schema(statement)
    write(_make_first_nodes)
    ran = migrations.migrate(told)
    create_search_indexes()  # after the migrations: nodes whose keys they write are then indexed once
    return ran


def create_search_indexes() -> None:
    """Create the missing search indexes and wait until all indexes are online.

    An index that an older version created for other kinds or properties is recreated; until it is online, searches
    do not find what only that index contains.
    """
    now = {row["name"]: row for row in read(_SEARCH_INDEXES_NOW)}
    for index in SEARCH_INDEXES:
        found = now.get(index.name)
        if found and _is_wanted(found, index):
            continue
        if found:
            drop_search_index(index)
        run_schema(index.creation())
        run_schema(_AWAIT_INDEXES)  # before the next is replaced: until then, searches use an old index of all kinds
    run_schema(_AWAIT_INDEXES)


def ready_search_indexes() -> list[SearchIndex]:
    """The search indexes that are online."""
    online = {row["name"] for row in read(_SEARCH_INDEXES_NOW) if row["state"] == "ONLINE"}
    return [index for index in SEARCH_INDEXES if index.name in online]


def drop_search_index(index: SearchIndex) -> None:
    """Drop an index, to recreate it or before an initial load, which it would slow down by more than half."""
    run_schema(f"DROP INDEX {index.name} IF EXISTS")


def _is_wanted(found: dict[str, Any], index: SearchIndex) -> bool:
    return (
        set(found["kinds"]) == set(index.kinds)
        and set(found["properties"]) == set(index.properties)
        and found["analyzer"] == _ANALYZER
    )


def is_set_up() -> bool:
    """Whether ``setup_graph`` of this version or a newer one has been run on this database."""
    names = {row["name"] for row in read("SHOW INDEXES YIELD name RETURN name")}
    has_root = bool(read(_IS_ROOTED, root=ROOT_ID, companies=COMPANIES_ID))
    wanted = {"context_item_id", "context_item_sibling_key", "context_item_children", "note_warnings", "note_changes"}
    return has_root and wanted | {*_ORDERS} <= names and not migrations.missing()


def _make_first_nodes(transaction: ManagedTransaction) -> None:
    now = utc_now()
    common = {
        "content": "",
        "origin": "system",
        "is_folder": True,
        "is_attached": False,
        "read_only": True,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    root = {"id": ROOT_ID, "name": "KnowledgeTree Root", "sort_key": "", **common}
    companies = {
        "id": COMPANIES_ID,
        "name": "Companies",
        "parent_id": ROOT_ID,
        "sibling_key": sibling_key(ROOT_ID, "Companies"),
        "sort_key": sort_key("Companies", is_folder=True),
        **common,
    }
    with_keys = [node | search_properties(Folder.kind(), node) for node in (root, companies)]
    transaction.run(_FIRST_NODES, root=with_keys[0], companies=with_keys[1]).consume()

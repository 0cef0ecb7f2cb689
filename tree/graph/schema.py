"""Constraints, indexes, the root and its first folder, migrations. Idempotent; what ``setup_graph`` runs.

(:ContextItem {id})            unique: what URLs carry
(:ContextItem {codex_key})     unique: one node for each record of Codex
(:ContextItem {sibling_key})   unique: a race for a name ends as an error, never as twins
(:Revision {id}), (:File {id}), (:TreeLock {name}), (:GraphMigration {name})  unique
(:File {filename})             range: links of the old application
(:ContextItem {trashed_with})  range: what lies in the trash
(:ContextItem {parent_id, sort_key})  range: a page of children is one ordered index read
"""

from dataclasses import dataclass
from typing import Any

from neo4j import ManagedTransaction

from knowledgetree.basics.times import utc_now
from tree.graph import migrations
from tree.graph.connection import read, run_schema, write
from tree.graph.sibling_keys import sibling_key, sort_key
from tree.kinds import NODE_CLASSES, Folder, Ticket, searched_names
from tree.kinds.about import SHARED_INDEX
from tree.vocabulary import COMPANIES_ID, ROOT_ID

_ANALYZER = "standard-folding"


@dataclass(frozen=True)
class SearchIndex:
    """One full-text index. ``what`` it finds, in a reader's words."""

    name: str
    kinds: tuple[str, ...]
    properties: tuple[str, ...]
    what: str

    def creation(self) -> str:
        """The statement that makes it. Names cannot be parameters; these stand below."""
        return (
            f"CREATE FULLTEXT INDEX {self.name} IF NOT EXISTS "
            f"FOR (n:{'|'.join(self.kinds)}) ON EACH [{', '.join(f'n.{name}' for name in self.properties)}] "
            f"OPTIONS {{indexConfig: {{`fulltext.analyzer`: '{_ANALYZER}'}}}}"
        )


_FILE, _FILE_PROPERTIES = "File", ("original_filename", "text")  # files are no nodes of the tree


def _search_index(name: str, *more_kinds: str, and_properties: tuple[str, ...] = ()) -> SearchIndex:
    """The index of the kinds that name it, over all that they declare as searched."""
    classes = [node_class for node_class in NODE_CLASSES if node_class.about.search_index == name]
    kinds = [node_class.kind() for node_class in classes]
    properties = dict.fromkeys(name for kind in kinds for name in searched_names(kind))
    *first, last = [node_class.about.plural.lower() for node_class in classes if node_class is not Folder]
    what = f"{', '.join(first)} and {last}" if first else last
    return SearchIndex(name, (*kinds, *more_kinds), (*properties, *and_properties), what)


TICKET_INDEX = _search_index(Ticket.about.search_index)
RECORD_INDEX = _search_index(SHARED_INDEX, _FILE, and_properties=_FILE_PROPERTIES)
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
    "CREATE INDEX context_item_children IF NOT EXISTS FOR (n:ContextItem) ON (n.parent_id, n.sort_key)",
)
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
_IS_ROOTED = "MATCH (:ContextItem {id: $root})-[:PARENT_OF]->(:ContextItem {id: $companies}) RETURN true"


def set_up() -> list[str]:
    """Make what is missing, and wait until every index answers; names of the migrations that ran.

    Raises GraphUnavailable.
    """
    for statement in _CONSTRAINTS:
        run_schema(statement)
    create_search_indexes()
    write(_make_first_nodes)
    return migrations.migrate()


def create_search_indexes() -> None:
    """Make the search indexes that are not there, and wait until all indexes are online.

    One of other kinds or properties, from before an update, is made anew; what it alone found is not found meanwhile.
    """
    now = {row["name"]: row for row in read(_SEARCH_INDEXES_NOW)}
    for index in SEARCH_INDEXES:
        found = now.get(index.name)
        if found and _is_wanted(found, index):
            continue
        if found:
            drop_search_index(index)
        run_schema(index.creation())
        run_schema(_AWAIT_INDEXES)  # before the next: until then an old one of all kinds is searched
    run_schema(_AWAIT_INDEXES)


def ready_search_indexes() -> list[SearchIndex]:
    """Those that are there and answer."""
    online = {row["name"] for row in read(_SEARCH_INDEXES_NOW) if row["state"] == "ONLINE"}
    return [index for index in SEARCH_INDEXES if index.name in online]


def drop_search_index(index: SearchIndex) -> None:
    """For a first load, or to make it anew: kept on, it alone costs more than twice the writes."""
    run_schema(f"DROP INDEX {index.name} IF EXISTS")


def _is_wanted(found: dict[str, Any], index: SearchIndex) -> bool:
    return (
        set(found["kinds"]) == set(index.kinds)
        and set(found["properties"]) == set(index.properties)
        and found["analyzer"] == _ANALYZER
    )


def is_set_up() -> bool:
    """Whether ``setup_graph`` has been run on this database, by a version as new as this one."""
    names = {row["name"] for row in read("SHOW INDEXES YIELD name RETURN name")}
    has_root = bool(read(_IS_ROOTED, root=ROOT_ID, companies=COMPANIES_ID))
    has_indexes = {"context_item_id", "context_item_sibling_key", "context_item_children"} <= names
    return has_root and has_indexes and not migrations.missing()


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
    transaction.run(_FIRST_NODES, root=root, companies=companies).consume()

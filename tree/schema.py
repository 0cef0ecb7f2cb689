"""Constraints, indexes, the root and its first folder. Idempotent; what ``setup_graph`` runs.

(:ContextItem {id})            unique: what URLs carry
(:ContextItem {codex_key})     unique: one node for each record of Codex
(:ContextItem {sibling_key})   unique: a race for a name ends as an error, never as twins
(:Revision {id}), (:File {id}), (:TreeLock {name})  unique
(:File {filename})             range: links of the old application
(:ContextItem {trashed_with})  range: what lies in the trash
(:ContextItem {parent_id, sort_key})  range: a page of children is one ordered index read
"""

from datetime import UTC, datetime
from typing import Any

from neo4j import ManagedTransaction

from tree.connection import read, run_schema, write
from tree.models import COMPANIES_ID, ROOT_ID
from tree.naming import sibling_key, sort_key

FULLTEXT_INDEX = "context_item_text"
SEARCHED_KINDS = ("Folder", "Company", "User", "Asset", "Ticket", "Note", "File")
SEARCHED_PROPERTIES = (
    "name",
    "content",
    "account_number",
    "email",
    "secondary_emails",
    "title",
    "mobile_phone_number",
    "work_phone_number",
    "company_main_number",
    "domains",
    "hostname",
    "operating_system",
    "hardware_type",
    "last_logged_in_user",
    "ext_ip_address",
    "int_ip_address",
    "ticket_number",
    "subject",
    "requester_name",
    "requester_email",
    "original_filename",
    "text",
)
_ANALYZER = "standard-folding"

_CONSTRAINTS = (
    "CREATE CONSTRAINT context_item_id IF NOT EXISTS FOR (n:ContextItem) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT context_item_codex_key IF NOT EXISTS FOR (n:ContextItem) REQUIRE n.codex_key IS UNIQUE",
    "CREATE CONSTRAINT context_item_sibling_key IF NOT EXISTS FOR (n:ContextItem) REQUIRE n.sibling_key IS UNIQUE",
    "CREATE CONSTRAINT sync_lease_name IF NOT EXISTS FOR (l:SyncLease) REQUIRE l.name IS UNIQUE",
    "CREATE CONSTRAINT tree_lock_name IF NOT EXISTS FOR (l:TreeLock) REQUIRE l.name IS UNIQUE",
    "CREATE CONSTRAINT revision_id IF NOT EXISTS FOR (r:Revision) REQUIRE r.id IS UNIQUE",
    "CREATE CONSTRAINT file_id IF NOT EXISTS FOR (f:File) REQUIRE f.id IS UNIQUE",
    "CREATE INDEX file_filename IF NOT EXISTS FOR (f:File) ON (f.filename)",
    "CREATE INDEX context_item_trashed_with IF NOT EXISTS FOR (n:ContextItem) ON (n.trashed_with)",
    "CREATE INDEX context_item_children IF NOT EXISTS FOR (n:ContextItem) ON (n.parent_id, n.sort_key)",
)
_FULLTEXT = (
    f"CREATE FULLTEXT INDEX {FULLTEXT_INDEX} IF NOT EXISTS "
    f"FOR (n:{'|'.join(SEARCHED_KINDS)}) ON EACH [{', '.join(f'n.{name}' for name in SEARCHED_PROPERTIES)}] "
    f"OPTIONS {{indexConfig: {{`fulltext.analyzer`: '{_ANALYZER}'}}}}"
)
_FULLTEXT_NOW = (
    "SHOW FULLTEXT INDEXES YIELD name, labelsOrTypes AS kinds, properties, options WHERE name = $name "
    "RETURN kinds, properties, options.indexConfig['fulltext.analyzer'] AS analyzer"
)
_FULLTEXT_ONLINE = "SHOW FULLTEXT INDEXES YIELD name, state WHERE name = $name AND state = 'ONLINE' RETURN name"
_FIRST_NODES = """
MERGE (root:ContextItem {id: $root.id}) ON CREATE SET root:Folder, root += $root
MERGE (companies:ContextItem {id: $companies.id}) ON CREATE SET companies:Folder, companies += $companies
MERGE (root)-[:PARENT_OF]->(companies)
"""
_IS_ROOTED = "MATCH (:ContextItem {id: $root})-[:PARENT_OF]->(:ContextItem {id: $companies}) RETURN true"


def set_up() -> None:
    """Make what is missing, then wait until every index answers. Raises GraphUnavailable."""
    for statement in _CONSTRAINTS:
        run_schema(statement)
    create_fulltext_index()
    write(_make_first_nodes)


def create_fulltext_index() -> None:
    """Make the search index unless it is there, and wait until all indexes are online.

    One of other kinds or properties, from before an update, is made anew; the search finds nothing until it is ready.
    """
    now = read(_FULLTEXT_NOW, name=FULLTEXT_INDEX)
    if now and not _is_wanted(now[0]):
        drop_fulltext_index()
    run_schema(_FULLTEXT)
    run_schema("CALL db.awaitIndexes(600)")


def has_fulltext_index() -> bool:
    """Whether the search index is there and answers."""
    return bool(read(_FULLTEXT_ONLINE, name=FULLTEXT_INDEX))


def drop_fulltext_index() -> None:
    """For a first load, or to make it anew: kept on, the index alone costs more than twice the writes."""
    run_schema(f"DROP INDEX {FULLTEXT_INDEX} IF EXISTS")


def _is_wanted(index: dict[str, Any]) -> bool:
    return (
        set(index["kinds"]) == set(SEARCHED_KINDS)
        and set(index["properties"]) == set(SEARCHED_PROPERTIES)
        and index["analyzer"] == _ANALYZER
    )


def is_set_up() -> bool:
    """Whether ``setup_graph`` has been run on this database."""
    names = {row["name"] for row in read("SHOW INDEXES YIELD name RETURN name")}
    has_root = bool(read(_IS_ROOTED, root=ROOT_ID, companies=COMPANIES_ID))
    return has_root and {"context_item_id", "context_item_sibling_key", "context_item_children"} <= names


def _make_first_nodes(transaction: ManagedTransaction) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
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

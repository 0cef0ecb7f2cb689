"""Recognises the graph of the old application, which this one cannot take over where it lies.

The old application made no constraints and gave its nodes no ``origin``. Its ids can be there several times, and its
root has the id of ours; set up beside it, the two trees would grow into one another.
"""

from django.conf import settings

from tree.exceptions import ForeignGraph
from tree.graph.connection import read
from tree.vocabulary import ROOT_ID

_HAS_OUR_CONSTRAINT = "SHOW CONSTRAINTS YIELD name WHERE name = 'context_item_id' RETURN name"
_IS_OLD_ROOT = "MATCH (n:ContextItem {id: $root}) WHERE n.origin IS NULL RETURN true AS is_old LIMIT 1"
_OLD_NODES = "MATCH (n:ContextItem) WHERE n.origin IS NULL RETURN count(n) AS number"
_REPEATED_IDS = """
MATCH (n:ContextItem) WITH n.id AS id, count(n) AS times WHERE times > 1
RETURN count(id) AS number
"""
# Notes and folders of staff that lie in synced folders; the old application's export leaves them out.
_LEFT_OUT = """
MATCH (synced:ContextItem {read_only: true})-[:PARENT_OF]->(n:ContextItem)
WHERE n.origin IS NULL AND NOT coalesce(n.read_only, false)
RETURN count(DISTINCT n) AS number
"""


def refuse_old_graph() -> None:
    """Raises ForeignGraph, which says what to do, if Neo4j holds a graph of the old application or repeated ids.

    It only reads. On a graph that is set up, it costs two short queries.
    """
    if read(_HAS_OUR_CONSTRAINT) and not read(_IS_OLD_ROOT, root=ROOT_ID):
        return
    old, repeated = _number(_OLD_NODES), _number(_REPEATED_IDS)
    if old:
        raise ForeignGraph(f"{_described(old, repeated)} {_WHAT_TO_DO}{_warning(_number(_LEFT_OUT))}")
    if repeated:
        raise ForeignGraph(
            f"In the Neo4j at {settings.NEO4J.uri}, {repeated:,} ids belong to several nodes, so it is no sound graph "
            "of KnowledgeTree. Nothing was changed. Restore a backup (`manage.py neo4j restore FILE`), or start with "
            "an empty database and `manage.py import_tree FILE`."
        )


_WHAT_TO_DO = (
    "Nothing was changed. Export it with the old application (Settings, Export), start this one with an empty "
    "database (neo4j_uri or NEO4J_DATABASE), run `manage.py sync_codex`, so that the companies are there, and then "
    "`manage.py import_tree knowledgetree_export.json`. docs/install.md has all steps of the move."
)


def _described(old: int, repeated: int) -> str:
    and_repeated = f", {repeated:,} ids of them more than once" if repeated else ""
    return f"The Neo4j at {settings.NEO4J.uri} holds a graph of the old application ({old:,} nodes{and_repeated})."


def _warning(left_out: int) -> str:
    if not left_out:
        return ""
    return f" That export leaves out what staff made in synced folders ({left_out:,} here): copy it by hand."


def _number(query: str) -> int:
    return int(read(query)[0]["number"])

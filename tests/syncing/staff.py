"""Staff notes as the pages will write them, put straight into the graph."""

from tests.throwaway_neo4j import Graph
from tree.graph.search_keys import search_properties
from tree.graph.sibling_keys import sibling_key, sort_key

_WRITE = """
MATCH (parent:ContextItem {id: $parent})
CREATE (parent)-[:PARENT_OF]->(n:ContextItem:Note) SET n = $properties
"""


def staff_note(graph: Graph, parent_id: str, name: str, content: str = "Written by staff.") -> str:
    """A note of staff below that node; returns its id."""
    uid = f"staff-{abs(hash((parent_id, name)))}"
    properties = {
        "id": uid,
        "name": name,
        "content": content,
        "origin": "staff",
        "is_folder": False,
        "is_attached": False,
        "read_only": False,
        "version": 3,
        "created_at": "2026-01-01T00:00:00+00:00",
        "updated_at": "2026-01-02T00:00:00+00:00",
        "parent_id": parent_id,
        "sibling_key": sibling_key(parent_id, name),
        "sort_key": sort_key(name, is_folder=False),
    }
    graph.rows(_WRITE, parent=parent_id, properties=properties | search_properties("Note", properties))
    return uid

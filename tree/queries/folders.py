"""The folders of the tree, and what the old application would call so, from the root on."""

from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tree.graph.connection import read
from tree.graph.values import Row
from tree.kinds import FOLDER_KINDS
from tree.queries.columns import MAY_READ_CHILD, ROW, row
from tree.vocabulary import MAX_DEPTH, ROOT_ID

_BELOW = (
    """
MATCH (f:ContextItem) USING INDEX f:ContextItem(parent_id, sort_key)
WHERE f.parent_id IN $parents AND f.sort_key >= '' AND f.trashed_at IS NULL AND f.archived_at IS NULL
  AND ("""
    + " OR ".join(f"f:{kind}" for kind in FOLDER_KINDS)
    + """)
  AND """
    + MAY_READ_CHILD % {"n": "f"}
    + """
WITH f ORDER BY f.parent_id, f.sort_key, f.id LIMIT $limit
RETURN f.parent_id AS parent, f"""
    + ROW % {"n": "f"}
    + " AS row"
)


def get_folders(*, reader: Reader = EVERYTHING, limit: int) -> tuple[list[tuple[str, Row]], bool]:
    """The first live folders, each with the id of its parent, level by level; and whether those are all."""
    found: list[tuple[str, Row]] = []
    parents = [ROOT_ID]
    for _ in range(MAX_DEPTH):
        left = limit - len(found)
        rows = read(_BELOW, parents=parents, limit=left + 1, **reader.parameters)
        found += [(str(r["parent"]), row(r["row"])) for r in rows[:left]]
        if len(rows) > left:
            return found, False
        parents = [str(r["row"]["id"]) for r in rows]
        if not parents:
            break
    return found, True

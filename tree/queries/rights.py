"""Whether a node may be read: asked before a query of what belongs to it, by readers who may not read everything."""

from knowledgetree.basics.readers import EVERYTHING, Reader
from tree.exceptions import NodeNotFound
from tree.graph.connection import read
from tree.queries.columns import MAY_READ, MAY_VISIT

_READABLE = "MATCH (n:ContextItem {id: $id}) WHERE " + MAY_READ % {"n": "n"} + " RETURN n.id AS id"
_VISITABLE = "MATCH (n:ContextItem {id: $id}) WHERE " + MAY_VISIT % {"n": "n"} + " RETURN n.id AS id"


def require_readable(uid: str, reader: Reader) -> None:
    """Raises NodeNotFound for a node that the reader may not read, as if there were none."""
    _require(_READABLE, uid, reader)


def require_visitable(uid: str, reader: Reader) -> None:
    """Like ``require_readable``, but lets readers of some companies pass the nodes above these."""
    _require(_VISITABLE, uid, reader)


def _require(statement: str, uid: str, reader: Reader) -> None:
    if reader != EVERYTHING and not read(statement, id=uid, **reader.parameters):
        raise NodeNotFound(f"No node has the id {uid!r}.")

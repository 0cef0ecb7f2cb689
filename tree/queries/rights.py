"""Whether a node may be read: asked before a query of what belongs to it, by readers who may not read everything.

A request asks once about a node: its reader remembers the answer. Everybody may pass the nodes above all companies, and
who may pass any other one may read it.
"""

from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tree.exceptions import NodeNotFound
from tree.graph.connection import read
from tree.queries.columns import MAY_READ, MAY_VISIT, WAY_IDS

_READABLE = "MATCH (n:ContextItem {id: $id}) WHERE " + MAY_READ % {"n": "n"} + " RETURN n.id AS id"
_VISITABLE = "MATCH (n:ContextItem {id: $id}) WHERE " + MAY_VISIT % {"n": "n"} + " RETURN n.id AS id"


def require_readable(uid: str, reader: Reader) -> None:
    """Raises NodeNotFound for a node that the reader may not read, as if there were none."""
    _require(_READABLE, uid, reader)


def require_visitable(uid: str, reader: Reader) -> None:
    """Like ``require_readable``, but lets readers of some companies pass the nodes above these."""
    if uid not in WAY_IDS:
        _require(_VISITABLE, uid, reader)


def note_readable(uid: str, reader: Reader) -> None:
    """The reader was found to be allowed to read this node, or to pass it, and need not be asked again."""
    if reader != EVERYTHING and uid not in WAY_IDS:
        reader.found_readable.add(uid)


def _require(statement: str, uid: str, reader: Reader) -> None:
    if reader == EVERYTHING or uid in reader.found_readable:
        return
    if not read(statement, id=uid, **reader.parameters):
        raise NodeNotFound(f"No node has the id {uid!r}.")
    note_readable(uid, reader)

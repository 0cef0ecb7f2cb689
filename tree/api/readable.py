"""The nodes that a request may read: the rules of every way in, both APIs and the tools of assistants."""

from collections.abc import Iterable

from knowledgetree.basics.rights.reader import Reader
from knowledgetree.basics.rights.withholding import Part, Withheld
from tree import audited, queries
from tree.api.compliance import Disclosure, levels_of
from tree.exceptions import Forbidden
from tree.graph.values import Crumb, Node, Row
from tree.kinds import RECORD_KINDS


def disclosed(uid: str, reader: Reader, withheld: Withheld) -> Node:
    """The node with this id, even if it lies in the trash. ``withheld``: what is withheld from the reader, by level.

    Raises NodeNotFound, also for one that the reader may not read; Forbidden for one that is withheld as a whole.
    """
    node = queries.get_node(uid, reader=reader)
    is_asked = any(Part.TICKETS in parts for parts in withheld.values())
    if is_asked and Disclosure(levels_of(node.path), withheld).hides(node.path):
        raise Forbidden("Tickets of this company are withheld from you, because of its compliance level.")
    return node


def told(ids: Iterable[str], reader: Reader, withheld: Withheld, beside: Node | None = None) -> dict[str, bool]:
    """Those of these nodes that the reader may know of, and whether their texts, too. The audit log is told of them.

    ``withheld``: what is withheld from the reader, by level. ``beside``: a node that the reader was found to be allowed
    to read with its relations; of related records of the same company, the graph is not asked again.
    """
    wanted, near = list(ids), _ways_beside(beside) if beside else {}
    ways = {uid: near[uid] for uid in wanted if uid in near}
    placed = queries.get_placed([uid for uid in wanted if uid not in near], reader=reader)
    ways |= {uid: (*one.path, one.row) for uid, one in placed.items()}
    known = Disclosure(levels_of(one for way in ways.values() for one in way), withheld)
    seen = {uid: not known.hides_text(way) for uid, way in ways.items() if not known.hides(way)}
    for uid in seen:
        audited.note_handed_out(ways[uid])
    return seen


def _ways_beside(node: Node) -> dict[str, tuple[Crumb | Row, ...]]:
    """The company and the record, for related records of the company that the node belongs to."""
    company = node.company
    if company is None or not company.account_number:
        return {}
    rows = (relation.row for relation in node.relations if relation.row.kind in RECORD_KINDS)
    return {row.uid: (company, row) for row in rows if row.account_number == company.account_number}


def require_inside(node: Node) -> None:
    """Raises Forbidden for a node that only leads a token of some companies to these."""
    if node.is_way:
        raise Forbidden("This token may write below its companies only.")

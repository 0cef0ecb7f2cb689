"""What the audit log is told of the nodes that a response contains, with the company of each."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from knowledgetree.audit import log
from knowledgetree.audit.log import Client
from tree.graph.values import Crumb, File, Node, Row
from tree.kinds import Company

if TYPE_CHECKING:
    from tree.context.pack import Pack


def note_shown(node: Node) -> None:
    """A page shows this node."""
    log.note([node.uid], client_above(node.path), node.title)


def note_handed_out(way: Sequence[Crumb | Row | Node]) -> None:
    """A response of the API contains a node. ``way``: the nodes from the root to it, itself included."""
    if way:
        log.note([way[-1].uid], client_above(way))


def note_file(file: File) -> None:
    """A file is handed out, which counts for each node that holds it and that its reader may read."""
    for way in file.ways:
        log.note([way[-1].uid], client_above(way), file.name)


def note_pack(pack: "Pack") -> None:
    """A context is handed out. What it leaves out counts, too, because it is named there."""
    for line in pack.lines:
        note_handed_out(line.path)


def note_rows(trail: log.Trail | None, rows: Iterable[tuple[str, Row | None]]) -> None:
    """A list that is sent contains these nodes, each with its company."""
    if trail is not None:
        for uid, company in rows:
            trail.note([uid], client_above([company] if company else []))


def client_above(way: Sequence[Crumb | Row | Node]) -> Client | None:
    """The nearest company on the way; None if there is none."""
    company = next((one for one in reversed(way) if one.kind == Company.kind()), None)
    return Client(company.account_number, company.name) if company else None

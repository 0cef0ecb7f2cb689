"""The compliance level that goes along with everything that leaves by the API. Services filter texts by it.

Because nothing leaves without it, the audit log is told here what leaves.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tree import audited, queries
from tree.graph.values import Crumb, Node, Row
from tree.kinds import Company
from tree.vocabulary import LEVELS, STANDARD, STRICTEST


def levels_of(crumbs: Iterable[Crumb | Row]) -> dict[str, str]:
    """The levels of the companies among these nodes, by company id. An unknown or missing level is the strictest."""
    ids = {crumb.uid for crumb in crumbs if crumb.kind == Company.kind()}
    known = queries.get_compliance_levels(ids)
    queries.get_account_numbers(ids)  # of all at once, before each node is told to the audit log
    return {uid: known[uid] if known.get(uid) in LEVELS else STRICTEST for uid in ids}


def compliance(way: Sequence[Crumb | Row | Node], levels: Mapping[str, str]) -> dict[str, Any]:
    """The keys for a node. ``way``: the nodes from the root to it, itself included; ``levels``: of ``levels_of``.

    The nearest company counts. What belongs to none is standard. The audit log is told of the node.
    """
    audited.note_handed_out(way)
    company = next((one.uid for one in reversed(way) if one.kind == Company.kind()), None)
    level = levels[company] if company else STANDARD
    return {"company_id": company, "compliance_level": level, "company_compliance_level": level}

"""Relations outside the tree structure that follow from a record's properties."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """A relation that a node has because one of its properties holds the ``codex_key`` of another node.

    ``type`` is the relation's type and ``to`` the kind of the other node. ``via`` is the property that holds the other
    node's key or a list of keys. ``evidence`` is the reason for the relation, as displayed. ``part`` is a suffix
    (``:tickets``) of the key, used if the other node is a folder of the record instead of the record itself.
    ``incoming``: the relation points from the other node to this one. ``seen_from_there`` is its label on the other
    node's page, if that differs from the type. Two links of one kind may share ``type`` and ``via``: a key may then
    belong to a node of either kind.
    """

    type: str
    to: str
    via: str
    evidence: str
    part: str = ""
    incoming: bool = False
    seen_from_there: str = ""

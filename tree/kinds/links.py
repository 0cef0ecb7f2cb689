"""Relations beside the tree that a record's facts tell of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """A relation that nodes of a kind have because one of their properties holds the ``codex_key`` of another node.

    ``type``: the relation's type; ``to``: the kind of the other node; ``via``: the property with its key, or a list of
    keys; ``evidence``: how we know, as pages show it; ``part``: what is added to the key where the other node is not
    that of the record itself, but one of its folders (``:tickets``); ``incoming``: the relation comes from the other
    node; ``seen_from_there``: what the other node's page calls it, if not by its type. Two links of one kind may share
    ``type`` and ``via``: each key then leads to a node of either kind.
    """

    type: str
    to: str
    via: str
    evidence: str
    part: str = ""
    incoming: bool = False
    seen_from_there: str = ""

"""What leaves the tree for services: the compliance level of the company goes along, and what it withholds stays here.

Every JSON item that a program gets passes through ``Disclosure.item``, in the routes of the old application as well as
in newer ones; ``hides`` says which nodes are left out as a whole. The settings WITHHELD_FROM_SERVICES and
WITHHELD_FROM_TOKENS say what is withheld at each level, and whether from API tokens as well. People are told everything
that they may read.

Because nothing leaves without this, the audit log is told here what leaves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from knowledgetree.accounts.identify import identity_of
from knowledgetree.accounts.identity import Via
from knowledgetree.basics.rights.withholding import LEVELS, STANDARD, STRICTEST, Part, Withheld
from tree import audited
from tree.exceptions import Forbidden
from tree.graph.values import Crumb, Node, Row
from tree.kinds import NODE_CLASS, NODE_CLASSES, RECORD_KINDS, Company, Note, Ticket, User
from tree.kinds.declaration.fields import Sort
from tree.vocabulary import ORIGIN_CODEX

Way = Sequence[Crumb | Row | Node]  # the nodes from the root to one, itself the last
# The keys of an item whose values are the node's text, its files, or ways to reach somebody.
TEXT_KEYS = frozenset({"content", "content_html", "content_markdown", "description", "snippet", "summary", "text"})
FILE_KEYS = frozenset({"files"})
CONTACT_KEYS = frozenset(
    name
    for node_class in NODE_CLASSES
    for name, field in node_class.fields().items()
    if field.sort in (Sort.EMAIL, Sort.PHONE)
)
NESTED = ("fields", "facts", "properties")  # keys of objects within an item that hold properties of the node
_OF_CONTACTS = frozenset(  # kinds whose texts consist of contact fields; the texts of tickets are a part of their own
    kind for kind in RECORD_KINDS if kind != Ticket.kind() and not CONTACT_KEYS.isdisjoint(NODE_CLASS[kind].fields())
)


def levels_of(crumbs: Iterable[Crumb | Row]) -> dict[str, str]:
    """The levels of the companies among these nodes, by company id. An unknown or missing level is the strictest."""
    levels = {crumb.uid: crumb.compliance_level for crumb in crumbs if crumb.kind == Company.kind()}
    return {uid: level if level in LEVELS else STRICTEST for uid, level in levels.items()}


def compliance(way: Way, levels: Mapping[str, str]) -> dict[str, Any]:
    """The keys for a node. ``levels``: of ``levels_of``.

    The nearest company counts. What belongs to none is standard. The audit log is told of the node.
    """
    audited.note_handed_out(way)
    level = _level(way, levels)
    return {"company_id": _company(way), "compliance_level": level, "company_compliance_level": level}


def withheld_from(request: HttpRequest) -> Withheld:
    """What is withheld from whoever sends this request, by level; empty if nothing is."""
    return withheld_by(identity_of(request).via)


def withheld_by(via: Via) -> Withheld:
    """What is withheld from those who come in this way, by level; empty if nothing is."""
    is_limited = via is Via.SERVICE or (via is Via.TOKEN and settings.WITHHELD_FROM_TOKENS)
    withheld: Withheld = settings.WITHHELD if is_limited else {}
    return withheld


def withholds_anywhere(request: HttpRequest, *parts: Part) -> bool:
    """Whether one of these parts is withheld from this request, at any level."""
    return any(part in found for found in withheld_from(request).values() for part in parts)


@dataclass(frozen=True)
class Disclosure:
    """What a request may be told of some nodes. ``levels``: of their companies, by id (``levels_of``)."""

    levels: Mapping[str, str]
    withheld: Withheld

    @classmethod
    def of(cls, request: HttpRequest, nodes: Iterable[Crumb | Row]) -> "Disclosure":
        """For a request that is about these nodes; the companies on the ways to them must be among them."""
        return cls(levels_of(nodes), withheld_from(request))

    def parts(self, way: Way) -> frozenset[Part]:
        """The parts of this node that are withheld."""
        if not self.withheld:
            return frozenset()
        found = self.withheld.get(_level(way, self.levels), frozenset())
        return found if _is_in_ticket(way) else found - {Part.TICKETS, Part.TICKET_TEXTS}

    def hides(self, way: Way) -> bool:
        """Whether the node is withheld as a whole: it then has no item."""
        return Part.TICKETS in self.parts(way)

    def hides_text(self, way: Way) -> bool:
        """Whether the node's text is withheld."""
        parts = self.parts(way)
        is_of_contacts = Part.CONTACTS in parts and _consists_of_contacts(way)
        return is_of_contacts or not parts.isdisjoint({Part.TEXTS, Part.TICKET_TEXTS, Part.TICKETS})

    def hidden_keys(self, way: Way) -> frozenset[str]:
        """The keys of an item, and names of properties, whose values are withheld."""
        parts = self.parts(way)
        texts = TEXT_KEYS if self.hides_text(way) else frozenset()
        files = FILE_KEYS if Part.FILES in parts else frozenset()
        return texts | files | (CONTACT_KEYS if Part.CONTACTS in parts else frozenset())

    def item(self, values: Mapping[str, Any], way: Way) -> dict[str, Any]:
        """The item of a node, with the keys of ``compliance``; what is withheld is empty, and named in ``withheld``."""
        hidden = self.hidden_keys(way)
        found: dict[str, Any] = {}
        withheld: list[str] = []
        for name, value in values.items():
            if name in NESTED and isinstance(value, Mapping):
                withheld += [f"{name}.{inner}" for inner in value if inner in hidden]
                found[name] = {inner: _emptied(one) if inner in hidden else one for inner, one in value.items()}
            else:
                withheld += [name] if name in hidden else []
                found[name] = _emptied(value) if name in hidden else value
        return found | compliance(way, self.levels) | {"withheld": sorted(withheld)}


def require_no_less_withheld(request: HttpRequest, way: Sequence[Crumb], to: Sequence[Crumb]) -> None:
    """Raises Forbidden if what is withheld of a node, or of what lies below it, would be told at another place.

    ``way``: from the root to the node; ``to``: to its new parent. Contacts do not count, because only notes and folders
    of staff change places, and these have none.
    """
    known = Disclosure.of(request, [*way, *to]) if withheld_from(request) else None
    if known and known.parts(way) - known.parts(to) - {Part.CONTACTS}:
        raise Forbidden(
            "What is withheld from you here, because of the compliance level of the company, would not be withheld "
            "there. A person has to do this."
        )


def _company(way: Way) -> str | None:
    return next((one.uid for one in reversed(way) if one.kind == Company.kind()), None)


def _level(way: Way, levels: Mapping[str, str]) -> str:
    company = _company(way)
    return levels[company] if company else STANDARD


def _is_in_ticket(way: Way) -> bool:
    return any(one.kind == Ticket.kind() or getattr(one, "is_ticket", False) for one in way)


def _consists_of_contacts(way: Way) -> bool:
    last = way[-1]
    if last.kind != Note.kind():
        return last.kind in _OF_CONTACTS
    is_synced = isinstance(last, Row) and last.fields.get("origin") == ORIGIN_CODEX
    return getattr(last, "is_card", False) or (is_synced and len(way) > 1 and way[-2].kind == User.kind())


def _emptied(value: Any) -> Any:
    if isinstance(value, str):
        return ""
    return [] if isinstance(value, list | tuple) else None

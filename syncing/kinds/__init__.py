"""Lists the kinds of record that Codex has; each kind has a module of its own in this package.

A kind defines how its records are read, keyed and named, which properties and text their nodes get, and which nodes
they are linked to (``kind.py``). To add a kind, write its module here and its class in ``tree/kinds/``, then add it to
this list.
"""

from collections.abc import Mapping
from typing import Any

from syncing.kinds.asset import Assets
from syncing.kinds.company import Companies
from syncing.kinds.contact import Contacts
from syncing.kinds.declaration.desired import Desired, folder
from syncing.kinds.declaration.key import company_key, part_of
from syncing.kinds.declaration.kind import Kind
from syncing.kinds.location import Locations
from syncing.kinds.ticket import Tickets
from tree.vocabulary import FOLDER

COMPANIES, CONTACTS, LOCATIONS, ASSETS, TICKETS = Companies(), Contacts(), Locations(), Assets(), Tickets()
# The lists of each company that sync_codex and sync_tickets fetch, in order.
OF_CODEX: tuple[Kind[Any], ...] = (CONTACTS, LOCATIONS, ASSETS)
OF_TICKETS: tuple[Kind[Any], ...] = (TICKETS,)
OF_A_COMPANY = OF_CODEX + OF_TICKETS
KINDS: tuple[Kind[Any], ...] = (COMPANIES, *OF_A_COMPANY)
_BY_NAME = {kind.name: kind for kind in KINDS}
_BY_LIST = {kind.list_name: kind for kind in KINDS}

# All kinds of node that a sync creates; the targets of links come before the nodes that link to them.
LABELS = tuple(
    dict.fromkeys((COMPANIES.label, FOLDER, *(label for k in KINDS for label in (k.label, *k.parts.values()))))
)


def kind_named(name: str) -> Kind[Any] | None:
    """The kind whose records or list a refusal calls by this name; None if there is none."""
    return _BY_NAME.get(name) or _BY_LIST.get(name)


def company_folders(account: str) -> list[Desired]:
    """The folders of a company, one for each kind of record that it has."""
    parent = company_key(account)
    return [folder(part_of(parent, part), name) for part, name in (kind.folder for kind in OF_A_COMPANY)]


def remembered(node: Desired, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that a node keeps of those it had, besides what Codex has now; none that are empty."""
    kind = _BY_NAME.get(node.record)
    kept = kind.remembered(before, after) if kind and node.kind == kind.label else {}
    return {name: value for name, value in kept.items() if value}


def properties(node: Desired, account: str) -> dict[str, Any]:
    """All synced properties of a node, without nulls and empty lists."""
    facts = _BY_NAME[node.record].rendered(node, account) if node.record else {"content": ""}
    facts |= {"name": node.name, "codex_key": node.key, "fingerprint": node.fingerprint}
    return {name: value for name, value in facts.items() if value is not None and value != []}

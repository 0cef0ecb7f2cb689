"""The kinds of record that Codex has: one file each, and here the list of them.

A kind says how its records are read, keyed and named, which properties and text their nodes get, and what they are
linked to (``kind.py``). To add one: its file here, its class in ``tree/kinds/``, and its place in this list.
"""

from typing import Any

from syncing.kinds.asset import Assets
from syncing.kinds.company import Companies
from syncing.kinds.contact import Contacts
from syncing.kinds.desired import Desired, folder
from syncing.kinds.key import company_key, part_of
from syncing.kinds.kind import Kind
from syncing.kinds.location import Locations
from syncing.kinds.ticket import Tickets
from tree.vocabulary import FOLDER

COMPANIES, CONTACTS, LOCATIONS, ASSETS, TICKETS = Companies(), Contacts(), Locations(), Assets(), Tickets()
# The lists of a company that sync_codex and sync_tickets bring, in their order.
OF_CODEX: tuple[Kind[Any], ...] = (CONTACTS, LOCATIONS, ASSETS)
OF_TICKETS: tuple[Kind[Any], ...] = (TICKETS,)
OF_A_COMPANY = OF_CODEX + OF_TICKETS
KINDS: tuple[Kind[Any], ...] = (COMPANIES, *OF_A_COMPANY)
_BY_NAME = {kind.name: kind for kind in KINDS}
_BY_LIST = {kind.list_name: kind for kind in KINDS}

# All kinds of node that a sync makes, in an order in which what is linked to comes first.
LABELS = tuple(
    dict.fromkeys((COMPANIES.label, FOLDER, *(label for k in KINDS for label in (k.label, *k.parts.values()))))
)


def kind_named(name: str) -> Kind[Any] | None:
    """The kind whose records, or whose list, have this name in a refusal."""
    return _BY_NAME.get(name) or _BY_LIST.get(name)


def company_folders(account: str) -> list[Desired]:
    """The folders of a company, one for each kind of record that it has."""
    parent = company_key(account)
    return [folder(part_of(parent, part), name) for part, name in (kind.folder for kind in OF_A_COMPANY)]


def properties(node: Desired, account: str) -> dict[str, Any]:
    """All synced properties of a node, nulls left out."""
    facts = _BY_NAME[node.record].rendered(node, account) if node.record else {"content": ""}
    facts |= {"name": node.name, "codex_key": node.key, "fingerprint": node.fingerprint}
    return {name: value for name, value in facts.items() if value is not None and value != []}

"""Nodes of a tree as the sync would leave them, made in a few lines for tests of reading."""

import uuid
from collections.abc import Iterable
from typing import Any

from neo4j import ManagedTransaction

from tree.graph.connection import write
from tree.graph.search_keys import search_properties
from tree.graph.sibling_keys import retired_sibling_key, sibling_key, sort_key
from tree.vocabulary import COMPANIES_ID

NOW = "2026-11-20T08:00:00+00:00"
_CREATE = """
MATCH (p:ContextItem {id: $parent}) CREATE (p)-[:PARENT_OF]->(n:ContextItem) SET n = $properties
WITH n CALL (n) { WITH n WHERE $kind = 'Folder' SET n:Folder } CALL (n) { WITH n WHERE $kind = 'Company' SET n:Company }
CALL (n) { WITH n WHERE $kind = 'User' SET n:User } CALL (n) { WITH n WHERE $kind = 'Asset' SET n:Asset }
CALL (n) { WITH n WHERE $kind = 'Location' SET n:Location }
CALL (n) { WITH n WHERE $kind = 'Ticket' SET n:Ticket } CALL (n) { WITH n WHERE $kind = 'Note' SET n:Note }
"""
_ENDS = "MATCH (a:ContextItem {id: $a}), (b:ContextItem {id: $b}) "
_RELATE = {
    "REQUESTED_BY": _ENDS + "CREATE (a)-[:REQUESTED_BY {evidence: $e}]->(b)",
    "USED_BY": _ENDS + "CREATE (a)-[:USED_BY {evidence: $e}]->(b)",
    "MENTIONS": _ENDS + "CREATE (a)-[:MENTIONS {evidence: $e}]->(b)",
    "LINKS_TO": _ENDS + "CREATE (a)-[:LINKS_TO {evidence: $e}]->(b)",
}


Statement = tuple[str, dict[str, Any]]  # in Cypher, with its parameters


def node(
    kind: str, name: str, parent: str = COMPANIES_ID, *, is_archived: bool = False, **properties: Any
) -> tuple[str, Statement]:
    """The id of a node below another one, and the statement that creates it."""
    uid = str(properties.pop("uid", "") or uuid.uuid4())
    is_folder = kind == "Folder"
    key = retired_sibling_key(parent, name, uid) if is_archived else sibling_key(parent, name)
    stored = {
        "id": uid,
        "name": name,
        "parent_id": parent,
        "sibling_key": key,
        "sort_key": sort_key(name, is_folder),
        "origin": "codex",
        "content": "",
        "is_folder": is_folder,
        "is_attached": False,
        "read_only": True,
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    }
    if is_archived:
        stored["archived_at"] = NOW
    stored |= properties
    return uid, (_CREATE, {"parent": parent, "kind": kind, "properties": stored | search_properties(kind, stored)})


def relation(name: str, a: str, b: str, evidence: str = "requester e-mail") -> Statement:
    """The statement that draws a relation beside the tree."""
    return _RELATE[name], {"a": a, "b": b, "e": evidence}


def run_together(statements: Iterable[Statement]) -> None:
    """One transaction for all, which is much cheaper than one for each."""
    wanted = list(statements)

    def all_of_them(transaction: ManagedTransaction) -> None:
        for cypher, parameters in wanted:
            transaction.run(cypher, parameters).consume()

    write(all_of_them)


def make(kind: str, name: str, parent: str = COMPANIES_ID, *, is_archived: bool = False, **properties: Any) -> str:
    """Create a node below another one; returns its id."""
    uid, creation = node(kind, name, parent, is_archived=is_archived, **properties)
    run_together([creation])
    return uid


def relate(name: str, a: str, b: str, evidence: str = "requester e-mail") -> None:
    """Draw a relation beside the tree."""
    run_together([relation(name, a, b, evidence)])


class Acme:
    """A small company with one person, one computer and three tickets: open, closed, archived."""

    def __init__(self) -> None:
        self._statements: list[Statement] = []
        self.company = self._node(
            "Company",
            "Acme Dental",
            account_number="1001",
            compliance_level="hipaa",
            domains=["acme.example"],
            content="# Acme Dental\n\nTwo **sites**.",
            codex_key="company:1001",
        )
        self.users = self._node("Folder", "Users", self.company, codex_key="company:1001:users")
        self.assets = self._node("Folder", "Assets", self.company, codex_key="company:1001:assets")
        self.tickets = self._node("Folder", "Tickets", self.company, codex_key="company:1001:tickets")
        self.ana = self._node(
            "User",
            "Ana Díaz",
            self.users,
            account_number="1001",
            email="ana@acme.example",
            title="Manager",
            mobile_phone_number="+1 555 0100",
            active=True,
            codex_key="user:1001:1",
        )
        self.contact = self._node(
            "Note",
            "Contact.md",
            self.ana,
            codex_key="user:1001:1:contact",
            content="# Contact Information for Ana Díaz\n\n- **Email:** ana@acme.example",
        )
        self.ana_tickets = self._node("Folder", "Tickets", self.ana, is_attached=True, codex_key="user:1001:1:tickets")
        self.laptop = self._node(
            "Asset",
            "LAPTOP-59.md",
            self.assets,
            account_number="1001",
            hostname="LAPTOP-59",
            int_ip_address="10.0.3.7",
            operating_system="Windows 11 Pro",
            online=True,
            backup_data_bytes=1024,
        )
        self.open = self._node(
            "Ticket",
            "Ticket_7.md",
            self.tickets,
            account_number="1001",
            ticket_number="40007",
            subject="VPN is down",
            status="open",
            requester_email="ana@acme.example",
            last_updated_at="2026-11-01T09:00:00Z",
            content="# Ticket #40007: VPN is down\n\n## Internal notes\n\nThe secret splines need reticulating.",
        )
        self.closed = self._node(
            "Ticket",
            "Ticket_8.md",
            self.tickets,
            account_number="1001",
            ticket_number="40008",
            subject="Printer jams",
            status="closed",
            closed_at="2026-11-09T09:00:00Z",
            last_updated_at="2026-11-09T09:00:00Z",
        )
        self.gone = self._node(
            "Ticket",
            "Ticket_9.md",
            self.tickets,
            is_archived=True,
            account_number="1001",
            ticket_number="40009",
            subject="Old splines",
            status="closed",
            last_updated_at="2026-10-09T09:00:00Z",
        )
        for ticket in (self.open, self.closed, self.gone):
            self._relate("REQUESTED_BY", ticket, self.ana)
            self._relate("LINKS_TO", self.ana_tickets, ticket)
        self._relate("USED_BY", self.laptop, self.ana, "last logged-in user")
        for ticket in (self.closed, self.open, self.gone):
            self._relate("MENTIONS", ticket, self.laptop, "hostname in the text")
        run_together(self._statements)

    def _node(self, *arguments: Any, **properties: Any) -> str:
        uid, creation = node(*arguments, **properties)
        self._statements.append(creation)
        return uid

    def _relate(self, *arguments: str) -> None:
        self._statements.append(relation(*arguments))

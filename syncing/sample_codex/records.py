"""Defines the records of Codex, with all fields in Codex's order. A field may be null if its type allows it.

Without ``gc``: hundreds of thousands of these live at once, and none refers back to another.
"""

import msgspec


class Company(msgspec.Struct, gc=False):
    """A client. ``domains`` is a JSON list inside a string, or plain text."""

    account_number: str
    name: str
    description: str | None
    compliance_level: str | None
    billing_plan: str | None
    contract_term_length: str | None
    contract_start_date: str | None
    contract_end_date: str | None
    support_level: str | None
    profit_or_non_profit: str | None
    company_main_number: str | None
    company_start_date: str | None
    domains: str | None
    phone_system: str | None
    email_system: str | None


class Contact(msgspec.Struct, gc=False):
    """A person; listed under each company that they belong to, then with the same ``id``."""

    id: int
    name: str
    email: str
    title: str | None
    employment_type: str | None
    active: bool | None
    mobile_phone_number: str | None
    work_phone_number: str | None
    secondary_emails: str | None


class Asset(msgspec.Struct, gc=False):
    """A computer. ``last_logged_in_user``: ``jsmith``, ``ACME\\jsmith`` or ``jsmith@acme.example``."""

    id: int
    hostname: str
    hardware_type: str | None
    operating_system: str | None
    device_type: str | None
    last_logged_in_user: str | None
    antivirus_product: str | None
    ext_ip_address: str | None
    int_ip_address: str | None
    domain: str | None
    online: bool | None
    last_seen: str | None
    backup_usage_tb: str | float | None
    backup_data_bytes: int


class Location(msgspec.Struct, gc=False):
    """An office of a company."""

    id: int
    name: str | None
    address: str | None
    phone_number: str | None


class Message(msgspec.Struct, gc=False):
    """One mail of a ticket's conversation; ``body`` is HTML or text."""

    from_email: str | None
    created_at: str | None
    body: str | None
    incoming: bool | None


class InternalNote(msgspec.Struct, gc=False):
    """An internal note that technicians wrote for each other."""

    from_email: str | None
    created_at: str | None
    body: str | None


class Ticket(msgspec.Struct, gc=False):
    """``ticket_id`` is Codex's own key, ``ticket_number`` the one that people know."""

    ticket_id: int
    ticket_number: str | None
    subject: str | None
    description: str | None
    description_text: str | None
    status: str | None
    priority: str | None
    requester_email: str | None
    requester_name: str | None
    created_at: str | None
    last_updated_at: str | None
    closed_at: str | None
    total_hours_spent: float
    conversations: list[Message] | None
    notes: list[InternalNote] | None


ALWAYS: dict[type[msgspec.Struct], frozenset[str]] = {
    Company: frozenset({"account_number", "name"}),
    Contact: frozenset({"id", "name", "email"}),
    Asset: frozenset({"id", "hostname", "backup_data_bytes"}),
    Location: frozenset({"id"}),
    Message: frozenset(),
    InternalNote: frozenset(),
    Ticket: frozenset({"ticket_id", "total_hours_spent"}),
}


def nullable(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """The fields of this kind that may be null, in Codex's order."""
    return tuple(name for name in kind.__struct_fields__ if name not in ALWAYS[kind])

"""Records as Markdown: what a person reads in the tree. Pure; what Codex typed is escaped or turned from HTML.

The first lines are those of the old application, whose users search for them.
"""

import re

import html_to_markdown

from syncing.kinds.records import Asset, Company, Contact, Message, Ticket, as_list
from tree.text.escaping import escaped

DOCUMENT_VERSION = 1  # raise it when a text below changes: every node is then rendered anew
_HEAD = re.compile(r"<(?:head|meta|title)\b", re.IGNORECASE)
_WITHOUT_METADATA = html_to_markdown.ConversionOptions(extract_metadata=False)


def company_document(company: Company) -> str:
    """Name and description; the other facts are properties of the node."""
    lines = [f"# {escaped(company.name)}", ""]
    if company.description:
        lines += [text_as_markdown(company.description), ""]
    return "\n".join(lines)


def contact_document(contact: Contact) -> str:
    """The card of a person: a line for each fact that Codex has."""
    facts = (
        ("Email", contact.email),
        ("Secondary emails", ", ".join(as_list(contact.secondary_emails))),
        ("Title", contact.title),
        ("Mobile phone", contact.mobile_phone_number),
        ("Work phone", contact.work_phone_number),
        ("Employment type", contact.employment_type),
        ("Active", _yes_no(contact.active)),
    )
    return _facts(f"Contact Information for {escaped(contact.name)}", facts)


def asset_document(asset: Asset) -> str:
    """What the computer is and where it was seen: a line for each fact that Codex has."""
    facts = (
        ("Hardware type", asset.hardware_type),
        ("Device type", asset.device_type),
        ("Operating system", asset.operating_system),
        ("Last logged-in user", asset.last_logged_in_user),
        ("Domain", asset.domain),
        ("Internal IP", asset.int_ip_address),
        ("External IP", asset.ext_ip_address),
        ("Antivirus", asset.antivirus_product),
        ("Online", _yes_no(asset.online)),
        ("Last seen", asset.last_seen),
    )
    return _facts(f"Computer Information: {escaped(asset.hostname)}", facts)


def ticket_document(ticket: Ticket) -> str:
    """Description, conversation and internal notes; the facts are properties of the node."""
    title = escaped(ticket.subject or "(no subject)")
    parts = [f"# Ticket #{escaped(ticket.ticket_number or str(ticket.ticket_id))}: {title}"]
    description = text_as_markdown(ticket.description or ticket.description_text or "")
    if description:
        parts += ["## Description", description]
    if ticket.conversations:
        parts.append("## Conversation")
        parts += [_message(message) for message in ticket.conversations]
    if ticket.notes:
        parts.append("## Internal notes")
        parts += [_message(message) for message in ticket.notes]
    return "\n\n".join(parts) + "\n"


def text_as_markdown(text: str) -> str:
    """HTML as Markdown; plain text with its line breaks kept."""
    if "<" not in text and "&" not in text:
        typed = text.replace("\\", "\\\\")  # technicians paste paths of Windows
        return "  \n".join(line.rstrip() for line in typed.strip().splitlines())
    try:
        options = _WITHOUT_METADATA if _HEAD.search(text) else None  # options cost as much as the conversion
        markdown = (html_to_markdown.convert(text, options).content or "").strip()
    except html_to_markdown.ConversionError:
        return escaped(text)
    return markdown or escaped(text)  # absurdly deep HTML comes back empty; the text must not be lost


def _facts(title: str, facts: tuple[tuple[str, str | None], ...]) -> str:
    lines = [f"- **{label}:** {escaped(value)}" for label, value in facts if value]
    return "\n".join([f"# {title}", "", *lines, ""])


def _message(message: Message) -> str:
    side = {True: "from the client", False: "from us", None: ""}[message.incoming]
    head = " · ".join(escaped(part) for part in (message.from_email, message.created_at, side) if part)
    return f"### {head or 'Message'}\n\n{text_as_markdown(message.body or '')}".rstrip()


def _yes_no(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"

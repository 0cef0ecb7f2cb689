"""The parts of what the tree holds that may be withheld from services, by the compliance level of the company."""

from enum import StrEnum

STANDARD, STRICTEST = "standard", "cjis"
LEVELS = (STANDARD, "hipaa", STRICTEST)


class Part(StrEnum):
    """One part that may be withheld. Whoever may not have it learns that it is withheld, not that it is empty."""

    TICKET_TEXTS = "ticket_texts"  # descriptions, mails and internal notes of tickets, and notes below tickets
    TICKETS = "tickets"  # tickets and what lies below them, as a whole
    TEXTS = "texts"  # all texts
    FILES = "files"
    CONTACTS = "contacts"  # e-mail addresses and phone numbers, and the texts of records that consist of them


Withheld = dict[str, frozenset[Part]]  # by compliance level
DEFAULT: Withheld = {
    STANDARD: frozenset(),
    "hipaa": frozenset({Part.TICKET_TEXTS}),
    STRICTEST: frozenset({Part.TICKET_TEXTS}),
}

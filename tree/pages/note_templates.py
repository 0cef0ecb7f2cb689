"""Templates of notes: texts with variables that admins write and that a new note may begin with.

Only the variables of VARIABLES are known, and a value is put in as plain text: a company's name can neither bring
markup nor further variables into a note. A variable without a value at the note's place stays as it is written, so
that its author sees the gap.
"""

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from tree import queries
from tree.exceptions import InvalidText
from tree.graph.values import Node
from tree.operations.validation import checked_text
from tree.text.escaping import escaped

ANYWHERE = ""
RECORDS = {"Company": "a company", "User": "a person", "Asset": "a computer", "Ticket": "a ticket"}
# variable: (kind of record, its property); the record is the nearest of its kind above the note
_OF_RECORDS = {
    "company.name": ("Company", "name"),
    "company.account": ("Company", "account_number"),
    "company.phone": ("Company", "company_main_number"),
    "person.name": ("User", "name"),
    "person.email": ("User", "email"),
    "computer.name": ("Asset", "hostname"),
    "computer.ip": ("Asset", "int_ip_address"),
    "computer.system": ("Asset", "operating_system"),
    "ticket.number": ("Ticket", "ticket_number"),
    "ticket.subject": ("Ticket", "subject"),
}
VARIABLES = (*_OF_RECORDS, "today", "author")
_VARIABLE = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)


class NoteTemplate(models.Model):
    """A text that a new note may begin with. ``kind``: the kind of record below which it is offered."""

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(
        "below", max_length=20, blank=True, default=ANYWHERE, choices=[(ANYWHERE, "anything"), *RECORDS.items()]
    )
    text = models.TextField(
        help_text="Markdown. Variables: "
        + ", ".join(f"{{{{ {name} }}}}" for name in VARIABLES)
        + ". One without a value where the note is made stays as it is written."
    )
    changed_at = models.DateTimeField(auto_now=True)

    objects: models.Manager["NoteTemplate"] = models.Manager()

    class Meta:
        app_label = "tree"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a text that no note may have, and variables that do not exist."""
        try:
            self.text = checked_text(self.text)
        except InvalidText as error:
            raise ValidationError({"text": str(error)}) from error
        unknown = sorted({name for name in _VARIABLE.findall(self.text) if name not in VARIABLES})
        if unknown:
            named = ", ".join(f"“{name}”" for name in unknown)
            raise ValidationError({"text": f"Unknown: {named}. There are {', '.join(VARIABLES)}."})


def fitting(parent: Node) -> "QuerySet[NoteTemplate]":
    """Templates for a note below this node: those of the nearest record above it, and those for anywhere."""
    kinds = [crumb.kind for crumb in reversed(parent.path) if crumb.kind in RECORDS]
    return NoteTemplate.objects.filter(Q(kind=ANYWHERE) | Q(kind__in=kinds[:1]))


def filled(text: str, parent: Node, author: str) -> str:
    """The template's text for a note that ``author`` makes below this node."""
    values = _values(parent) | {"today": timezone.localdate().isoformat(), "author": author}
    return _VARIABLE.sub(lambda found: escaped(values.get(found[1]) or "") or found[0], text)


def _values(parent: Node) -> dict[str, str]:
    nearest = {crumb.kind: crumb.uid for crumb in parent.path if crumb.kind in RECORDS}
    records: dict[str, Mapping[str, object]] = {kind: queries.get_node(uid).properties for kind, uid in nearest.items()}
    found = {name: records.get(kind, {}).get(field) for name, (kind, field) in _OF_RECORDS.items()}
    return {name: str(value) for name, value in found.items() if value is not None}

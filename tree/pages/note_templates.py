"""Which templates a new note may begin with, and their texts filled in (the table: ``tree.models.NoteTemplate``).

A value is put in as plain text: a company's name can neither bring markup nor further variables into a note. A
variable without a value at the note's place stays as it is written, so that its author sees the gap.
"""

from collections.abc import Mapping

from django.db.models import Q, QuerySet
from django.utils import timezone

from tree import queries
from tree.graph.values import Node
from tree.kinds import RECORD_KINDS
from tree.models import ANYWHERE, OF_RECORDS, VARIABLE, NoteTemplate
from tree.text.escaping import escaped


def fitting(parent: Node) -> "QuerySet[NoteTemplate]":
    """Templates for a note below this node: those of the nearest record above it, and those for anywhere."""
    kinds = [crumb.kind for crumb in reversed(parent.path) if crumb.kind in RECORD_KINDS]
    return NoteTemplate.objects.filter(Q(kind=ANYWHERE) | Q(kind__in=kinds[:1]))


def filled(text: str, parent: Node, author: str) -> str:
    """The template's text for a note that ``author`` makes below this node."""
    values = _values(parent) | {"today": timezone.localdate().isoformat(), "author": author}
    return VARIABLE.sub(lambda found: escaped(values.get(found[1]) or "") or found[0], text)


def _values(parent: Node) -> dict[str, str]:
    nearest = {crumb.kind: crumb.uid for crumb in parent.path if crumb.kind in RECORD_KINDS}
    records: dict[str, Mapping[str, object]] = {kind: queries.get_node(uid).properties for kind, uid in nearest.items()}
    found = {name: records.get(kind, {}).get(field) for name, (kind, field) in OF_RECORDS.items()}
    return {name: str(value) for name, value in found.items() if value is not None}

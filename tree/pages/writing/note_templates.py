"""Note templates (``tree.models.NoteTemplate``): which fit a place, and filling in their variables.

Values are inserted as plain text, so that a company's name can bring neither markup nor further variables into a
note. A variable that has no value at the note's place is left as it is, so that the author sees the gap.
"""

from collections.abc import Mapping

from django.db.models import Q, QuerySet
from django.utils import timezone

from knowledgetree.basics.rights.reader import Reader
from tree import queries
from tree.graph.values import Node
from tree.kinds import RECORD_KINDS
from tree.models import ANYWHERE, OF_RECORDS, VARIABLE, NoteTemplate
from tree.text.escaping import escaped


def fitting(parent: Node) -> "QuerySet[NoteTemplate]":
    """The templates for a note below this node: those for the nearest record's kind, and those for any place."""
    kinds = [crumb.kind for crumb in reversed(parent.path) if crumb.kind in RECORD_KINDS]
    return NoteTemplate.objects.filter(Q(kind=ANYWHERE) | Q(kind__in=kinds[:1]))


def filled(text: str, parent: Node, author: str, reader: Reader) -> str:
    """The template's text with its variables filled in, for a note that ``author`` creates below this node."""
    values = _values(parent, reader) | {"today": timezone.localdate().isoformat(), "author": author}
    return VARIABLE.sub(lambda found: escaped(values.get(found[1].strip()) or "") or found[0], text)


def _values(parent: Node, reader: Reader) -> dict[str, str]:
    nearest = {crumb.kind: crumb.uid for crumb in parent.path if crumb.kind in RECORD_KINDS}
    records: dict[str, Mapping[str, object]] = {
        kind: queries.get_node(uid, reader=reader).properties for kind, uid in nearest.items()
    }
    found = {name: records.get(kind, {}).get(field) for name, (kind, field) in OF_RECORDS.items()}
    return {name: str(value) for name, value in found.items() if value is not None}

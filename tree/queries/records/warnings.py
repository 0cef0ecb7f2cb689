"""The notes that staff marked as warnings, as a part of the query of a node: one seek for each node of its path."""

from typing import Any

from tree.graph.values import Crumb, WarningNote
from tree.kinds.titles import without_extension
from tree.queries.columns import CRUMB, MAY_READ, crumbs
from tree.queries.records.cards import IS_CARD
from tree.text.plain import first_lines
from tree.vocabulary import SELF_AND_ABOVE

_CHARACTERS = 600
MOST_WARNINGS = 12  # of a page; whoever marks more has marked nothing

# Of what lies below the node ``n`` and below each node above it, the nearest first. What lies below a person's card is
# as if it lay below the person.
WARNINGS = (
    "COLLECT { MATCH way = (n)"
    + SELF_AND_ABOVE
    + """(a:ContextItem) WHERE NOT """
    + IS_CARD % {"n": "a"}
    + """
    UNWIND [a.id] + CASE WHEN a:User THEN COLLECT {
      MATCH (a)-[:PARENT_OF]->(card:Note {origin: 'codex'}) RETURN card.id
    } ELSE [] END AS holder
    MATCH (w:Note) USING INDEX w:Note(parent_id, is_warning)
    WHERE w.parent_id = holder AND w.is_warning = true AND w.trashed_at IS NULL AND w <> n AND """
    + MAY_READ % {"n": "w"}
    + """
    WITH w, a, length(way) AS distance ORDER BY distance, w.sort_key LIMIT """
    + str(MOST_WARNINGS)
    + """
    RETURN w {.id, .name, text: left(w.content, """
    + str(_CHARACTERS)
    + """), place: a """
    + CRUMB % {"n": "a"}
    + """}
  }"""
)


def warnings(found: list[dict[str, Any]]) -> tuple[WarningNote, ...]:
    """From the column ``WARNINGS``."""
    return tuple(_warning(columns, *crumbs([columns["place"]])) for columns in found)


def _warning(columns: dict[str, Any], place: Crumb) -> WarningNote:
    title = without_extension(str(columns["name"]))
    return WarningNote(str(columns["id"]), title, first_lines(str(columns["text"] or ""), title), place)

"""A person's card (``Contact.md``) is part of the person's page: lists have no row for it.

What staff put on the card (notes below it, files, links to it) is listed as if it were on the person itself. Paths,
exports and the JSON API have the card as a node of its own.
"""

from collections.abc import Iterable
from dataclasses import replace

from tree.graph.values import Crumb, Hit, Row

IS_CARD = "(%(n)s:Note AND coalesce(%(n)s.origin, '') = 'codex' AND EXISTS { (%(n)s)<-[:PARENT_OF]-(:User) })"
# The ids of the cards of a person, of which there is one; empty for any other node.
CARDS = """COLLECT {
  MATCH (:ContextItem:User {id: %(id)s})-[:PARENT_OF]->(card:Note {origin: 'codex'}) RETURN card.id
}"""


def without_cards(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """The hits with people in place of their cards, each node once."""
    found: dict[str, Hit] = {}
    for hit in hits:
        shown = _of_person(hit) if hit.is_card else hit
        found.setdefault(shown.row.uid, shown)
    return tuple(found.values())


def _of_person(hit: Hit) -> Hit:
    person: Crumb = hit.path[-1]
    return replace(hit, row=Row(person.uid, person.name, person.kind), path=hit.path[:-1])

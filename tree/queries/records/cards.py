"""A person's card (``Contact.md``) is part of the person's page: lists have no row for it.

What staff put on the card (notes below it, files, links to it) is listed as if it were on the person itself. Paths,
exports and the JSON API have the card as a node of its own. A search finds the person, never the card.
"""

IS_CARD = "(%(n)s:Note AND coalesce(%(n)s.origin, '') = 'codex' AND EXISTS { (%(n)s)<-[:PARENT_OF]-(:User) })"
# The ids of the cards of a person, of which there is one; empty for any other node.
CARDS = """COLLECT {
  MATCH (:ContextItem:User {id: %(id)s})-[:PARENT_OF]->(card:Note {origin: 'codex'}) RETURN card.id
}"""

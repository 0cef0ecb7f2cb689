"""Pages that are read: medians over an empty Django page."""

from collections.abc import Iterator

from tests.bench.visitor import Visitor
from tests.throwaway_neo4j import Graph

_A_FOLDER = """
MATCH (c:Company)-[:PARENT_OF]->(f:Folder {name: 'Tickets'}) RETURN f.id AS id ORDER BY c.id LIMIT 1
"""
_A_TICKET = "MATCH (t:Ticket) WHERE t.requester_key IS NOT NULL RETURN t.id AS id ORDER BY t.id LIMIT 1"
_A_USER = "MATCH (u:User)<-[:REQUESTED_BY]-(t) RETURN u.id AS id ORDER BY u.id LIMIT 1"
_A_COMPUTER = "MATCH (a:Asset)<-[:MENTIONS]-(t) RETURN a.id AS id, count(t) AS tickets ORDER BY tickets DESC LIMIT 1"
_A_COMPANY = "MATCH (c:Company) RETURN c.id AS id ORDER BY c.id LIMIT 1"


def measure(visitor: Visitor, graph: Graph) -> Iterator[str]:
    """A line for each page."""
    yield f"an empty page: {visitor.empty:.1f} ms"
    for name, cypher in (
        ("a ticket's page", _A_TICKET),
        ("a person's page", _A_USER),
        ("a computer's page, mentioned most", _A_COMPUTER),
        ("a company's page", _A_COMPANY),
        ("a page of 100 children", _A_FOLDER),
    ):
        path = f"/node/{graph.rows(cypher)[0]['id']}/"
        over = visitor.over_empty(lambda _, path=path: visitor.get(path))  # type: ignore[misc]
        yield f"{name}: {over:.1f} ms over an empty page (goal ≤ 50)"
    over = visitor.over_empty(lambda _: visitor.get("/search/?q=printer"))
    yield f"a search for a common word: {over:.1f} ms over an empty page"

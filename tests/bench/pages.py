"""Pages that are read: wall times are medians over an empty Django page."""

from collections.abc import Iterator

from tests.bench.table import Figure
from tests.bench.visitor import Visitor
from tests.throwaway_neo4j import Graph

_A_FOLDER = """
MATCH (c:Company)-[:PARENT_OF]->(f:Folder {name: 'Tickets'}) RETURN f.id AS id ORDER BY c.id LIMIT 1
"""
_A_TICKET = "MATCH (t:Ticket) WHERE t.requester_key IS NOT NULL RETURN t.id AS id ORDER BY t.id LIMIT 1"
_A_USER = "MATCH (u:User)<-[:REQUESTED_BY]-(t) RETURN u.id AS id ORDER BY u.id LIMIT 1"
_A_COMPUTER = "MATCH (a:Asset)<-[:MENTIONS]-(t) RETURN a.id AS id, count(t) AS tickets ORDER BY tickets DESC LIMIT 1"
_A_COMPANY = "MATCH (c:Company) RETURN c.id AS id ORDER BY c.id LIMIT 1"


def measure(visitor: Visitor, graph: Graph) -> Iterator[Figure]:
    """A figure for each page."""
    yield Figure("an empty page", visitor.empty)
    for name, cypher in (
        ("a ticket's page", _A_TICKET),
        ("a person's page", _A_USER),
        ("a computer's page, mentioned most", _A_COMPUTER),
        ("a company's page", _A_COMPANY),
        ("a page of 100 children", _A_FOLDER),
    ):
        path = f"/node/{graph.rows(cypher)[0]['id']}/"
        yield visitor.over_empty(name, lambda _, path=path: visitor.get(path), goal=50)  # type: ignore[misc]
    client = graph.rows(_A_COMPANY)[0]["id"]
    for name, query in (
        ("a list: all tickets", "tickets/?sort=-last_updated_at"),
        ("a list: open tickets of high priority", "tickets/?state=open&priority=high&sort=-last_updated_at"),
        ("a list: a client's open tickets by age", f"tickets/?client={client}&state=open&sort=opened_at"),
        ("a list: computers by last seen", "computers/?sort=-last_seen"),
        ("a list: people", "people/?sort=name"),
        ("a list: notes", "notes/?sort=-updated_at"),
    ):
        yield visitor.over_empty(name, lambda _, path=f"/list/{query}": visitor.get(path), goal=100)  # type: ignore[misc]
    yield visitor.over_empty("the start page", lambda _: visitor.get("/"), goal=100)
    for name, asked in (
        ("the quick switcher, nothing typed", f"q=&node={client}&client={client}"),
        ("the quick switcher, a name at a client", f"q=laur&node={client}&client={client}"),
    ):
        yield visitor.over_empty(name, lambda _, asked=asked: visitor.get(f"/search/quick/?{asked}"), goal=50)  # type: ignore[misc]
    yield visitor.over_empty("a search for a common word", lambda _: visitor.get("/search/?q=printer"))

"""What pages say while a search index is missing, as during a first sync, when "nothing found" would be a lie.

Neo4j plans all queries anew whenever an index comes or goes: so few tests take one away, and look at much meanwhile.
"""

from collections.abc import Iterator

import pytest
from django.test import Client

from tests.pages import text_of
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme
from tree.graph import schema


@pytest.fixture
def without_index(request: pytest.FixtureRequest, graph: Graph) -> Iterator[None]:
    for index in request.param:
        schema.drop_search_index(index)
    yield
    schema.create_search_indexes()


@pytest.mark.parametrize("without_index", [schema.SEARCH_INDEXES], indirect=True)
def test_without_any_a_search_says_that_they_are_not_ready(
    acme: Acme, technician: Client, without_index: None, subtests: pytest.Subtests
) -> None:
    for address in ("/search/?q=dental", "/search/quick/?q=dental", "/places/?q=dental"):
        with subtests.test(address):
            page = text_of(technician, address)
            assert "The search index of tickets, companies, locations, people, computers and notes is not ready" in page
            assert "Nothing" not in page
    assert "is not ready yet" in text_of(technician, "/api/search?q=dental", status=503)


@pytest.mark.parametrize("without_index", [(schema.RECORD_INDEX,)], indirect=True)
def test_without_that_of_records_a_program_gets_no_half_answer(
    acme: Acme, technician: Client, without_index: None
) -> None:
    assert "is not ready yet" in text_of(technician, "/api/search?q=dental", status=503)


@pytest.mark.parametrize("without_index", [(schema.TICKET_INDEX,)], indirect=True)
def test_without_that_of_tickets(
    acme: Acme, technician: Client, billing: Client, without_index: None, subtests: pytest.Subtests
) -> None:
    with subtests.test("what is indexed is found"):
        page = text_of(technician, "/search/?q=dental")
        assert f'href="/node/{acme.company}/"' in page
        assert "Without tickets: a sync makes their search index at its end." in page
        quick = text_of(technician, "/search/quick/?q=dental")
        assert f'href="/node/{acme.company}/"' in quick
        assert "All results for “dental”, without tickets: a sync makes their index" in quick
        assert "The search index of tickets is not ready yet" in text_of(technician, "/search/?q=reticulating")
    with subtests.test("who reads no tickets does not wait for them"):
        page = text_of(billing, "/search/?q=dental")
        assert f'href="/node/{acme.company}/"' in page
        assert "their search index" not in page
        text_of(billing, "/api/search?q=dental")
        assert "Nothing found" in text_of(billing, "/search/?q=zzzz")
    with subtests.test("nor does who asks for another kind"):
        assert "tickets:" not in text_of(technician, "/search/?q=dental&kind=Company")
        assert "Nothing found" in text_of(technician, "/search/?q=zzzz&kind=Asset")
        assert "of tickets is not ready" in text_of(technician, "/search/?q=zzzz&kind=Ticket")
    with subtests.test("a program gets no half answer"):
        assert "is not ready yet" in text_of(technician, "/api/search?q=dental", status=503)
    with subtests.test("the page of a ticket shows the rest"):
        page = text_of(technician, f"/node/{acme.open}/")
        assert "reticulating" in page
        assert "Closed tickets with" not in page

from urllib.parse import unquote

import pytest
from django.test import Client

from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme, make
from tree.exceptions import NodeNotFound
from tree.queries import paths
from tree.vocabulary import COMPANIES_ID, ROOT_ID

ODD_NAMES = (
    *(
        "A/B Partners",
        "100% Organic",
        "a%41b",
        "a%2Fb",
        "..",
        ".",
        "C:\\Works",
        'Quote "O\'Neil"',
        "🦊 Fuchs",
        "شركة الأمل",
    ),
    *(
        "?query",
        "#hash",
        "a;b",
        "a+b",
        "a&b=c",
        "/",
        "//",
        "x/y/z",
        "%",
        "...",
        "A//B",
        "%2e%2e",
        "  Blank  ",
        "ünï\u0301",
    ),
)


def test_the_canonical_address_of_any_name_leads_to_its_node(graph: Graph, technician: Client) -> None:
    for name in ODD_NAMES:
        company = make("Company", name)
        users = make("Folder", "Users", company)
        address = paths.browse_url(["Companies", name, "Users"])
        assert technician.get(address).headers["Location"] == f"/node/{users}/", name


@pytest.mark.parametrize("name", ODD_NAMES)
def test_no_server_or_browser_can_take_a_name_for_structure(name: str) -> None:
    once = unquote(paths.encode_name(name))
    assert "/" not in once
    assert "\\" not in once
    assert once.strip(".") != ""


def test_neighbours_with_confusable_names_do_not_mix(graph: Graph, technician: Client) -> None:
    ids = {name: make("Company", name) for name in ("a/b", "a%2Fb", "a%252Fb", "a")}
    ids["a, b"] = make("Folder", "b", ids["a"])
    for name in ("a%2Fb", "a%252Fb"):
        assert technician.get(paths.browse_url(["Companies", name])).headers["Location"] == f"/node/{ids[name]}/"
    assert technician.get(paths.browse_url(["Companies", "a/b"])).headers["Location"] == f"/node/{ids['a/b']}/"
    assert technician.get(paths.browse_url(["Companies", "a", "b"])).headers["Location"] == f"/node/{ids['a, b']}/"


def test_other_spellings_are_understood(graph: Graph) -> None:
    users = make("Folder", "Users", make("Company", "A/B Partners"))
    for path in (
        "Companies/A%2FB Partners/Users",
        "Companies/A/B Partners/Users",
        "companies/a/b partners/USERS",
        "/Companies//A%2FB Partners/Users/",
        "%43ompanies/A%2fB%20Partners/Users",
    ):
        assert paths.resolve(path) == users, path


def test_the_old_applications_doubly_encoded_links_are_understood(graph: Graph, technician: Client) -> None:
    docs = make("Folder", "IT Docs", ROOT_ID, origin="staff")
    assert technician.get("/browse/IT%2520Docs").headers["Location"] == f"/node/{docs}/"
    assert technician.get("/browse/IT%20Docs").headers["Location"] == f"/node/{docs}/"


def test_the_empty_path_is_the_root(graph: Graph) -> None:
    assert paths.resolve("") == ROOT_ID
    assert paths.resolve("Companies") == COMPANIES_ID


def test_what_is_not_there_is_not_found(acme: Acme) -> None:
    for path in ("Nothing", "Companies/Nobody", "Companies/Acme Dental/Users/../Users", "a/" * 500, "x" * 5000):
        with pytest.raises(NodeNotFound):
            paths.resolve(path)


def test_archived_nodes_have_no_path(acme: Acme) -> None:
    with pytest.raises(NodeNotFound):
        paths.resolve("Companies/Acme Dental/Tickets/Ticket_9.md")

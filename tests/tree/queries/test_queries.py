from typing import Any

import pytest

from knowledgetree.basics.rights.reader import Reader
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme, make
from tree import queries
from tree.exceptions import NodeNotFound
from tree.graph.connection import graph_session
from tree.graph.values import Page
from tree.queries import branches as branch_queries
from tree.queries import nodes as node_queries
from tree.vocabulary import COMPANIES_ID


def names(page: Page) -> list[str]:
    return [row.name for row in page.rows]


def operators_of(step: dict[str, Any]) -> list[str]:
    return [step["operatorType"], *(name for below in step.get("children", ()) for name in operators_of(below))]


def test_a_node_comes_with_its_way_from_the_root_and_its_relations(acme: Acme) -> None:
    node = queries.get_node(acme.open)
    assert [crumb.name for crumb in node.path] == [
        "KnowledgeTree",
        "Companies",
        "Acme Dental",
        "Tickets",
        "Ticket_7.md",
    ]
    assert [(r.name, r.row.name, r.evidence) for r in node.relations] == [
        ("REQUESTED_BY", "Ana Díaz", "requester e-mail"),
        ("MENTIONS", "LAPTOP-59.md", "hostname in the text"),
    ]
    assert node.is_in_ticket
    assert node.company is not None
    assert node.company.uid == acme.company


def test_a_person_uses_computers_and_requested_live_tickets(acme: Acme) -> None:
    node = queries.get_node(acme.ana)
    assert [(r.name, r.outgoing, r.row.name) for r in node.relations] == [("USED_BY", False, "LAPTOP-59.md")]
    assert node.ticket_count == 2


def test_a_computer_is_mentioned_by_live_tickets_open_ones_first(acme: Acme) -> None:
    assert queries.get_node(acme.laptop).mentioned_by == 2
    assert [row.uid for row in queries.get_mentioning(acme.laptop)] == [acme.open, acme.closed]
    assert queries.get_node(acme.ana).mentioned_by == 0


def test_an_unknown_id_is_not_found(graph: Graph) -> None:
    with pytest.raises(NodeNotFound):
        queries.get_node("nobody")


def test_children_come_folders_first_and_in_natural_order(graph: Graph) -> None:
    for name in ("PC-10", "PC-2", "pc-1"):
        make("Note", name)
    make("Folder", "Zoo")
    assert names(queries.get_children(COMPANIES_ID)) == ["Zoo", "pc-1", "PC-2", "PC-10"]


def test_pages_of_children_go_on_behind_the_last_one_even_when_sort_keys_are_equal(graph: Graph) -> None:
    for number in range(7):
        make("Note", "n" + "0" * number + "1")  # n1, n01, n001 … have one sort key
    seen: list[str] = []
    after = None
    while True:
        page = queries.get_children(COMPANIES_ID, after=after, limit=3)
        seen += names(page)
        after = page.last
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 7


def test_archived_children_only_when_asked_for(acme: Acme) -> None:
    assert names(queries.get_children(acme.tickets)) == ["Ticket_7.md", "Ticket_8.md"]
    assert names(queries.get_children(acme.tickets, archived=True)) == ["Ticket_7.md", "Ticket_8.md", "Ticket_9.md"]
    assert names(queries.get_children(acme.tickets, reader=Reader(tickets=False))) == []


def test_a_page_of_children_is_an_ordered_read_of_the_index(acme: Acme, graph: Graph) -> None:
    graph.plan_again()
    with graph_session() as session:
        flags = {"archived": False, "tickets": True, "cards": False}
        parameters = {"parent": acme.tickets, "after": "", "limit": 100} | flags
        plan = session.run("CYPHER replan=force EXPLAIN " + node_queries._CHILDREN, parameters).consume().plan
    assert plan is not None
    operators = [name.split("@")[0] for name in operators_of(plan)]
    assert "NodeIndexSeek" in operators
    assert operators.count("Top") == 1, operators  # of the page alone: a person's children and those of the card
    assert {"Sort", "NodeByLabelScan"}.isdisjoint(operators), operators


def test_linked_tickets_come_open_first(acme: Acme) -> None:
    assert names(queries.get_linked(acme.ana_tickets)) == ["Ticket_7.md", "Ticket_8.md"]


def test_a_company_counts_what_is_live(acme: Acme) -> None:
    overview = queries.get_company(acme.company)
    assert (overview.people, overview.assets, overview.tickets, overview.open_tickets) == (1, 1, 2, 1)
    assert [t.name for t in overview.ticket_rows] == ["Ticket_7.md", "Ticket_8.md"]
    assert [(d.row.name, d.user and d.user.name) for d in overview.device_rows] == [("LAPTOP-59.md", "Ana Díaz")]
    assert [p.name for p in overview.people_rows] == ["Ana Díaz"]
    hidden = queries.get_company(acme.company, reader=Reader(tickets=False))
    assert (hidden.tickets, hidden.open_tickets, hidden.ticket_rows, hidden.people) == (0, 0, (), 1)


def test_a_person_shows_tickets(acme: Acme) -> None:
    overview = queries.get_person(acme.ana)
    assert [t.name for t in overview.tickets] == ["Ticket_7.md", "Ticket_8.md"]


def test_companies_by_a_piece_of_their_name(acme: Acme) -> None:
    make("Company", "Brown Law", account_number="2002")
    assert names(queries.get_companies(contains="DENT")) == ["Acme Dental"]
    assert names(queries.get_companies(contains="2002")) == ["Brown Law"]
    page = queries.get_companies(limit=1)
    assert names(page) == ["Acme Dental"]
    assert page.has_more


def test_the_tree_is_unfolded_down_to_the_open_node(acme: Acme) -> None:
    branch = queries.get_tree_around(acme.ana)
    seen = []
    while branch:
        seen.append(branch.row.name)
        opened = [b for b in branch.children.branches if b.is_open] if branch.children else []
        if not opened:
            break
        branch = opened[0]
    assert seen == ["KnowledgeTree", "Companies", "Acme Dental", "Users", "Ana Díaz"]
    assert branch.is_selected
    assert branch.children is not None
    assert [b.row.name for b in branch.children.branches] == ["Tickets"]


def test_a_node_in_the_middle_of_many_is_seen_with_neighbours_on_both_sides(graph: Graph) -> None:
    ids = [make("Company", f"Company {number}") for number in range(60)]
    companies = queries.get_tree_around(ids[55]).children
    assert companies is not None
    page = companies.branches[0].children
    assert page is not None
    assert [b.row.uid for b in page.branches] == ids[15:]
    assert page.more_before == ids[15]
    assert page.more_after is None
    assert [b.row.uid for b in queries.get_branches(COMPANIES_ID, before=ids[15]).branches] == ids[:15]


def test_branches_go_on_page_by_page(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branch_queries, "BRANCH_ROWS", 4)
    ids = [make("Company", f"Company {number}") for number in range(9)]
    first = queries.get_branches(COMPANIES_ID)
    assert [b.row.uid for b in first.branches] == ids[:4]
    assert first.more_after == ids[3]
    last = queries.get_branches(COMPANIES_ID, after=ids[7])
    assert [b.row.uid for b in last.branches] == ids[8:]
    assert last.more_after is None


def test_search_finds(acme: Acme) -> None:
    for text, name in (
        ("acme", "Acme Dental"),
        ("ana@acme.example", "Ana Díaz"),
        ("ana@ac", "Ana Díaz"),
        ("diaz", "Ana Díaz"),
        ("DÍA", "Ana Díaz"),
        ("LAPTOP-59", "LAPTOP-59.md"),
        ("laptop-5", "LAPTOP-59.md"),
        ("10.0.3.7", "LAPTOP-59.md"),
        ("+1 555 0100", "Ana Díaz"),
        ("40007", "Ticket_7.md"),
        ("reticul", "Ticket_7.md"),
        ("vpn nonsenseword", "Ticket_7.md"),
    ):
        assert name in [hit.row.name for hit in queries.search(text).hits], text


def test_companies_and_people_come_before_their_computers(acme: Acme) -> None:
    for number in range(12):
        make("Asset", f"ACME-{number}.md", acme.assets, hostname=f"ACME-{number}")
    assert queries.search("acm").hits[0].row.name == "Acme Dental"


def test_the_exact_name_comes_first(acme: Acme) -> None:
    make("Company", "Acme Dental Supplies")
    make("Company", "Acme")
    assert queries.search("Acme").hits[0].row.name == "Acme"


def test_a_quoted_email_finds_nobody_else(acme: Acme) -> None:
    make("User", "Ben", acme.users, email="ben@acme.example")
    assert [h.row.name for h in queries.search("ben@acme.example", kind="User").hits] == ["Ben"]


def test_no_text_breaks_the_search(acme: Acme) -> None:
    odd = [
        "",
        " ",
        "*",
        "AND",
        "NOT",
        "OR OR",
        "c++ (foo",
        '"',
        "\\",
        "a\\",
        "name:x",
        "[a TO b]",
        "\0",
        "a\0b",
        "~",
        "^2",
        "/.*/",
        "🦊",
        "x" * 10_000,
        "a " * 5_000,
        "-" * 300,
        "((((",
        "a:b:c",
        "{!x}",
        "\u202e",
        "'",
        "%",
        "é" * 400,
    ]
    for text in odd:
        queries.search(text)


def test_signs_of_the_query_language_are_text(acme: Acme) -> None:
    """A query that Lucene cannot read finds nothing at all, so a bracket must not become one."""
    make("Note", "Route (old", acme.company)
    for text in ("(old route", "old: route", '"old route', "old) route", "[old route", "route (old", "route old:"):
        assert "Route (old" in [hit.row.name for hit in queries.search(text).hits], text


def test_search_filters(acme: Acme) -> None:
    other = make("Company", "Brown Law", account_number="2002")
    make("Note", "VPN notes", other, content="vpn")
    assert {h.row.name for h in queries.search("vpn").hits} == {"Ticket_7.md", "VPN notes"}
    assert [h.row.name for h in queries.search("vpn", kind="Note").hits] == ["VPN notes"]
    assert [h.row.name for h in queries.search("vpn", company=other).hits] == ["VPN notes"]
    assert [h.row.name for h in queries.search("vpn", reader=Reader(tickets=False)).hits] == ["VPN notes"]
    assert [h.row.name for h in queries.search("splines").hits] == ["Ticket_7.md"]
    assert {h.row.name for h in queries.search("splines", archived=True).hits} == {"Ticket_7.md", "Ticket_9.md"}


def test_what_hangs_on_a_ticket_is_found_only_by_those_who_read_tickets(acme: Acme) -> None:
    make("Note", "Workaround", acme.open, content="flux capacitor")
    assert [h.row.name for h in queries.search("capacitor").hits] == ["Workaround"]
    assert queries.search("capacitor", reader=Reader(tickets=False)).hits == ()


def test_search_counts_kinds_and_pages(acme: Acme) -> None:
    first = queries.search("acme", limit=1)
    assert first.has_more
    assert first.kinds["Company"] == 1
    everything = queries.search("acme", limit=50)
    assert queries.search("acme", skip=1, limit=50).hits == everything.hits[1:]


def test_names_are_found_in_any_case(acme: Acme) -> None:
    assert queries.find_children_by_name(acme.users, ["nobody", "ANA DÍAZ"]) == {"ANA DÍAZ": acme.ana}


def test_counts(acme: Acme) -> None:
    """Of the three tickets, one is archived."""
    found = {"Company": 1, "Location": 0, "User": 1, "Asset": 1, "Ticket": 2}
    assert queries.count_records() == found
    make("Company", "Beta", account_number="1002")
    assert queries.count_records(reader=Reader(companies=frozenset({"1001"}))) == found
    del found["Ticket"]
    assert queries.count_records(reader=Reader(tickets=False, companies=frozenset({"1001"}))) == found
    assert queries.count_records(reader=Reader(tickets=False)) == found | {"Company": 2}

"""Each kind is one declaration; what is derived from it fits it."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import find
from django.urls import reverse

from tests.throwaway_neo4j import Graph
from tests.tree.factory import make
from tree import queries
from tree.graph.search_keys import search_keys
from tree.kinds import KINDS, LISTED_NAMES, NODE_CLASSES, ContextItem
from tree.kinds.declaration.describe import PAGE, described
from tree.kinds.facts import facts
from tree.templatetags.shown import sprite

EVERY_KIND = pytest.mark.parametrize("node_class", NODE_CLASSES, ids=KINDS)


def test_the_page_about_the_graph_is_up_to_date() -> None:
    page = PAGE.read_text()
    assert described(page) == page, "Run: .venv/bin/python -m tree.kinds.declaration.describe"


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="<!-- end of properties -->"):
        described(PAGE.read_text().replace("<!-- end of properties -->", ""))


@EVERY_KIND
def test_a_kind_speaks_of_properties_that_it_has(node_class: type[ContextItem]) -> None:
    about, fields = node_class.about, node_class.fields()
    named = {
        *about.columns,
        *(declared.property for declared in about.filters),
        *about.variables.values(),
        about.changed or "name",
    }
    assert named | {about.called or "name"} <= set(fields)
    assert {link.via for link in node_class.links} <= set(fields)
    assert {link.to for link in node_class.links} <= set(KINDS)


@EVERY_KIND
def test_its_relations_lead_to_nodes(node_class: type[ContextItem]) -> None:
    """neomodel looks for the class of the other node when it is first used, by a path from the file of this one."""
    for relation in node_class.defined_properties(aliases=False, properties=False).values():
        relation.lookup_node_class()
        assert issubclass(relation.definition["node_class"], ContextItem)


@EVERY_KIND
def test_it_is_found_by_each_field_that_is_searched(node_class: type[ContextItem]) -> None:
    for name, field in node_class.fields().items():
        if field.searched and name != "content" and not (name == "name" and node_class.about.called):
            keys = search_keys(node_class.kind(), {name: ["10.0.3.7"] if field.is_list else "10.0.3.7"})
            assert keys, name


@EVERY_KIND
def test_its_icon_is_on_the_page(node_class: type[ContextItem]) -> None:
    _, _, symbol = sprite().partition(f'<symbol id="i-{node_class.kind()}"')
    assert "<svg" in symbol.partition("</symbol>")[0]


def test_facts_stand_in_the_order_in_which_they_are_declared() -> None:
    stored = {
        "account_number": "1001",
        "total_hours_spent": 1.5,
        "closed_at": "soon",
        "opened_at": "2026-11-01T09:00:00Z",
        "ticket_number": "40007",
        "subject": "VPN is down",
        "priority": "",
        "requester_key": "user:1001:1",
    }
    assert [(fact.label, fact.sort, fact.values, fact.is_copyable) for fact in facts("Ticket", stored)] == [
        ("Number", "code", ("40007",), True),
        ("Opened", "time", ("2026-11-01T09:00:00Z",), False),
        ("Closed", "text", ("soon",), False),
        ("Time spent", "hours", ("1.5 h",), False),
        ("Account", "code", ("1001",), True),
    ]


def test_facts_are_written_as_what_they_are() -> None:
    stored = {"int_ip_address": "10.0.0.7", "online": False, "backup_usage_tb": 2.5, "backup_data_bytes": 2048}
    assert [(fact.label, fact.values, fact.is_copyable) for fact in facts("Asset", stored)] == [
        ("Internal IP", ("10.0.0.7",), True),
        ("Online", ("no",), False),
        ("Backup used", ("2.5 TB",), False),
        ("Backup size", ("2.0\xa0KB",), False),
    ]
    [domains] = facts("Company", {"domains": ["acme.example", "", "acme.test"]})
    assert (domains.label, domains.values) == ("Domains", ("acme.example", "acme.test"))


def test_a_row_carries_what_is_listed_and_no_more(graph: Graph) -> None:
    parent = make("Company", "Acme", account_number="1001", billing_plan="gold", compliance_level="hipaa")
    make("Ticket", "Ticket_1.md", parent, subject="VPN", requester_email="ana@acme.example")
    [row] = queries.get_children(parent).rows
    assert {"id", "name", "archived_at", "origin", "subject", "compliance_level"} <= set(row.fields)
    assert set(row.fields) == {*LISTED_NAMES, "labels"}
    assert (row.fields["subject"], row.fields["compliance_level"]) == ("VPN", None)


@EVERY_KIND
def test_it_has_a_colour_and_an_entry_in_the_menu_of_the_admin(node_class: type[ContextItem]) -> None:
    kind = node_class.kind()
    style = Path(str(find("tree/tree.css"))).read_text()
    assert f".k-{kind} {{" in style
    assert style.count(f"--k-{kind}: ") == style.count("--k-Folder: ")
    sidebar: Any = settings.UNFOLD["SIDEBAR"]
    menu = [item["link"] for part in sidebar["navigation"] for item in part["items"]]
    assert reverse(f"admin:tree_{kind.lower()}_changelist") in menu


@EVERY_KIND
def test_a_row_carries_what_it_shows_below_the_name(node_class: type[ContextItem]) -> None:
    assert set(node_class.about.summary) <= set(LISTED_NAMES)

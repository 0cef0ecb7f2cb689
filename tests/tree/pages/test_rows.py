"""The rows of nodes in lists of nodes."""

from typing import Any

import pytest

from tree.graph.values import Row
from tree.templatetags.rows import row_link


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("Ticket", {"status": "Open", "requester_name": "Ana Kim"}, '<span class="badge warn">Open</span>'),
        ("Ticket", {"requester_name": "Ana <b>"}, "<bdi>Ana &lt;b&gt;</bdi>"),
        ("Ticket", {"status": "<i>"}, '<span class="badge calm">&lt;i&gt;</span>'),
        ("User", {"active": False}, '<span class="badge">inactive</span>'),
        ("Asset", {"online": True}, '<span class="badge good">online</span>'),
        ("Company", {"compliance_level": "hipaa"}, '<span class="badge shield">HIPAA</span>'),
        ("Folder", {}, '<span class="hint">6</span>'),
        ("Note", {"origin": "staff", "is_warning": True}, '<span class="badge warn">warning</span>'),
        ("Note", {"origin": "staff", "updated_by": "tess"}, '<span class="hint">tess · </span>'),
        ("Note", {"archived_at": "2026-01-01T00:00:00Z"}, '<bdi class="row-name gone">A &lt;name&gt;</bdi>'),
    ],
)
def test_a_row_says_how_its_node_is(kind: str, fields: dict[str, Any], said: str) -> None:
    html = row_link(Row("an-id", "A <name>", kind, 6, fields))
    assert said in html
    assert html.startswith('<a class="row" href="/node/an-id/">')


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("User", {"active": True}),
        ("Asset", {"online": False}),
        ("Company", {"compliance_level": "standard"}),
        ("Note", {"origin": "codex", "updated_by": "sync"}),
    ],
)
def test_a_row_says_nothing_where_all_is_usual(kind: str, fields: dict[str, Any]) -> None:
    assert row_link(Row("an-id", "A name", kind, 0, fields)).endswith('<span class="row-end"></span></a>')

"""What a search result shows of what matched."""

from typing import Any

from tree.graph.values import Hit, Row
from tree.search.snippets import snippet


def _texts(query: str, **fields: Any) -> list[tuple[str, bool]]:
    hit = Hit(Row("a1", "PC-7.md", "Asset", fields=fields), (), "A note about the printer.")
    return [(part.text, part.is_hit) for part in snippet(hit, query)]


def test_the_text_comes_first() -> None:
    assert _texts("printer", hostname="PRINTER") == [("A note about the ", False), ("printer", True), (".", False)]


def test_a_field_that_matches_is_shown_with_its_label() -> None:
    assert _texts("pc", hostname="PC-7") == [("Host: ", False), ("PC", True), ("-7", False)]
    assert _texts("windows", operating_system="Windows 11") == [("System: ", False), ("Windows", True), (" 11", False)]


def test_a_property_that_nobody_searches_is_not_shown() -> None:
    assert _texts("tree", parent_id="tree") == [("A note about the printer.", False)]

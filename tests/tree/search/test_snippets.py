"""What a search result shows of what matched."""

from typing import Any

import pytest

from tree.graph.values import Hit, Row
from tree.search.snippets import marked, snippet
from tree.search.typed import read_typed


def _texts(query: str, **fields: Any) -> list[tuple[str, bool]]:
    hit = Hit(Row("a1", "PC-7.md", "Asset", fields=fields), (), "A note about the printer.")
    return [(part.text, part.is_hit) for part in snippet(hit, read_typed(query))]


def test_the_text_comes_first() -> None:
    assert _texts("printer", hostname="PRINTER") == [("A note about the ", False), ("printer", True), (".", False)]


def test_a_field_that_matches_is_shown_with_its_label() -> None:
    assert _texts("corp", last_logged_in_user="CORP-9") == [("Last login: ", False), ("CORP", True), ("-9", False)]
    assert _texts("windows", operating_system="Windows 11") == [("System: ", False), ("Windows", True), (" 11", False)]


def test_a_number_that_was_typed_is_shown_before_the_text() -> None:
    assert _texts("10.0.3.0/24", int_ip_address="10.0.3.7") == [("Internal IP: ", False), ("10.0.3.7", True)]
    assert _texts("printer7", last_logged_in_user="x\\Printer.7.") == [
        ("Last login: ", False), ("x\\", False), ("Printer.7", True), (".", False),
    ]  # fmt: skip
    assert _texts("pc", hostname="PC-7") == [("A note about the printer.", False)], "the title shows it"


@pytest.mark.parametrize(
    ("title", "query", "hits"),
    [
        ("TIMB-LT-197", "10.0.3.19", []),
        ("Gateway 10.0.3.19 of TIMB-LT-197", "10.0.3.19", ["10.0.3.19"]),
        ("TIMB-LT-197", "lt 19", ["LT", "197"]),
    ],
)
def test_what_is_marked_of_a_title(title: str, query: str, hits: list[str]) -> None:
    assert [part.text for part in marked(title, read_typed(query)) if part.is_hit] == hits


def test_a_property_that_nobody_searches_is_not_shown() -> None:
    assert _texts("tree", parent_id="tree") == [("A note about the printer.", False)]


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("- **Host:** SRV_DB_01", "Host: SRV_DB_01"),
        (r"login CORP\\svc\_backup\* \<x\>", r"login CORP\svc_backup* <x>"),
        ("## Title\n> *quoted* __bold__ ~~gone~~ `code`", "Title quoted bold gone code"),
        ("| a | b |\n| --- | :-: |\n| x-- | C# 5 > 4<br>2 |", "a b x-- C# 5 > 4 2"),
        ("see [the page](/node/1/) and R&amp;D", "see the page and R&D"),
    ],
)
def test_a_text_is_shown_without_its_markup_and_with_all_of_its_signs(content: str, shown: str) -> None:
    hit = Hit(Row("a1", "x", "Note"), (), content)
    assert " ".join("".join(part.text for part in snippet(hit, read_typed("zzz"))).split()) == shown


def test_the_text_of_a_file_is_no_markdown() -> None:
    hit = Hit(Row("a1", "x", "Note"), (), r"# a_b_ \*c*", "file.txt")
    assert "".join(part.text for part in snippet(hit, read_typed("zzz"))) == r"# a_b_ \*c*"

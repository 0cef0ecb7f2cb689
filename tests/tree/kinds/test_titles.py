import pytest

from tree.kinds import LISTED_NAMES
from tree.kinds.titles import TITLE_NAMES, stored_name, title_of


@pytest.mark.parametrize(
    ("kind", "name", "properties", "title"),
    [
        ("Ticket", "Ticket_7.md", {"ticket_number": "40007", "subject": "VPN is down"}, "#40007 VPN is down"),
        ("Ticket", "Ticket_7.md", {"ticket_number": "40007", "subject": " "}, "#40007"),
        ("Ticket", "Ticket_7.md", {"ticket_number": None, "subject": "{VPN}"}, "{VPN}"),
        ("Ticket", "Ticket_7.md", {"codex_id": 7}, "#7"),
        ("Ticket", "Ticket_7.md", {}, "Ticket_7"),
        ("Asset", "DC01 (4711).md", {"hostname": "DC01"}, "DC01 (4711)"),
        ("Location", "Head office.md", {}, "Head office"),
        ("User", "Aaron Fischer", {"title": "Manager"}, "Aaron Fischer"),
        ("Company", "Markdown.md", {}, "Markdown.md"),
        ("Folder", "Docs.md", {}, "Docs.md"),
        ("Note", "VPN set-up.md", {}, "VPN set-up"),
        ("Note", "READ ME.MD", {}, "READ ME"),
        ("Note", ".md", {}, ".md"),
    ],
)
def test_title(kind: str, name: str, properties: dict[str, object], title: str) -> None:
    assert title_of(kind, name, properties) == title


def test_rows_of_lists_carry_what_titles_are_made_of() -> None:
    assert set(TITLE_NAMES) <= set(LISTED_NAMES)


@pytest.mark.parametrize(
    ("kind", "typed", "before", "stored"),
    [
        ("Note", " VPN ", "Old.md", "VPN.md"),
        ("Note", "VPN.md", "Old.md", "VPN.md"),
        ("Note", "VPN", "Old.MD", "VPN.MD"),
        ("Note", "VPN", "Old", "VPN"),
        ("Note", "VPN.md", "Old", "VPN.md"),
        ("Note", "  ", "Old.md", ""),
        ("Folder", "VPN", "Old.md", "VPN"),
    ],
)
def test_what_is_typed_in_place_of_a_name_keeps_its_ending(kind: str, typed: str, before: str, stored: str) -> None:
    assert stored_name(kind, typed, before) == stored

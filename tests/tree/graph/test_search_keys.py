"""What a node is found by, made from what its kind declares."""

from typing import Any

import pytest

from tree.graph.search_keys import FILE, search_keys, search_properties, search_scope


def _keys(kind: str, **properties: Any) -> set[str]:
    return set(search_keys(kind, properties).split())


@pytest.mark.parametrize(
    ("kind", "properties", "keys"),
    [
        ("Asset", {"hostname": "SRV-DB_01"}, {"srvdb01", "srv", "db", "01"}),
        ("Asset", {"hostname": "LAPTOP59"}, {"laptop59", "laptop", "59"}),
        ("Asset", {"int_ip_address": "10.0.3.7"}, {"10.0.3.7", "i0a000307"}),
        ("Asset", {"int_ip_address": "2001:DB8::1"}, {"i20010db8000000000000000000000001"}),
        ("Asset", {"int_ip_address": "none"}, {"none"}),
        ("User", {"name": "Jürgen Søren"}, {"jurgen", "soren"}),
        ("User", {"mobile_phone_number": "+1 (555) 010-0123 ext. 9"}, {"15550100123", "5550100123", "p32100105551"}),
        ("User", {"email": "Ana.Diaz@acme.example"}, {"ana.diaz@acme.example", "anadiaz", "ana", "diaz"}),
        ("Note", {"name": "MapDrive final_v2.md", "origin": "staff"}, {"mapdrive", "map", "drive", "final", "v", "2"}),
        ("Note", {"content": "at 00:1A:2b:3c:4d:5e", "origin": "staff"}, {"001a2b3c4d5e", "me5d4c3b2a100"}),
        ("Note", {"content": "l’imprimante", "origin": "staff"}, {"imprimante"}),
        ("Note", {"content": "שָׁלוֹם", "origin": "staff"}, {"שלום"}),
        ("Note", {"name": "プリンタ", "origin": "staff"}, {"プリンタ"}),
        (FILE, {"original_filename": "KB-2024_final.docx"}, {"kb2024finaldocx", "kb", "2024", "final", "docx"}),
    ],
)
def test_keys(kind: str, properties: dict[str, Any], keys: set[str]) -> None:
    assert keys <= _keys(kind, **properties)


def test_parts_of_a_record_are_not_found_by_themselves() -> None:
    card = {"name": "Contact.md", "content": "a_b", "origin": "codex", "codex_key": "user:1:1:contact"}
    assert search_properties("Note", card) == {"search_keys": None, "search_scope": None}


def test_scopes() -> None:
    ticket = {
        "origin": "codex",
        "account_number": "1001",
        "status": "On Hold",
        "latest_at": "2026-06-30T12:00:00+00:00",
    }
    marks = search_scope("Ticket", ticket).split()
    assert marks[0] == "kticket"
    assert marks[2:] == ["sopen", "sonhold", "d20260630"]
    assert "sclosed" in search_scope("Ticket", ticket | {"closed_at": "2026-07-01"}).split()
    assert "btess" in search_scope("Note", {"origin": "staff", "created_by": "tess"}).split()

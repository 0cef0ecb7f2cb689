"""The old application's JSON export."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.graph_assertions import graph_hash
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme
from tree import operations, queries
from tree.queries import paths
from tree.vocabulary import ROOT_ID

EXPORT: list[dict[str, Any]] = [
    {"path": "IT Docs/Windows/VPN", "content": "# VPN\n\n~~old~~ new", "is_folder": False, "is_attached": False},
    {"path": "IT Docs/Windows", "content": "", "is_folder": True, "is_attached": False},
    {"path": "IT Docs", "content": "About these", "is_folder": True, "is_attached": True},
    {"path": "IT Docs/Page", "content": "<h1>Page</h1><p>with <b>bold</b></p>", "is_folder": None},
    {"path": "Companies", "content": "", "is_folder": True},
    {"path": "Companies/Acme Dental/overview.md", "content": "Call before 9", "is_folder": False},
    {"path": "Loose/Deep/Note", "content": None},
]


def load(tmp_path: Path, export: Any, **options: bool) -> dict[str, Any]:
    path = tmp_path / "export.json"
    path.write_text(export if isinstance(export, str) else json.dumps(export))
    out = io.StringIO()
    call_command("import_tree", str(path), json=True, stdout=out, **options)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.fixture
def acme(graph: Graph) -> Acme:
    return Acme()


def content_at(path: str) -> str:
    return queries.get_node(paths.resolve(path)).content


def test_an_export_is_taken_over(acme: Acme, tmp_path: Path) -> None:
    found = load(tmp_path, EXPORT)
    assert found["counts"] == {"created": 6, "updated": 0, "unchanged": 1, "refused": 0}
    assert content_at("IT Docs/Windows/VPN") == "# VPN\n\n~~old~~ new"
    assert content_at("IT Docs") == "About these"
    assert content_at("IT Docs/Page") == "# Page\n\nwith **bold**\n"
    assert queries.get_node(paths.resolve("Companies/Acme Dental/overview.md")).path[-2].uid == acme.company
    assert queries.get_node(paths.resolve("Loose/Deep")).kind == "Folder"
    assert load(tmp_path, EXPORT)["counts"] == {"created": 0, "updated": 0, "unchanged": 7, "refused": 0}


def test_a_dry_run_says_the_same_and_writes_nothing(acme: Acme, graph: Graph, tmp_path: Path) -> None:
    before = graph_hash(graph)
    assert load(tmp_path, EXPORT, dry_run=True)["counts"]["created"] == 6
    assert graph_hash(graph) == before


def test_a_note_of_staff_gets_a_new_version_and_codex_is_left_alone(acme: Acme, tmp_path: Path) -> None:
    note = operations.create_note(ROOT_ID, "VPN", "mine", author="tess")
    found = load(
        tmp_path,
        [
            {"path": "VPN", "content": "from the old one"},
            {"path": "Companies/Acme Dental/Users/Ana Díaz/Contact.md", "content": "overwritten"},
        ],
    )
    assert (found["counts"]["updated"], found["counts"]["refused"]) == (1, 1)
    assert "comes from Codex" in found["lines"][0]
    assert [r.number for r in queries.get_revisions(note)] == [2, 1]
    assert queries.get_node(acme.contact).content.startswith("# Contact Information")


def test_names_with_slashes_are_found_as_one(acme: Acme, tmp_path: Path) -> None:
    folder = operations.create_folder(ROOT_ID, "A/B", author="tess")
    load(tmp_path, [{"path": "A/B/Note", "content": "x"}])
    assert queries.get_node(paths.resolve("A%2FB/Note")).path[-2].uid == folder


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "{",
        "{}",
        "[1]",
        "[" * 100_000,
        [{"content": "x"}],
        [{"path": 5}],
        [{"path": ""}],
        [{"path": "a/../b"}],
        [{"path": "a", "content": 5}],
        [{"path": "a", "content": "\0"}],
        [{"path": "a", "content": "x" * 300_000}],
        [{"path": "good"}, {"path": "a", "is_folder": "yes"}],
    ],
)
def test_bad_exports_are_refused_before_the_first_write(graph: Graph, tmp_path: Path, bad: Any) -> None:
    before = graph_hash(graph)
    with pytest.raises(CommandError, match="nothing was changed"):
        load(tmp_path, bad)
    assert graph_hash(graph) == before

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
    {"path": "Loose", "content": None},
]
COUNTS = dict.fromkeys(("created", "updated", "unchanged", "kept", "waiting", "revisions", "files"), 0)


def load(tmp_path: Path, export: Any, **options: bool) -> dict[str, Any]:
    path = tmp_path / "export.json"
    path.write_text(export if isinstance(export, str) else json.dumps(export))
    out = io.StringIO()
    call_command("import_tree", str(path), json=True, stdout=out, **options)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def content_at(path: str) -> str:
    return queries.get_node(paths.resolve(path)).content


def test_an_export_is_taken_over(acme: Acme, tmp_path: Path) -> None:
    found = load(tmp_path, EXPORT)
    assert found["counts"] == COUNTS | {"created": 6, "unchanged": 1, "revisions": 6}
    assert content_at("IT Docs/Windows/VPN") == "# VPN\n\n~~old~~ new"
    assert content_at("IT Docs") == "About these"
    assert queries.get_node(paths.resolve("IT Docs")).properties["is_attached"] is True
    assert content_at("IT Docs/Page") == "# Page\n\nwith **bold**\n"
    assert queries.get_node(paths.resolve("Companies/Acme Dental/overview.md")).path[-2].uid == acme.company


def test_a_second_import_changes_nothing(acme: Acme, graph: Graph, tmp_path: Path) -> None:
    export = [*EXPORT, {"path": "Twin", "content": "one"}, {"path": "Twin", "content": "two"}]
    load(tmp_path, export)
    before = graph_hash(graph)
    assert load(tmp_path, export)["counts"] == COUNTS | {"unchanged": 9}
    assert load(tmp_path, list(reversed(export)))["counts"] == COUNTS | {"unchanged": 9}
    assert graph_hash(graph) == before


def test_links_are_drawn_by_the_next_import_of_one_that_was_broken_off(
    acme: Acme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_off(*_: object) -> None:
        raise OSError("broken off")

    export = [{"path": "Clients", "content": f"First [Acme](/node/{acme.company}/)."}]
    with monkeypatch.context() as patched, pytest.raises(CommandError):
        patched.setattr(operations, "import_links", broken_off)
        load(tmp_path, export)
    assert queries.get_backlinks(acme.company) == ()
    load(tmp_path, export)
    assert [row.name for row in queries.get_backlinks(acme.company)] == ["Clients"]


def test_a_dry_run_says_the_same_and_writes_nothing(acme: Acme, graph: Graph, tmp_path: Path) -> None:
    export = [*EXPORT, {"path": "Twin", "content": "one"}, {"path": "Twin", "content": "two"}]
    before = graph_hash(graph)
    planned = load(tmp_path, export, dry_run=True)
    assert graph_hash(graph) == before
    done = load(tmp_path, export)
    assert (done["counts"], done["lines"]) == (planned["counts"], planned["lines"])


def test_what_staff_changed_since_is_kept_and_the_rest_gets_a_new_version(acme: Acme, tmp_path: Path) -> None:
    export = [{"path": name, "content": "first"} for name in ("Changed", "Renamed", "Trashed", "Untouched")]
    load(tmp_path, export)
    ids = {entry["path"]: paths.resolve(entry["path"]) for entry in export}
    operations.save(ids["Changed"], author="tess", content="by tess")
    operations.rename(ids["Renamed"], "Another name", author="tess")
    operations.trash(ids["Trashed"], author="tess")
    found = load(tmp_path, [entry | {"content": "second"} for entry in export])
    assert found["counts"] == COUNTS | {"updated": 1, "kept": 3}
    assert queries.get_node(ids["Changed"]).content == "by tess"
    assert queries.get_node(ids["Renamed"]).content == "first"
    assert [r.number for r in queries.get_revisions(ids["Untouched"])] == [2, 1]
    assert queries.get_node(ids["Untouched"]).content == "second"


def test_a_note_of_staff_and_one_of_the_file_stay_two(acme: Acme, tmp_path: Path) -> None:
    note = operations.create_note(ROOT_ID, "VPN.md", "mine", author="tess")
    found = load(
        tmp_path,
        [
            {"path": "VPN.md", "content": "from the old one"},
            {"path": "Companies/Acme Dental/Users/Ana Díaz/Contact.md", "content": "overwritten"},
        ],
    )
    assert found["counts"] == COUNTS | {"created": 1, "kept": 1, "revisions": 1}
    assert any("comes from Codex" in line for line in found["lines"])
    assert "VPN.md: the name is taken here; it is now VPN (imported).md." in found["lines"]
    assert queries.get_node(note).content == "mine"
    assert content_at("VPN (imported).md") == "from the old one"
    assert queries.get_node(acme.contact).content.startswith("# Contact Information")


def test_two_notes_of_one_name_are_both_kept(acme: Acme, tmp_path: Path) -> None:
    export = [
        {"path": "A", "is_folder": True, "content": "one"},
        {"path": "A", "is_folder": True, "content": "two"},
        {"path": "A", "content": "a note"},
        {"path": "A/B", "content": "x"},
        {"path": "A/B", "content": "y"},
        {"path": "A/B", "content": "x"},
    ]
    found = load(tmp_path, export)
    assert found["counts"] == COUNTS | {"created": 5, "unchanged": 1, "revisions": 5}
    below = {row.name: queries.get_node(row.uid).content for row in queries.get_children(paths.resolve("A")).rows}
    assert sorted(below) == ["A", "B", "B (imported)"]
    assert {below["B"], below["B (imported)"]} == {"x", "y"}
    assert {below["A"], content_at("A")} == {"one", "two"}
    assert content_at("A (imported)") == "a note"
    assert sum("the name is taken here" in line for line in found["lines"]) == 2


def test_the_file_tells_slashes_in_names_from_folders(acme: Acme, tmp_path: Path) -> None:
    export = [
        {"path": "Docs", "is_folder": True},
        {"path": "Docs/TCP/IP", "content": "a note"},
        {"path": "R/W", "is_folder": True},
        {"path": "R/W/Deep/Slash", "content": "in R/W"},
    ]
    found = load(tmp_path, export)
    assert found["counts"]["created"] == 4
    assert [row.name for row in queries.get_children(paths.resolve("Docs")).rows] == ["TCP/IP"]
    assert content_at("R%2FW/Deep%2FSlash") == "in R/W"
    assert "/Docs/TCP/IP: “TCP/IP” is one name: the file has no folder “TCP” there." in found["lines"]


def test_a_list_without_folders_gets_them(acme: Acme, graph: Graph, tmp_path: Path) -> None:
    export = [{"path": "Loose/Deep/Note", "content": "x"}, {"path": "Loose/Other", "content": "y"}]
    assert load(tmp_path, export)["counts"]["created"] == 4
    assert queries.get_node(paths.resolve("Loose/Deep")).kind == "Folder"
    before = graph_hash(graph)
    assert load(tmp_path, export)["counts"] == COUNTS | {"unchanged": 2}
    assert graph_hash(graph) == before


def test_names_with_slashes_are_found_as_one(acme: Acme, tmp_path: Path) -> None:
    folder = operations.create_folder(ROOT_ID, "A/B", author="tess")
    load(tmp_path, [{"path": "A/B/Note", "content": "x"}])
    assert queries.get_node(paths.resolve("A%2FB/Note")).path[-2].uid == folder


def test_every_fault_is_told(graph: Graph, tmp_path: Path) -> None:
    bad = [{"path": "good"}, {"path": 5}, {"path": "a", "content": 5}] + [{"path": "x/.."}] * 30
    with pytest.raises(CommandError) as caught:
        load(tmp_path, bad)
    told = str(caught.value)
    assert "entry 2: “path” must be a text" in told
    assert "entry 3 ('a'): “content” must be" in told
    assert told.count("cannot be a name") == 30


BAD: tuple[Any, ...] = (
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
    [{"path": "/".join("abcdefghij" * 6)}],
)


def test_bad_exports_are_refused_before_the_first_write(
    graph: Graph, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    before = graph_hash(graph)
    for bad in BAD:
        with subtests.test(bad=str(bad)[:50]):
            with pytest.raises(CommandError, match="nothing was changed"):
                load(tmp_path, bad)
            assert graph_hash(graph) == before

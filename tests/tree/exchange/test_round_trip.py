"""Export → empty installation → import → export: equal to the byte. And imports beside what is there."""

import io
import json
import os
import signal
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.graph_assertions import graph_hash
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme, make
from tree import operations, queries
from tree.exceptions import Refused
from tree.exchange import exporter, importer, planning
from tree.exchange.archive_reader import read_archive
from tree.exchange.exporter import export_tree
from tree.graph import connection, schema
from tree.graph.connection import write
from tree.integrity import check_graph
from tree.queries.texts import staff
from tree.vocabulary import COMPANIES_ID, ROOT_ID

TESS = "tess"
ALL_STRUCTURE = {"one root", "one parent", "no cycle", "unique id", "parent_id", "sibling_key", "sort_key"}


@pytest.fixture
def written(acme: Acme) -> dict[str, str]:
    """Notes at the top, in folders, below a company, a person, a ticket, in the trash; odd names and texts."""
    runbooks = operations.create_folder(ROOT_ID, "Runbooks / 2026: “new”", author=TESS)
    vpn = operations.create_note(runbooks, "VPN.md", "# VPN\n", author=TESS)
    operations.save(vpn, author="ann", content="---\nnot: front matter\n---\n\n  two\t\n\n", message="Clearer: “yes”")
    operations.set_warning(vpn, is_warning=True, author="ann")
    on_ana = operations.create_note(acme.ana, "👩‍🔧 مرحبا", f"See [VPN](/node/{vpn}/).", author=TESS)
    below = operations.create_note(on_ana, "Below", "", author=TESS)
    operations.create_note(acme.open, "On a ticket", "x" * 100_000, author=TESS)
    gone = operations.create_folder(COMPANIES_ID, "Gone", author=TESS)
    operations.create_note(gone, "VPN", "in the trash", author=TESS)
    operations.trash(gone, author="ann")
    write(lambda tx: tx.run(_KEYS).consume())
    file = operations.add_file(vpn, 'plan "b".txt', io.BytesIO(b"the plan"), author=TESS)
    write(lambda tx: tx.run(_SHARE, id=file.uid, owner=acme.laptop).consume())
    return {"file": file.filename, "runbooks": runbooks, "vpn": vpn, "on_ana": on_ana, "below": below, "gone": gone}


_KEYS = "MATCH (n {origin: 'codex'}) WHERE n.codex_key IS NULL SET n.codex_key = 'made-up:' + n.id"
_SHARE = "MATCH (f:File {id: $id}), (n:ContextItem {id: $owner}) CREATE (n)-[:HAS_FILE]->(f)"


def emptied(graph: Graph) -> None:
    graph.empty()
    schema.set_up()
    for path in settings.UPLOADS_DIR.iterdir():
        path.unlink()


def imported(path: Path, **options: bool) -> dict[str, int]:
    out = io.StringIO()
    call_command("import_tree", str(path), json=True, stdout=out, **options)
    counts: dict[str, int] = json.loads(out.getvalue())["counts"]
    return counts


def test_there_and_back_is_equal_to_the_byte(written: dict[str, str], graph: Graph, tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"{n}.zip" for n in (1, 2, 3))
    manifest = export_tree(first).manifest
    assert (manifest.nodes, manifest.revisions, manifest.files) == (7, 9, 1)
    emptied(graph)
    counts = imported(first)
    assert counts == {"created": 7, "updated": 0, "unchanged": 0, "kept": 0, "waiting": 2, "revisions": 9, "files": 1}
    assert {b.check for b in check_graph()[1]} & ALL_STRUCTURE == set()
    export_tree(second)
    assert first.read_bytes() == second.read_bytes()
    assert queries.get_node(written["vpn"]).properties["is_warning"] is True
    assert (settings.UPLOADS_DIR / written["file"]).read_bytes() == b"the plan"
    assert [row.uid for row in queries.get_backlinks(written["vpn"])] == [written["on_ana"]]
    assert [t.row.uid for t in queries.get_trash()] == [written["gone"]]
    assert imported(first)["created"] == 0  # twice is once
    export_tree(third)
    assert first.read_bytes() == third.read_bytes()


def test_an_id_that_looks_like_those_of_the_folders_for_waiting_notes_is_exported(graph: Graph, tmp_path: Path) -> None:
    operations.create_note(ROOT_ID, "Ring this bell", author=TESS, uid="waitingroom")
    manifest = export_tree(tmp_path / "1.zip").manifest
    assert (manifest.nodes, manifest.revisions) == (1, 1)


def test_others_write_between_two_steps_of_an_import(
    written: dict[str, str], graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import holds the lock of the tree for one batch. A name that they take meanwhile stays theirs."""
    export_tree(tmp_path / "1.zip")
    emptied(graph)
    monkeypatch.setattr(importer, "NODES_A_BATCH", 1)
    content = read_archive(tmp_path / "1.zip")
    planned = importer.plan_import(content)
    made = iter(["VPN.md", *"bcdefghijklmnopqrstuvwxyz"])
    told: list[str] = []

    def wrote(_: int, lines: list[str]) -> None:
        told.extend(lines)
        if graph.rows("MATCH (n {id: $id}) RETURN 1", id=written["runbooks"]):
            operations.create_note(written["runbooks"], next(made), author="ann")

    importer.apply_import(content, planned, wrote)
    assert told == ["VPN.md: the name was taken meanwhile; it is now VPN (imported).md."]
    assert queries.get_node(written["vpn"]).name == "VPN (imported).md"
    assert {b.check for b in check_graph()[1]} & ALL_STRUCTURE == set()


def test_an_import_that_was_stopped_is_completed_by_the_next(
    written: dict[str, str],
    graph: Graph,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
) -> None:
    for size in ("NODES_A_BATCH", "CHARACTERS_A_BATCH", "FILES_A_BATCH", "LINKED_A_BATCH"):
        monkeypatch.setattr(importer, size, 1)
    export_tree(tmp_path / "1.zip")
    content = read_archive(tmp_path / "1.zip")
    for after in range(9):
        with subtests.test(after=after):
            emptied(graph)
            steps = iter(range(after))
            with pytest.raises(StopIteration):
                importer.apply_import(content, importer.plan_import(content), lambda *_: next(steps))  # noqa: B023
            imported(tmp_path / "1.zip")
            again = tmp_path / f"after {after}.zip"
            export_tree(again)
            assert (tmp_path / "1.zip").read_bytes() == again.read_bytes()
            assert [row.uid for row in queries.get_backlinks(written["vpn"])] == [written["on_ana"]]
            assert {b.check for b in check_graph()[1]} & ALL_STRUCTURE == set()


def test_the_links_of_a_renamed_note_are_drawn_by_the_next_import(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vpn = operations.create_note(ROOT_ID, "VPN", author=TESS)
    how = operations.create_note(ROOT_ID, "How", f"See [VPN](/node/{vpn}/).", author=TESS)
    export_tree(tmp_path / "1.zip")
    graph.empty()
    schema.set_up()
    operations.create_note(ROOT_ID, "How", "another one", author="ann")
    with monkeypatch.context() as patched, pytest.raises(CommandError):
        patched.setattr(operations, "import_links", broken_off)
        imported(tmp_path / "1.zip")
    assert queries.get_backlinks(vpn) == ()
    imported(tmp_path / "1.zip")
    assert [(row.uid, row.name) for row in queries.get_backlinks(vpn)] == [(how, "How (imported)")]


def broken_off(*_: object) -> None:
    raise OSError("broken off")


def test_ctrl_c_ends_the_command_between_two_steps(
    written: dict[str, str], graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_tree(tmp_path / "1.zip")
    emptied(graph)
    monkeypatch.setattr(importer, "NODES_A_BATCH", 1)
    written_before, told = operations.import_nodes, io.StringIO()

    def pressed(nodes: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return written_before(nodes)

    with monkeypatch.context() as patched, pytest.raises(SystemExit) as caught:
        patched.setattr(operations, "import_nodes", pressed)
        call_command("import_tree", str(tmp_path / "1.zip"), stderr=told)
    assert caught.value.code == 130
    assert "run the command again" in told.getvalue()
    assert graph.rows("MATCH (n {origin: 'staff'}) WHERE NOT n.id STARTS WITH 'waiting' RETURN count(n) AS n") == [
        {"n": 1}
    ]
    imported(tmp_path / "1.zip")
    export_tree(tmp_path / "2.zip")
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()


def deep(levels: int, uid: str = "") -> str:
    """The last of so many folders below one another."""
    parent = ROOT_ID
    for level in range(1, levels + 1):
        parent = make("Folder", f"L{level}", parent, uid=uid if level == levels else "")
    return parent


def test_a_large_import_is_compared_in_few_questions_and_gives_signs_of_life(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where each name is taken by another node: one question for each would take minutes."""
    for number in range(30):
        operations.create_note(ROOT_ID, f"N{number}.md", "text", author=TESS)
    export_tree(tmp_path / "1.zip")
    graph.rows("MATCH (n:Note) SET n.id = n.id + '-other'")
    asked: list[str] = []

    def counted(cypher: str, **parameters: Any) -> Any:
        asked.append(cypher)
        return connection.stream(cypher, **parameters)

    monkeypatch.setattr(staff, "stream", counted)
    monkeypatch.setattr(staff, "ASKED_AT_ONCE", 10)
    beats: list[int] = []
    planned = planning.plan_file(tmp_path / "1.zip", TESS, beats.append)[1]
    assert {node["name"] for node in planned.create} == {f"N{number} (imported).md" for number in range(30)}
    assert len(planned.create) == 30
    assert len(asked) < 30
    assert beats.count(0) >= len(asked) - 2


def test_a_batch_looks_again_how_deep_it_lies(written: dict[str, str], graph: Graph, tmp_path: Path) -> None:
    """Somebody may have moved the place since it was compared."""
    export_tree(tmp_path / "1.zip")
    emptied(graph)
    content = read_archive(tmp_path / "1.zip")
    planned = importer.plan_import(content)
    planned.create[0] |= {"parent_id": deep(50)}
    with pytest.raises(Refused, match="more than 50 levels deep"):
        importer.apply_import(content, planned)


def test_what_would_lie_too_deep_at_its_place_goes_on_waiting(
    written: dict[str, str], acme: Acme, graph: Graph, tmp_path: Path
) -> None:
    export_tree(tmp_path / "1.zip")
    emptied(graph)
    imported(tmp_path / "1.zip")
    deep(49, uid=acme.ana)
    assert operations.settle_waiting() == 0  # with the note below it, it would reach level 51
    assert queries.get_node(written["on_ana"]).path[1].name == "Waiting for Codex"


def test_what_waited_goes_to_its_place(written: dict[str, str], acme: Acme, graph: Graph, tmp_path: Path) -> None:
    archive = tmp_path / "1.zip"
    export_tree(archive)
    emptied(graph)
    imported(archive)
    waiting = queries.get_node(written["on_ana"]).path
    assert [c.name for c in waiting][1:3] == [
        "Waiting for Codex",
        "Companies / Acme Dental / Users / Ana Díaz (user:1001:1)",
    ]
    assert operations.settle_waiting() == 0
    company = make("Company", "Acme Dental", uid=acme.company, codex_key="company:1001")
    users = make("Folder", "Users", company, uid=acme.users, codex_key="company:1001:users")
    ana = make("User", "Ana Díaz", users, uid=acme.ana, codex_key="user:1001:1")
    make("Asset", "LAPTOP-59.md", company, uid=acme.laptop)
    assert operations.settle_waiting() == 1
    assert queries.get_node(written["on_ana"]).path[-2].uid == ana
    assert queries.get_node(written["below"]).path[-2].uid == written["on_ana"]
    owners = graph.rows("MATCH (n)-[:HAS_FILE]->(f:File) RETURN n.id AS id")
    assert {row["id"] for row in owners} == {written["vpn"], acme.laptop}
    names = [row.name for row in queries.get_children(ROOT_ID).rows]
    assert names == ["Companies", "Runbooks / 2026: “new”", "Waiting for Codex"]  # the ticket's note still waits
    assert {b.check for b in check_graph()[1]} & ALL_STRUCTURE == set()


def test_nothing_here_is_overwritten(written: dict[str, str], graph: Graph, tmp_path: Path) -> None:
    archive = tmp_path / "1.zip"
    export_tree(archive)
    operations.save(written["vpn"], author="ann", content="newer")
    before = graph_hash(graph)
    counts = imported(archive)
    assert (counts["created"], counts["kept"], counts["unchanged"]) == (0, 1, 6)
    assert graph_hash(graph) == before


def test_a_name_that_is_taken_here(written: dict[str, str], acme: Acme, graph: Graph, tmp_path: Path) -> None:
    archive = tmp_path / "1.zip"
    export_tree(archive)
    emptied(graph)
    operations.create_folder(ROOT_ID, "runbooks / 2026: “NEW”", author="ann")
    imported(archive)
    assert queries.get_node(written["runbooks"]).name == "Runbooks / 2026: “new” (imported)"
    assert {b.check for b in check_graph()[1]} & ALL_STRUCTURE == set()


def test_a_dry_run_writes_nothing(written: dict[str, str], graph: Graph, tmp_path: Path) -> None:
    archive = tmp_path / "1.zip"
    export_tree(archive)
    emptied(graph)
    before = graph_hash(graph)
    assert imported(archive, dry_run=True)["created"] == 7
    assert graph_hash(graph) == before
    assert list(settings.UPLOADS_DIR.iterdir()) == []


def test_entries_have_names_that_people_find(written: dict[str, str], tmp_path: Path) -> None:
    export_tree(tmp_path / "1.zip")
    names = set(zipfile.ZipFile(tmp_path / "1.zip").namelist())
    assert "tree/Runbooks _ 2026_ “new”/VPN.md" in names
    assert "tree/Companies/Acme Dental/Users/Ana Díaz/👩‍🔧 مرحبا.md" in names
    assert f"revisions/{written['vpn']}/000002.md" in names


def test_an_export_never_overwrites_a_file(graph: Graph, tmp_path: Path) -> None:
    target = tmp_path / "1.zip"
    target.write_text("mine")
    with pytest.raises(CommandError, match="exists already"):
        call_command("export_tree", str(target))
    assert target.read_text() == "mine"


def test_an_export_goes_on_without_the_bytes_of_a_file(
    written: dict[str, str], graph: Graph, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (settings.UPLOADS_DIR / written["file"]).unlink()
    with pytest.raises(SystemExit) as caught:
        call_command("export_tree", str(tmp_path / "1.zip"))
    assert caught.value.code == 3
    told = capsys.readouterr().err
    assert f"/Runbooks / 2026: “new”/VPN.md: plan _b_.txt ({written['file']}): its bytes are missing" in told
    assert "/Companies/Acme Dental/Assets/LAPTOP-59.md" in told
    emptied(graph)
    counts = imported(tmp_path / "1.zip")
    assert (counts["created"], counts["files"]) == (7, 0)


def test_an_export_of_bytes_that_were_changed_can_be_imported(
    written: dict[str, str], graph: Graph, tmp_path: Path
) -> None:
    (settings.UPLOADS_DIR / written["file"]).write_bytes(b"other bytes")
    exported = export_tree(tmp_path / "1.zip")
    assert "not those that were uploaded" in exported.faults[0]
    emptied(graph)
    assert imported(tmp_path / "1.zip")["files"] == 1


def test_an_export_that_fails_leaves_nothing(tmp_path: Path, graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporter, "_add", lambda *_: (_ for _ in ()).throw(OSError("no space")))
    with pytest.raises(CommandError, match="no space"):
        call_command("export_tree", str(tmp_path / "1.zip"))
    assert list(tmp_path.iterdir()) == []

"""Orphans: what a kill leaves behind is found and swept, and nothing that somebody still needs."""

import io
import json
import os
import signal
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.throwaway_neo4j import Graph
from tree import operations, queries
from tree.files import storage
from tree.graph.values import File
from tree.integrity import check_graph
from tree.operations.sweep import Orphans, find_orphans, sweep
from tree.vocabulary import ROOT_ID

TESS = "tess"
REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "uploads"
    monkeypatch.setattr(settings, "UPLOADS_DIR", folder)
    monkeypatch.setattr(settings, "FILE_UPLOAD_TEMP_DIR", folder / "incoming")
    return folder


@pytest.fixture
def note(graph: Graph) -> str:
    return operations.create_note(ROOT_ID, "VPN", author=TESS)


def add(node: str, name: str = "a.txt") -> File:
    return operations.add_file(node, name, io.BytesIO(b"text"), author=TESS)


def age(uploads: Path, graph: Graph, hours: float = 2) -> None:
    """Make all files and records older."""
    for path in uploads.rglob("*"):
        os.utime(path, (time.time() - hours * 3600,) * 2)
    graph.rows("MATCH (f:File) SET f.created_at = '2026-01-01T00:00:00+00:00'")


def told(*options: str) -> dict[str, object]:
    out = io.StringIO()
    with suppress(SystemExit):  # a file's bytes are missing
        call_command("sweep_files", "--json", *options, stdout=out)
    found: dict[str, object] = json.loads(out.getvalue())
    return found


def breaches() -> list[str]:
    return [breach.message for breach in check_graph()[1]]


@pytest.mark.parametrize("step", ["received", "kept"])
def test_a_kill_leaves_bytes_that_are_swept_after_an_hour(note: str, graph: Graph, uploads: Path, step: str) -> None:
    arguments = ["-m", "tests.tree.operations.killed_upload", str(uploads), note, step]
    ended = subprocess.run([sys.executable, *arguments], cwd=REPOSITORY, env=os.environ, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    [left] = uploads.iterdir()
    assert left.name.startswith(storage.INCOMING) == (step == "received")
    assert queries.get_files(note) == ()
    assert find_orphans() == Orphans(on_disk=1)  # it may still be in work
    assert breaches() == []
    age(uploads, graph)
    assert [left.name in message for message in breaches()] == [True]
    assert told("--dry-run")["strays"] == [left.name]
    assert left.exists()
    assert told()["strays"] == [left.name]
    assert list(uploads.iterdir()) == []
    assert breaches() == []
    file = add(note)
    age(uploads, graph)
    assert sweep() == Orphans(on_disk=1)
    assert storage.path_of(file.filename).exists()


def test_what_a_kill_leaves_of_a_request_is_swept_after_an_hour(note: str, graph: Graph, uploads: Path) -> None:
    arguments = ["-m", "tests.tree.operations.killed_upload", str(uploads), note, "arriving"]
    ended = subprocess.run([sys.executable, *arguments], cwd=REPOSITORY, env=os.environ, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    [left] = (uploads / "incoming").iterdir()
    assert left.stat().st_size > 0
    assert [stat.S_IMODE(path.stat().st_mode) for path in (left, left.parent, uploads)] == [0o600, 0o700, 0o700]
    assert find_orphans() == Orphans(on_disk=1)  # it may still be coming
    age(uploads, graph)
    assert told()["strays"] == [f"incoming/{left.name}"]
    assert not left.exists()
    assert find_orphans() == Orphans()


def test_a_record_without_bytes_is_told_and_kept(note: str, graph: Graph, uploads: Path) -> None:
    file = add(note)
    storage.delete(file.filename)
    assert breaches() == []
    age(uploads, graph)
    assert [file.name in message for message in breaches()] == [True]
    assert told()["missing"] == [{"id": file.uid, "name": "a.txt"}]
    assert [found.uid for found in queries.get_files(note)] == [file.uid]


def test_removed_files_go_after_thirty_days(note: str, graph: Graph, uploads: Path) -> None:
    gone, shared, fresh, kept = (add(note, f"{name}.txt") for name in ("gone", "shared", "fresh", "kept"))
    copied = operations.copy(note, ROOT_ID, author=TESS)
    graph.rows("MATCH (:ContextItem {id: $n})-[h:HAS_FILE]->(f) WHERE f.id <> $f DELETE h", n=copied, f=shared.uid)
    for file in (gone, shared, fresh):
        operations.remove_file(note, file.uid, author=TESS)
    age(uploads, graph)
    assert sweep().expired == ()
    graph.rows(
        "MATCH ()-[h:HAS_FILE]->(f) WHERE h.trashed_at IS NOT NULL AND f.id <> $f SET h.trashed_at = '2026-01-01'",
        f=fresh.uid,
    )
    assert sorted(sweep().expired) == ["gone.txt", "shared.txt"]
    assert {path.name for path in uploads.iterdir()} == {shared.filename, fresh.filename, kept.filename}
    assert [file.name for file in queries.get_files(note)] == ["fresh.txt", "kept.txt"]
    assert [file.name for file in queries.get_files(copied)] == ["shared.txt"]
    assert breaches() == []


def test_a_record_that_no_node_holds_goes_with_its_bytes(note: str, graph: Graph, uploads: Path) -> None:
    add(note)
    graph.rows("MATCH ()-[h:HAS_FILE]->() DELETE h")
    assert sweep().unheld == ()
    age(uploads, graph)
    assert sweep().unheld == ("a.txt",)
    assert list(uploads.iterdir()) == []
    assert graph.rows("MATCH (f:File) RETURN f.id") == []


def test_a_fresh_record_that_no_node_holds_stays_while_an_old_one_goes(note: str, graph: Graph, uploads: Path) -> None:
    """It may be of an import or a restore in work: its node comes in a moment."""
    add(note, "old.txt")
    age(uploads, graph)
    fresh = add(note, "fresh.txt")
    graph.rows("MATCH ()-[h:HAS_FILE]->() DELETE h")
    assert sweep().unheld == ("old.txt",)
    assert graph.rows("MATCH (f:File) RETURN f.id AS id") == [{"id": fresh.uid}]
    assert [path.name for path in uploads.iterdir()] == [fresh.filename]


def test_very_many_orphans_are_left_alone(note: str, graph: Graph, uploads: Path) -> None:
    """The wrong graph, or an old backup of it, must not cost all files."""
    uploads.mkdir()
    for _ in range(21):
        (uploads / storage.new_name("txt")).write_bytes(b"text")
    age(uploads, graph)
    with pytest.raises(CommandError, match="right graph"):
        call_command("sweep_files")
    assert len(list(uploads.iterdir())) == 21
    call_command("sweep_files", "--even-many", stdout=io.StringIO())
    assert list(uploads.iterdir()) == []


def test_what_is_no_file_of_ours_stays(graph: Graph, uploads: Path) -> None:
    uploads.mkdir()
    (uploads / "README").write_text("put here by an administrator")
    (uploads / ".gitkeep").touch()
    (uploads / "folder.txt").mkdir()
    age(uploads, graph)
    assert sweep() == Orphans()
    assert len(list(uploads.iterdir())) == 3

"""Export and import in the pages."""

import errno
import io
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from tests.graph_assertions import graph_hash
from tests.pages import squeezed
from tests.throwaway_neo4j import Graph
from tree import operations, queries
from tree.exchange import importer, jobs, planning
from tree.exchange.archive import MANIFEST
from tree.exchange.archive_reader import read_archive
from tree.exchange.exporter import export_tree
from tree.graph import schema
from tree.models import TreeImport
from tree.vocabulary import ROOT_ID


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """Also of other files' tests, which the same worker may have run before."""
    shutil.rmtree(settings.INSTANCE_DIR / "imports", ignore_errors=True)
    yield
    shutil.rmtree(settings.INSTANCE_DIR / "imports", ignore_errors=True)


def downloaded(admin: Client) -> bytes:
    answer = admin.post("/exchange/export/")
    assert answer.headers["Content-Type"] == "application/zip"
    assert 'attachment; filename="knowledgetree-' in answer.headers["Content-Disposition"]
    return b"".join(answer)


def left() -> list[Path]:
    return [path for path in settings.INSTANCE_DIR.iterdir() if path.name.startswith("export-")]


def sent(admin: Client, name: str, raw: bytes) -> TreeImport:
    """The import of an uploaded file, compared by the worker."""
    row = uploaded(admin, name, raw)
    assert worked(row) == "compared"
    return row


def uploaded(admin: Client, name: str, raw: bytes) -> TreeImport:
    """The import of an uploaded file that waits for its check."""
    answer = admin.post("/exchange/import/", {"file": SimpleUploadedFile(name, raw)})
    row = TreeImport.objects.get()
    assert answer.headers["Location"] == f"/exchange/import/{row.pk}/"
    assert row.status == "queued"
    return row


def folder() -> list[Path]:
    return list((settings.INSTANCE_DIR / "imports").iterdir())


def page(admin: Client, row: TreeImport) -> str:
    return squeezed(admin.get(f"/exchange/import/{row.pk}/").content.decode())


def started(admin: Client, row: TreeImport) -> TreeImport:
    admin.post(f"/exchange/import/{row.pk}/apply/")
    row.refresh_from_db()
    return row


def worked(row: TreeImport) -> str:
    """What the worker makes of the newest job."""
    [job] = OrmQ.objects.all()
    assert job.task["args"] == (row.pk,)
    job.delete()
    jobs.run_import(row.pk)
    row.refresh_from_db()
    return row.status


def test_out_and_in(graph: Graph, admin: Client) -> None:
    note = operations.create_note(ROOT_ID, "VPN", "# VPN", author="tess")
    archive = downloaded(admin)
    assert MANIFEST in zipfile.ZipFile(io.BytesIO(archive)).namelist()
    assert left() == []
    graph.empty()
    schema.set_up()
    before = graph_hash(graph)
    row = sent(admin, "mine.zip", archive)
    assert "<strong>1</strong> created" in page(admin, row)
    assert graph_hash(graph) == before
    assert started(admin, row).status == "queued"
    assert "Waiting for the worker" in page(admin, row)
    assert graph_hash(graph) == before
    assert worked(row) == "complete"
    assert queries.get_node(note).content == "# VPN"
    told = page(admin, row)
    assert "The import is complete." in told
    assert "<strong>1</strong> created" in told
    assert folder() == []
    assert started(admin, row).status == "complete"  # once only
    assert not OrmQ.objects.exists()


def test_a_long_import_lets_other_jobs_in_between(graph: Graph, admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr(jobs, "BEAT_SECONDS", 0.0)
    monkeypatch.setattr(importer, "NODES_A_BATCH", 1)
    export = json.dumps([{"path": f"N{n}", "content": "text"} for n in range(3)]).encode()
    row = started(admin, sent(admin, "old.json", export))
    assert worked(row) == "queued"
    answer = admin.get(f"/exchange/import/{row.pk}/progress/")
    assert "<strong>1</strong> of 6" in squeezed(answer.content.decode())  # three notes and their first versions
    while row.status == "queued":
        worked(row)
    assert (row.status, row.done, row.counts["created"]) == ("complete", 6, 3)
    assert admin.get(f"/exchange/import/{row.pk}/progress/").headers["HX-Refresh"] == "true"
    assert len(queries.get_children(ROOT_ID).rows) == 4


def test_a_long_import_checks_its_file_once(graph: Graph, admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr(importer, "NODES_A_BATCH", 1)
    archive = archive_of("A", "B", "C")
    graph.empty()
    read: list[Path] = []

    def noted(path: Path, *rest: Any) -> Any:
        read.append(path)
        return read_archive(path, *rest)

    monkeypatch.setattr(planning, "read_archive", noted)
    row = started(admin, sent(admin, "mine.zip", archive))
    slices = 0
    while row.status == "queued":
        worked(row)
        slices += 1
    assert (row.status, slices > 3, len(read)) == ("complete", True, 1)
    assert {row.name for row in queries.get_children(ROOT_ID).rows} == {"Companies", "A", "B", "C"}
    assert folder() == []


@pytest.mark.parametrize("kept", [b"", b"[", b"[1,1,0,1]\n", b"[0]\n"])
def test_a_damaged_note_of_the_check_has_the_file_checked_again(graph: Graph, admin: Client, kept: bytes) -> None:
    archive = archive_of("A")
    graph.empty()
    row = started(admin, sent(admin, "mine.zip", archive))
    [note] = [path for path in folder() if path.name.endswith(".checked")]
    note.write_bytes(kept)
    assert worked(row) == "complete"
    assert {row.name for row in queries.get_children(ROOT_ID).rows} == {"Companies", "A"}


def archive_of(*names: str) -> bytes:
    for name in names:
        operations.create_note(ROOT_ID, name, f"# {name}", author="tess")
    with TemporaryDirectory() as folder:
        export_tree(Path(folder) / "mine.zip")
        return (Path(folder) / "mine.zip").read_bytes()


def test_the_check_tells_how_far_it_is_and_goes_on_after_a_death(
    graph: Graph, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BEAT_SECONDS", 0.0)
    row = uploaded(admin, "mine.zip", archive_of("A", "B"))
    seen: list[str] = []

    def dies_at_the_third(path: Path, read: Any) -> Any:
        for _ in range(3):
            read(1)
        seen.append(squeezed(admin.get(f"/exchange/import/{row.pk}/progress/").content.decode()))
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(planning, "read_archive", dies_at_the_third)
        with pytest.raises(SystemExit):
            worked(row)
    assert "Checking" in seen[0]
    assert "<strong>3</strong> of 5" in seen[0]  # two notes, their first versions, the list of contents
    TreeImport.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    row.refresh_from_db()
    assert "The check was interrupted" in page(admin, row)
    assert "Check again" in page(admin, row)
    assert worked(started(admin, row)) == "compared"
    assert "<strong>2</strong> unchanged" in page(admin, row)


def versions(uid: str) -> dict[int, str]:
    return {found.number: queries.get_revision(uid, found.number).content for found in queries.get_revisions(uid)}


def test_what_staff_write_during_a_long_import_costs_no_version(
    graph: Graph, admin: Client, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    monkeypatch.setattr(jobs, "SLICE_SECONDS", 0.0)
    note = operations.create_note(ROOT_ID, "N", "one", author="tess")
    operations.save(note, author="tess", content="two")
    archive = downloaded(admin)
    old = json.dumps([{"path": "N", "content": "one"}]).encode()
    for name, raw, before in (("mine.zip", archive, ["one", "two"]), ("old.json", old, ["one"])):
        with subtests.test(file=name):
            graph.empty()
            TreeImport.objects.all().delete()
            row = started(admin, sent(admin, name, raw))
            assert worked(row) == "queued"
            [uid] = [row.uid for row in queries.get_children(ROOT_ID).rows if row.name == "N"]
            assert versions(uid) == {}, "the page alone is written"
            operations.save(uid, author="ann", content="of Ann")
            while row.status == "queued":
                worked(row)
            assert list(versions(uid).values())[::-1] == [*before, "of Ann"]
            assert queries.get_node(uid).content == "of Ann"


def test_an_import_that_cannot_go_on_does_not_say_that_nothing_was_changed(
    graph: Graph, admin: Client, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(jobs, "SLICE_SECONDS", 0.0)
    note = operations.create_note(ROOT_ID, "N", "one", author="tess")
    operations.add_file(note, "plan.txt", io.BytesIO(b"the plan"), author="tess")
    archive = downloaded(admin)
    graph.empty()
    row = started(admin, sent(admin, "mine.zip", archive))
    assert worked(row) == "queued"
    settings.FILES_LIMIT_BYTES = 1
    assert worked(row) == "failed"
    assert row.reason.startswith("The rest cannot be imported; what was written stays.\n  Its files do not fit")
    assert "Do the rest" in page(admin, row)


def test_a_file_is_kept_as_long_as_its_import_goes_on(graph: Graph, admin: Client) -> None:
    row = sent(admin, "old.json", b'[{"path": "A"}]')
    for path in folder():
        os.utime(path, (0, 0))
    started(admin, row)
    admin.post("/exchange/import/", {"file": SimpleUploadedFile("other.json", b"[]")})
    assert jobs.path_of(row).is_file()


def test_what_others_did_during_a_long_import_is_told(
    graph: Graph, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr(importer, "NODES_A_BATCH", 1)
    write_nodes = operations.import_nodes

    def after_somebody_took_the_name(nodes: Any) -> Any:
        operations.create_note(ROOT_ID, "N0", author="ann")
        return write_nodes(nodes)

    export = json.dumps([{"path": f"N{n}", "content": "text"} for n in range(3)]).encode()
    row = started(admin, sent(admin, "old.json", export))
    with monkeypatch.context() as patched:
        patched.setattr(operations, "import_nodes", after_somebody_took_the_name)
        worked(row)
    operations.create_note(ROOT_ID, "N2", author="ann")
    while row.status == "queued":
        worked(row)
    assert row.lines == [
        "N0: the name was taken meanwhile; it is now N0 (imported).",
        "N2: the name is taken here; it is now N2 (imported).",
    ]


def test_an_import_whose_process_died_is_completed_by_starting_it_again(
    graph: Graph, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = json.dumps([{"path": f"N{n}", "content": "text"} for n in range(3)]).encode()
    row = started(admin, sent(admin, "old.json", export))
    monkeypatch.setattr(importer, "NODES_A_BATCH", 1)
    with monkeypatch.context() as patched:
        patched.setattr(operations, "import_revisions", _dies)
        with pytest.raises(SystemExit):
            worked(row)
    row.refresh_from_db()
    assert row.status == "running"
    assert started(admin, row).status == "running"  # as long as it may be alive
    TreeImport.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    row.refresh_from_db()
    assert "was interrupted" in page(admin, row)
    listed = squeezed(admin.get("/exchange/").content.decode())
    assert f'<a href="/exchange/import/{row.pk}/"><bdi>old.json</bdi></a> interrupted' in listed
    started(admin, row)
    assert worked(row) == "complete"
    assert (row.counts["created"], row.done) == (3, row.total)
    [one] = graph.rows("MATCH (n:Note)-[:HAS_REVISION]->(r) RETURN count(r) AS number")
    assert one["number"] == 3


def _dies(*_: object) -> None:
    raise SystemExit


def test_an_import_that_cannot_go_on_says_why(graph: Graph, admin: Client) -> None:
    row = started(admin, sent(admin, "old.json", b'[{"path": "A"}]'))
    path, note = sorted(folder())
    path.write_text("[")
    note.unlink()
    assert worked(row) == "failed"
    assert "is not an export of the old application" in page(admin, row)
    path.unlink()
    answer = admin.post(f"/exchange/import/{row.pk}/apply/")
    assert "Choose old.json again" in answer.content.decode()


def test_the_old_applications_export(graph: Graph, admin: Client) -> None:
    export = json.dumps([{"path": "Docs/VPN", "content": "text"}]).encode()
    row = sent(admin, "old.JSON", export)
    assert "<strong>2</strong> created" in page(admin, row)
    worked(started(admin, row))
    [docs] = [row for row in queries.get_children(ROOT_ID).rows if row.name == "Docs"]
    [vpn] = queries.get_children(docs.uid).rows
    assert queries.get_node(vpn.uid).properties["created_by"] == "admin"


def test_a_bad_archive_says_why(graph: Graph, admin: Client) -> None:
    row = uploaded(admin, "<b>.zip", b"hello")
    assert worked(row) == "refused"
    told = page(admin, row)
    assert "nothing was changed" in told
    assert "<button" not in told.partition('aria-label="Import"')[2].partition("</section>")[0]
    assert folder() == []
    assert admin.post("/exchange/import/").status_code == 400
    assert TreeImport.objects.count() == 1


def test_an_upload_beyond_the_limit_is_refused_before_it_is_read(graph: Graph, admin: Client, settings: Any) -> None:
    settings.IMPORT_LIMIT_BYTES = 2**20
    answer = admin.post("/exchange/import/", {"file": SimpleUploadedFile("a.zip", b"0" * 1_200_000)})
    assert answer.status_code == 413
    assert "at most 1 MB can be sent at once (IMPORT_LIMIT_MB)" in answer.content.decode()


def test_a_full_disk_is_507_whatever_is_written(graph: Graph, admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(InMemoryUploadedFile, "chunks", full)
        answer = admin.post("/exchange/import/", {"file": SimpleUploadedFile("a.zip", b"small")})
        assert (answer.status_code, "disk is full; the file was not stored" in answer.content.decode()) == (507, True)
        assert folder() == []
    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    answer = admin.post("/exchange/export/")
    assert (answer.status_code, "disk is full, so this was not done" in answer.content.decode()) == (507, True)
    assert left() == []


def test_an_export_without_its_bytes_says_which(graph: Graph, admin: Client) -> None:
    note = operations.create_note(ROOT_ID, "VPN", author="tess")
    graph.rows(
        "MATCH (n {id: $id}) CREATE (n)-[:HAS_FILE]->(:File {id: 'f', filename: '0f.txt', sha256: ''})",
        id=note,
    )
    downloaded(admin)
    told = admin.get("/exchange/").content.decode()
    assert "/VPN: 0f.txt (0f.txt): its bytes are missing" in told
    assert left() == []

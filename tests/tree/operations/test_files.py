"""Files: what is taken and refused, what is stored, and that bytes and records stay together."""

import errno
import hashlib
import io
import os
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from neo4j.exceptions import Neo4jError
from PIL import Image

from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tests.throwaway_neo4j import Graph
from tests.tree import made_up_files as files
from tests.tree.factory import Acme
from tree import operations, queries
from tree.exceptions import FileRefused, FileTooLarge, InvalidPlace, NodeNotFound, NoSpace
from tree.files import decoding, inspection, storage
from tree.graph.values import File
from tree.vocabulary import ROOT_ID

TESS = "tess"


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "uploads"
    monkeypatch.setattr(settings, "UPLOADS_DIR", folder)
    yield folder
    assert [p.name for p in folder.glob(".incoming-*")] == []


@pytest.fixture
def note(graph: Graph) -> str:
    return operations.create_note(ROOT_ID, "VPN", author=TESS)


def add(node: str, name: str = "a.txt", content: bytes = b"text") -> File:
    return operations.add_file(node, name, io.BytesIO(content), author=TESS)


def stored(file: File) -> bytes:
    with storage.open_stored(file.filename) as opened:
        return opened.read()


def nothing_is_kept(graph: Graph, uploads: Path) -> bool:
    return not graph.rows("MATCH (f:File) RETURN f.id") and (not uploads.exists() or not list(uploads.iterdir()))


def test_a_file_may_hang_at_any_live_node_and_says_who_and_what(acme: Acme, uploads: Path) -> None:
    for node in (ROOT_ID, acme.company, acme.ana, acme.contact, acme.laptop, acme.open):
        file = add(node, "Plan (1).txt", b"seven VLANs")
        assert queries.get_files(node) == (file,)
    assert (file.name, file.content_type, file.size, file.created_by) == ("Plan (1).txt", "text/plain", 11, TESS)
    assert file.sha256 == hashlib.sha256(b"seven VLANs").hexdigest()
    assert stored(file) == b"seven VLANs"
    assert file.filename.endswith(".txt")
    assert "Plan" not in file.filename
    assert stat.S_IMODE((uploads / file.filename).stat().st_mode) == 0o600
    assert stat.S_IMODE(uploads.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", files.SOUND)
def test_kinds_that_are_taken(note: str, name: str) -> None:
    file = add(note, name, files.SOUND[name])
    assert file.name == name
    assert file.is_image == name.endswith(("png", "JPEG", "gif", "webp"))
    assert stored(file) == files.SOUND[name] or file.is_image


@pytest.mark.parametrize("name", files.HOSTILE)
def test_files_that_are_refused(note: str, graph: Graph, uploads: Path, name: str) -> None:
    make, status = files.HOSTILE[name]
    with pytest.raises(FileTooLarge if status == 413 else FileRefused) as refused:
        add(note, name, make())
    assert isinstance(refused.value, FileTooLarge) == (status == 413)
    assert nothing_is_kept(graph, uploads)


def test_the_largest_file_is_taken(note: str) -> None:
    assert add(note, "large.txt", b"x" * files.LIMIT).size == files.LIMIT


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\C:\\boot.txt", "boot.txt"),
        ("a\0b.txt", "ab.txt"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie_ x.txt"),
        ("\u202etxt.gnp.txt", "txt.gnp.txt"),
        ("x" * 300 + ".txt", "x" * 196 + ".txt"),
        ("é" * 300 + ".txt", "é" * 98 + ".txt"),
        ("CON.txt", "_CON.txt"),
        ("a\"b'c.txt", "a_b'c.txt"),
        ("REPORT.PDF.TXT", "REPORT.PDF.TXT"),
        ("  .. a   b.txt  ", "a b.txt"),
        ("отчёт.txt", "отчёт.txt"),
        ("Cafe\u0301.txt", "Caf\u00e9.txt"),
    ],
)
def test_names_are_cleaned(note: str, sent: str, kept: str) -> None:
    assert add(note, sent).name == kept


def test_a_picture_is_written_anew(note: str) -> None:
    file = add(note, "photo.jpg", files.photo_with_place() + b"<script>alert('behind')</script>")
    assert b"script" not in stored(file)
    with Image.open(io.BytesIO(stored(file))) as image:
        assert dict(image.getexif()) == {}
        assert image.size == (file.width, file.height) == (30, 40)  # and stands upright


def test_a_picture_with_the_ending_of_another_kind_gets_its_own(note: str) -> None:
    file = add(note, "download.png", files.image("JPEG"))
    assert (file.name, file.content_type) == ("download.jpg", "image/jpeg")


def test_a_gif_goes_on_moving(note: str) -> None:
    file = add(note, "moving.gif", files.animation(5))
    with Image.open(io.BytesIO(stored(file))) as image:
        assert getattr(image, "n_frames", 1) == 5


def test_transparent_pictures_stay_so(note: str) -> None:
    sent = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(sent, "PNG")
    with Image.open(io.BytesIO(stored(add(note, "clear.png", sent.getvalue())))) as image:
        assert image.getpixel((0, 0)) == (255, 0, 0, 0)


def test_looking_that_never_ends_is_refused(note: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection._children, "_seconds", 0.01)
    with pytest.raises(FileRefused, match="too long"):
        add(note, "picture.png", files.image(size=(3000, 3000)))


def test_a_full_disk_is_told_and_nothing_is_kept(
    note: str, graph: Graph, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NoSpace, match="disk is full"):
        add(note)
    monkeypatch.undo()
    monkeypatch.setattr(settings, "UPLOADS_DIR", uploads)
    assert nothing_is_kept(graph, uploads)


def test_a_disk_that_is_full_at_the_last_step_leaves_no_record(
    note: str, graph: Graph, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, stored_name: str) -> None:
        with storage.no_space_told():
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(storage, "keep", full)
        with pytest.raises(NoSpace):
            add(note)
    assert nothing_is_kept(graph, uploads)


def test_a_retry_that_is_refused_leaves_no_bytes(
    note: str, graph: Graph, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first try has given the bytes their name and was not committed; meanwhile others have used up the room."""
    keep = storage.keep
    tries: list[str] = []

    def kept_and_rolled_back(path: Path, stored_name: str) -> None:
        keep(path, stored_name)
        tries.append(stored_name)
        monkeypatch.setattr(settings, "FILES_LIMIT_BYTES", 0)
        raise Neo4jError.hydrate(code="Neo.TransientError.Transaction.DeadlockDetected", message="Try again.")

    monkeypatch.setattr(storage, "keep", kept_and_rolled_back)
    with pytest.raises(NoSpace, match="FILES_LIMIT_MB"):
        add(note)
    assert len(tries) == 1
    assert nothing_is_kept(graph, uploads)


def test_quotas(note: str, graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    other = operations.create_note(ROOT_ID, "Other", author=TESS)
    monkeypatch.setattr(settings, "FILES_OF_NODE_LIMIT_BYTES", 8)
    monkeypatch.setattr(settings, "FILES_LIMIT_BYTES", 12)
    add(note)
    add(note)
    with pytest.raises(NoSpace, match="one page"):
        add(note)
    add(other)
    with pytest.raises(NoSpace, match="FILES_LIMIT_MB"):
        add(other)
    assert len(graph.rows("MATCH (f:File) RETURN f.id")) == 3


def test_a_place_that_is_gone_or_goes_during_the_upload(note: str, graph: Graph, uploads: Path) -> None:
    class TrashedMeanwhile(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if not self.tell():
                operations.trash(note, author="ann")
            return super().read(size)

    with pytest.raises(InvalidPlace, match="trash"):
        operations.add_file(note, "a.txt", TrashedMeanwhile(b"text"), author=TESS)
    with pytest.raises(InvalidPlace, match="gone"):
        add("no-such-id")
    assert nothing_is_kept(graph, uploads)


def test_remove_and_restore(note: str) -> None:
    file = add(note)
    assert operations.remove_file(note, file.uid, author="ann") == "a.txt"
    [removed] = queries.get_files(note)
    assert (bool(removed.removed_at), removed.removed_by) == (True, "ann")
    with pytest.raises(NodeNotFound):
        queries.get_file(file.uid)
    with pytest.raises(NodeNotFound):
        operations.remove_file(note, file.uid, author="ann")
    assert operations.restore_file(note, file.uid, author=TESS) == "a.txt"
    assert queries.get_files(note) == (file,)
    assert queries.get_file(file.uid) == file
    assert stored(file) == b"text"


def test_a_copy_shares_its_files_and_loses_none_by_the_others_removal(note: str) -> None:
    kept, gone = add(note), add(note, "b.txt")
    operations.remove_file(note, gone.uid, author=TESS)
    copied = operations.copy(note, ROOT_ID, author=TESS)
    assert queries.get_files(copied) == (kept,)
    operations.remove_file(note, kept.uid, author=TESS)
    assert queries.get_files(copied) == (kept,)
    assert queries.get_file(kept.uid) == kept


def test_trashing_keeps_files_and_purging_deletes_those_that_nobody_else_holds(note: str, uploads: Path) -> None:
    shared = add(note)
    copied = operations.copy(note, ROOT_ID, author=TESS)
    own = add(note, "own.txt")
    operations.trash(note, author=TESS)
    with pytest.raises(NodeNotFound):
        queries.get_file(own.uid)
    assert {p.name for p in uploads.iterdir()} == {shared.filename, own.filename}
    operations.restore(note, author=TESS)
    assert queries.get_file(own.uid) == own
    operations.trash(note, author=TESS)
    assert operations.purge(note, after=timedelta(0)).filenames == (own.filename,)
    assert {p.name for p in uploads.iterdir()} == {shared.filename}
    assert queries.get_files(copied) == (shared,)


WORDS = {
    "plain.txt": b"the flux capacitor hums",
    "notes.md": b"# Flux *capacitor*",
    "manual.pdf": files.pdf("The flux capacitor hums"),
    "letter.docx": files.document("The flux capacitor", "hums"),
    "sheet.xlsx": files.office("xlsx", {"xl/sharedStrings.xml": "<sst><si><t>flux capacitor</t></si></sst>"}),
    "slides.pptx": files.office("pptx", {"ppt/slides/slide1.xml": "<s><p><t>flux capa</t><t>citor</t></p></s>"}),
}


def found(graph: Graph, words: str, reader: Reader = EVERYTHING) -> list[tuple[str, str]]:
    graph.rows("CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()")
    return [(hit.row.name, hit.file) for hit in queries.search(words, reader=reader).hits]


@pytest.mark.parametrize("name", WORDS)
def test_words_of_a_file_lead_to_its_note(note: str, graph: Graph, name: str) -> None:
    add(note, name, WORDS[name])
    assert found(graph, "capacitor") == [("VPN", name)]
    assert found(graph, "flux capac") == [("VPN", name)]
    assert found(graph, name) == [("VPN", name)]


def test_search_follows_files_as_it_follows_notes(acme: Acme, graph: Graph) -> None:
    text = b"the flux capacitor hums"
    in_ticket = add(acme.open, "a.txt", text)
    assert found(graph, "capacitor") == [("Ticket_7.md", "a.txt")]
    assert found(graph, "capacitor", reader=Reader(tickets=False)) == []
    operations.remove_file(acme.open, in_ticket.uid, author=TESS)
    assert found(graph, "capacitor") == []
    note = operations.create_note(ROOT_ID, "Capacitor", "hums", author=TESS)
    for name in ("b.txt", "c.txt"):
        add(note, name, text)
    assert [name for name, _ in found(graph, "capacitor")] == ["Capacitor"]  # once
    copied = operations.copy(note, ROOT_ID, author=TESS)
    assert len(found(graph, "flux")) == 2
    operations.trash(copied, author=TESS)
    assert len(found(graph, "flux")) == 1


def test_a_file_that_cannot_be_read_to_its_end_is_found_by_its_name(note: str, graph: Graph) -> None:
    add(note, "plan.docx", files.office(main="<w:document><w:p><w:t>flux"))
    assert found(graph, "plan.docx") == [("VPN", "plan.docx")]
    add(note, "laughs.docx", files.office(main='<!DOCTYPE a [<!ENTITY l "lol">]><a><p><t>&l;</t></p></a>'))
    assert found(graph, "lol") == []


def test_only_so_much_text_is_kept(note: str, graph: Graph) -> None:
    add(note, "long.txt", b"word " * 200_000)
    assert graph.rows("MATCH (f:File) RETURN size(f.text) AS size") == [{"size": decoding.MAX_TEXT_CHARACTERS}]

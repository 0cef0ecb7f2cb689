"""Uploads and downloads over HTTP: rights, statuses, headers."""

import errno
import io
import re
import stat
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client
from pytest_django import Settings

from tests.cases import case
from tests.people import client_of
from tests.throwaway_neo4j import Graph
from tests.tree import made_up_files as files
from tests.tree.factory import Acme
from tree import operations, queries
from tree.files import storage
from tree.graph.values import File
from tree.vocabulary import ROOT_ID

JSON = {"Accept": "application/json"}


def send(client: Client, node: str, *parts: tuple[str, bytes], status: int = 200, **headers: str) -> dict[str, object]:
    sent = [SimpleUploadedFile(name, content) for name, content in parts]
    answer = client.post(f"/node/{node}/files/", {"file": sent}, headers=JSON | headers)
    assert answer.status_code == status, answer.content[:500]
    assert answer.headers["Content-Type"] == "application/json"
    found: dict[str, object] = answer.json()
    return found


def address(client: Client, node: str, name: str = "a.txt", content: bytes = b"text") -> str:
    return str(send(client, node, (name, content))["url"])


def test_scripts_get_what_to_write_into_a_note(acme: Acme, technician: Client) -> None:
    told = send(technician, acme.company, ("Plan [1].png", files.image()))
    [file] = queries.get_files(acme.company)
    assert file.created_by == "technician"
    assert told["id"] == file.uid
    assert (told["filename"], told["size"]) == ("Plan [1].png", file.size)
    assert told["url"] == f"/files/{file.uid}/Plan%20%5B1%5D.png"
    assert told["markdown"] == rf"![Plan \[1\].png]({told['url']})"
    text = send(technician, acme.company, ("a_b.txt", b"text"))
    assert text["markdown"] == rf"[a\_b.txt]({text['url']})"


def test_a_pages_own_fetch_gets_data_and_a_form_the_page(acme: Acme, technician: Client) -> None:
    route = f"/node/{acme.company}/files/"
    part = {"file": SimpleUploadedFile("a.txt", b"text")}
    assert technician.post(route, part, headers={"Sec-Fetch-Dest": "empty"}).json()["filename"] == "a.txt"
    part = {"file": SimpleUploadedFile("a.txt", b"text")}
    answer = technician.post(route, part, headers={"Accept": "text/html", "Sec-Fetch-Dest": "document"})
    assert answer.headers["Location"] == f"/node/{acme.company}/#files"
    refused = {"file": SimpleUploadedFile("<b>.svg", files.SVG)}
    answer = technician.post(route, refused, headers={"Accept": "text/html"})
    assert answer.status_code == 415
    assert "not taken" in answer.content.decode()


def test_several_files_at_once_until_one_is_refused(graph: Graph, technician: Client) -> None:
    told = send(technician, ROOT_ID, ("a.txt", b"a"), ("b.txt", b"b"))
    assert [file["filename"] for file in told["files"]] == ["a.txt", "b.txt"]  # type: ignore[attr-defined]
    told = send(technician, ROOT_ID, ("c.txt", b"c"), ("d.svg", files.SVG), ("e.txt", b"e"), status=415)
    assert [file["filename"] for file in told["files"]] == ["c.txt"]  # type: ignore[attr-defined]
    assert [file.name for file in queries.get_files(ROOT_ID)] == ["a.txt", "b.txt", "c.txt"]


@pytest.mark.parametrize("name", ["page.png", "drawing.svg", "huge.png", "large.txt", "empty.txt", "bomb.docx"])
def test_refusals_in_words(graph: Graph, technician: Client, name: str) -> None:
    make, status = files.HOSTILE[name]
    error = str(send(technician, ROOT_ID, (name, make()), status=status)["error"])
    assert name in error or "kind ." in error
    assert queries.get_files(ROOT_ID) == ()


def test_no_file_no_node_and_a_node_in_the_trash(graph: Graph, technician: Client) -> None:
    assert technician.post(f"/node/{ROOT_ID}/files/", headers=JSON).status_code == 400
    part = {"file": SimpleUploadedFile("a.txt", b"text")}
    assert technician.post("/node/none/files/", part, headers=JSON).status_code == 404
    note = operations.create_note(ROOT_ID, "VPN", author="tess")
    operations.trash(note, author="tess")
    assert "trash" in str(send(technician, note, ("a.txt", b"text"), status=409)["error"])
    assert technician.get(f"/node/{ROOT_ID}/files/").status_code == 405


def test_a_large_upload_comes_to_disk_and_is_moved(
    graph: Graph, technician: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    came: list[Path] = []
    add = operations.add_file

    def noted(node_id: str, filename: str, stream: Any, *, author: str) -> File:
        came.append(Path(stream.temporary_file_path()))
        return add(node_id, filename, stream, author=author)

    monkeypatch.setattr(operations, "add_file", noted)
    content = b"text" * 2**18
    send(technician, ROOT_ID, ("a.txt", content), ("b.txt", content[:-4]))
    assert {path.parent for path in came} == {settings.FILE_UPLOAD_TEMP_DIR}
    assert list(settings.FILE_UPLOAD_TEMP_DIR.iterdir()) == []
    stored = [storage.path_of(file.filename) for file in queries.get_files(ROOT_ID)]
    assert [path.read_bytes() for path in stored] == [content, content[:-4]]
    assert {stat.S_IMODE(path.stat().st_mode) for path in stored} == {0o600}
    too_large = b"x" * (settings.FILE_LIMIT_BYTES + 1)
    assert "10 MB" in str(send(technician, ROOT_ID, ("c.txt", too_large), status=413)["error"])
    assert list(settings.FILE_UPLOAD_TEMP_DIR.iterdir()) == []
    assert {path for path in settings.UPLOADS_DIR.iterdir() if path.is_file()} == set(stored)


def test_a_disk_that_is_full_while_an_upload_comes_is_507(
    graph: Graph, technician: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", full)
    content = b"text" * 2**18
    assert "disk is full" in str(send(technician, ROOT_ID, ("a.txt", content), status=507)["error"])
    sent = {"file": SimpleUploadedFile("a.txt", content)}
    page = technician.post(f"/node/{ROOT_ID}/files/", sent, headers={"Accept": "text/html"})
    assert (page.status_code, "disk is full" in page.content.decode()) == (507, True)
    sent = {"file": SimpleUploadedFile("a.txt", content)}
    problem = technician.post(f"/api/upload/{ROOT_ID}", sent)
    assert (problem.status_code, problem.headers["Content-Type"]) == (507, "application/problem+json")
    assert list(settings.FILE_UPLOAD_TEMP_DIR.iterdir()) == []
    assert queries.get_files(ROOT_ID) == ()


def test_a_full_disk_is_507(graph: Graph, technician: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.FILES_LIMIT_BYTES", 3)
    assert "FILES_LIMIT_MB" in str(send(technician, ROOT_ID, ("a.txt", b"text"), status=507)["error"])


@pytest.mark.parametrize("name", files.SOUND)
def test_only_pictures_are_shown_and_nothing_runs(graph: Graph, technician: Client, name: str) -> None:
    answer = technician.get(address(technician, ROOT_ID, name, files.SOUND[name]))
    is_picture = answer.headers["Content-Type"].startswith("image/")
    assert is_picture == name.endswith(("png", "JPEG", "gif", "webp"))
    wanted = f'{"inline" if is_picture else "attachment"}; filename="{name}"'
    assert answer.headers["Content-Disposition"] == wanted
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert b"".join(answer) == files.SOUND[name] or is_picture


def test_kinds_that_an_admin_allows_are_downloads_and_nothing_else(
    graph: Graph, technician: Client, settings: Settings
) -> None:
    assert "DOWNLOAD_ONLY_FILES" in str(send(technician, ROOT_ID, ("drawing.svg", files.SVG), status=415)["error"])
    settings.DOWNLOAD_ONLY_FILES = ["svg", "zip"]
    for name, content in (("drawing.svg", files.SVG), ("logs.zip", files.archive({"a.exe": "b"}))):
        answer = technician.get(address(technician, ROOT_ID, name, content))
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert b"".join(answer) == content
    page = technician.get(f"/node/{ROOT_ID}/").content.decode()
    assert ".svg,.zip" in page
    assert '<img src="/files/' not in page


def test_a_file_with_a_password_is_named_on_its_page(graph: Graph, technician: Client) -> None:
    part = {"file": SimpleUploadedFile("a.docx", case("locked_with_password.docx"))}
    answer = technician.post(f"/node/{ROOT_ID}/files/", part, headers={"Accept": "text/html"}, follow=True)
    shown = " ".join(answer.content.decode().split())
    assert "“a.docx” was added. Locked with a password, so neither checked nor found by its words: “a.docx”." in shown
    assert "DOCX, 41.0 KB, locked with a password" in shown
    assert queries.get_files(ROOT_ID)[0].is_locked
    open_one: Any = send(technician, ROOT_ID, ("b.docx", files.document("Hello")))["files"]
    assert [file["is_locked"] for file in open_one] == [False]


def test_a_picture_that_we_have_not_written_anew_is_a_download(graph: Graph, technician: Client) -> None:
    """As an archive or the old application may have left one: its record says image, and nobody has looked at it."""
    url = address(technician, ROOT_ID, "picture.png", files.SOUND["picture.png"])
    assert technician.get(url).headers["Content-Disposition"].startswith("inline")
    graph.rows("MATCH (f:File) REMOVE f.width, f.height")
    assert technician.get(url).headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("stored_name", ["../secret.txt", "/etc/hostname", ".incoming-1", "a/../../secret.txt"])
def test_a_record_that_names_another_place_on_the_disk_gives_nothing_out(
    stored_name: str, graph: Graph, technician: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.UPLOADS_DIR = tmp_path / "uploads"
    url = address(technician, ROOT_ID)
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "uploads" / "a").mkdir()
    (tmp_path / "uploads" / ".incoming-1").write_text("half")
    graph.rows("MATCH (f:File) SET f.filename = $name", name=stored_name)
    assert technician.get(url).status_code == 404


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("отчёт.txt", "attachment; filename*=utf-8''%D0%BE%D1%82%D1%87%D1%91%D1%82.txt"),
        ("it's 100%.txt", 'attachment; filename="it\'s 100%.txt"'),
        ("a;b=c.txt", 'attachment; filename="a;b=c.txt"'),
    ],
)
def test_names_of_downloads(graph: Graph, technician: Client, name: str, header: str) -> None:
    assert technician.get(address(technician, ROOT_ID, name)).headers["Content-Disposition"] == header


def test_a_browser_that_has_it_gets_it_once(graph: Graph, technician: Client) -> None:
    url = address(technician, ROOT_ID)
    etag = technician.get(url).headers["ETag"]
    again = technician.get(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_files_on_tickets_are_for_those_who_read_tickets(acme: Acme, technician: Client, billing: Client) -> None:
    below = operations.create_note(acme.open, "Log", author="tess")
    for node in (acme.open, below):
        url = address(technician, node)
        assert technician.get(url).status_code == 200
        assert billing.get(url).status_code == 404
    url = address(technician, acme.company)
    assert billing.get(url).status_code == 200
    shared = operations.copy(below, acme.company, author="tess")
    assert billing.get(f"/files/{queries.get_files(shared)[0].uid}/a.txt").status_code == 200


def test_who_may_write(acme: Acme, billing: Client, admin: Client, technician: Client) -> None:
    url = address(admin, acme.company)
    uid = queries.get_files(acme.company)[0].uid
    for route in ("", f"{uid}/remove/", f"{uid}/restore/"):
        assert billing.post(f"/node/{acme.company}/files/{route}").status_code == 403
    assert technician.post(f"/node/{acme.company}/files/{uid}/remove/").status_code == 302
    assert billing.get(url).status_code == 404
    assert technician.post(f"/node/{acme.company}/files/{uid}/remove/").status_code == 404
    assert technician.post(f"/node/{acme.company}/files/{uid}/restore/").status_code == 302
    assert billing.get(url).status_code == 200


def test_an_upload_without_the_forms_token_is_refused(graph: Graph, technician: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = technician.cookies
    answer = strict.post(f"/node/{ROOT_ID}/files/", {"file": SimpleUploadedFile("a.txt", b"text")})
    assert answer.status_code == 403
    assert queries.get_files(ROOT_ID) == ()


def test_a_file_in_the_trash_is_not_given_out(graph: Graph, technician: Client) -> None:
    note = operations.create_note(ROOT_ID, "VPN", author="tess")
    url = address(technician, note)
    operations.trash(note, author="tess")
    assert technician.get(url).status_code == 404
    operations.restore(note, author="tess")
    assert technician.get(url).status_code == 200


def test_links_of_the_old_application(acme: Acme, graph: Graph, technician: Client, billing: Client) -> None:
    url = address(technician, acme.open)
    [file] = queries.get_files(acme.open)
    assert technician.get(f"/uploads/{file.filename}").headers["Location"] == url
    assert billing.get(f"/uploads/{file.filename}").status_code == 404
    assert technician.get("/uploads/none.txt").status_code == 404


def test_bytes_that_are_missing_are_404(graph: Graph, technician: Client) -> None:
    url = address(technician, ROOT_ID)
    storage.delete(queries.get_files(ROOT_ID)[0].filename)
    assert technician.get(url).status_code == 404


PATHS_OUT = (
    "../../db.sqlite3", "..%2f..%2fdb.sqlite3", "%2e%2e/db.sqlite3", "..%252fdb.sqlite3", "..%c0%afdb.sqlite3",
    "a.txt%00", "%00", "..\\db.sqlite3", "/etc/passwd", "....//db.sqlite3", "%ef%bc%8e%ef%bc%8e/db.sqlite3",
)  # fmt: skip


def test_no_address_leads_out_of_the_folder(graph: Graph, technician: Client, subtests: pytest.Subtests) -> None:
    graph.rows(
        "MATCH (n:ContextItem {id: 'root'}) CREATE (n)-[:HAS_FILE]->(:File {id: 'evil', filename: '../db.sqlite3'})"
    )
    assert technician.get("/files/evil/a.txt").status_code == 404
    for path in PATHS_OUT:
        for route in (f"/uploads/{path}", f"/files/{path}", f"/files/{path}/a.txt"):
            with subtests.test(route):
                assert technician.get(route).status_code == 404


@pytest.mark.parametrize("name", ["../../a.txt", "..\\a.txt", "/etc/cron.d/a.txt", "C:\\a.txt"])
def test_no_name_leads_out_of_the_folder(graph: Graph, technician: Client, name: str) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="'
        + name.encode()
        + b'"\r\nContent-Type: text/plain\r\n\r\ntext\r\n--x--\r\n'
    )
    answer = technician.post(
        f"/node/{ROOT_ID}/files/", body, content_type="multipart/form-data; boundary=x", headers=JSON
    )
    assert answer.json()["filename"] == "a.txt"
    [file] = queries.get_files(ROOT_ID)
    assert re.fullmatch(r"[0-9a-f]{32}\.txt", file.filename)
    assert storage.path_of(file.filename).is_file()


def test_ten_thousand_parts_are_refused(graph: Graph, technician: Client) -> None:
    parts = [io.BytesIO(b"x") for _ in range(10_000)]
    for number, part in enumerate(parts):
        part.name = f"{number}.txt"
    answer = technician.post(f"/node/{ROOT_ID}/files/", {"file": parts}, headers=JSON)
    assert answer.status_code == 400
    assert queries.get_files(ROOT_ID) == ()


def test_hostile_names_are_text_in_pages(graph: Graph, technician: Client) -> None:
    name = "<img src=x onerror=alert(1)>.txt"
    url = address(technician, ROOT_ID, name)
    assert quote("onerror=alert(1)_.txt", safe="()") in url or "onerror" in url
    assert "<img src=x" not in technician.get(f"/node/{ROOT_ID}/").content.decode()


def test_a_request_that_is_too_large_is_refused_before_it_is_read(graph: Graph, technician: Client) -> None:
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("the body was read")

    route = f"/node/{ROOT_ID}/files/"
    form = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "wsgi.input": Unread()}
    too_large = form | {"CONTENT_LENGTH": str(51 * 2**20 + 1)}
    answer = technician.post(route, headers=JSON, **too_large)  # type: ignore[arg-type]
    assert (answer.status_code, "51 MB" in answer.json()["error"]) == (413, True)
    page = technician.post(route, headers={"Accept": "text/html"}, **too_large)  # type: ignore[arg-type]
    assert (page.status_code, "51 MB" in page.content.decode()) == (413, True)
    for identity, status in (("billing", 403), ("anonymous", 401)):  # nor is that of people without the right
        refused = client_of(identity).post(route, headers=JSON, **form, CONTENT_LENGTH="1000")  # type: ignore[arg-type]
        assert refused.status_code == status


@pytest.mark.parametrize("sent", ["half", "all"])
def test_an_upload_that_breaks_off_leaves_nothing(graph: Graph, technician: Client, sent: str) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    body = head + b"text" * 50_000 + (b"\r\n--x--\r\n" if sent == "all" else b"")
    length = 100_000 if sent == "all" else len(body) + 9  # a lie, or the connection was cut
    form = {
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(length),
    }
    answer = technician.post(f"/node/{ROOT_ID}/files/", headers=JSON, **form)  # type: ignore[arg-type]
    assert answer.status_code == 400
    assert queries.get_files(ROOT_ID) == ()

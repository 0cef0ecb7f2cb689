"""Export and import in the pages."""

import io
import json
import zipfile
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.graph_assertions import graph_hash
from tests.throwaway_neo4j import Graph
from tree import operations, queries
from tree.exchange.archive import MANIFEST
from tree.graph import schema
from tree.vocabulary import ROOT_ID


def downloaded(admin: Client) -> bytes:
    answer = admin.post("/exchange/export/")
    assert answer.headers["Content-Type"] == "application/zip"
    assert 'attachment; filename="knowledgetree-' in answer.headers["Content-Disposition"]
    return b"".join(answer)


def left() -> list[Path]:
    return [path for path in settings.INSTANCE_DIR.iterdir() if path.name.startswith("export-")]


def test_out_and_in(graph: Graph, admin: Client) -> None:
    note = operations.create_note(ROOT_ID, "VPN", "# VPN", author="tess")
    archive = downloaded(admin)
    assert MANIFEST in zipfile.ZipFile(io.BytesIO(archive)).namelist()
    assert left() == []
    graph.empty()
    schema.set_up()
    before = graph_hash(graph)
    page = admin.post("/exchange/import/", {"file": SimpleUploadedFile("mine.zip", archive)}).content.decode()
    assert "<strong>1</strong> created" in page
    assert graph_hash(graph) == before
    answer = admin.post("/exchange/import/apply/", follow=True)
    assert "Imported mine.zip: 1 created, 1 revisions." in answer.content.decode()
    assert queries.get_node(note).content == "# VPN"
    assert list((settings.INSTANCE_DIR / "imports").iterdir()) == []
    assert admin.post("/exchange/import/apply/").status_code == 400  # once only


def test_the_old_applications_export(graph: Graph, admin: Client) -> None:
    export = json.dumps([{"path": "Docs/VPN", "content": "text"}]).encode()
    page = admin.post("/exchange/import/", {"file": SimpleUploadedFile("old.JSON", export)}).content.decode()
    assert "<strong>1</strong> created" in page
    admin.post("/exchange/import/apply/")
    [docs] = [row for row in queries.get_children(ROOT_ID).rows if row.name == "Docs"]
    [vpn] = queries.get_children(docs.uid).rows
    assert queries.get_node(vpn.uid).properties["created_by"] == "admin"


def test_a_bad_archive_says_why(graph: Graph, admin: Client) -> None:
    answer = admin.post("/exchange/import/", {"file": SimpleUploadedFile("<b>.zip", b"hello")})
    assert answer.status_code == 400
    assert "nothing was changed" in answer.content.decode()
    assert list((settings.INSTANCE_DIR / "imports").iterdir()) == []
    assert admin.post("/exchange/import/").status_code == 400


def test_an_export_without_its_bytes_says_which(graph: Graph, admin: Client) -> None:
    note = operations.create_note(ROOT_ID, "VPN", author="tess")
    graph.rows(
        "MATCH (n {id: $id}) CREATE (n)-[:HAS_FILE]->(:File {id: 'f', filename: '0f.txt', sha256: ''})",
        id=note,
    )
    answer = admin.post("/exchange/export/", follow=True)
    assert "0f.txt is missing" in answer.content.decode()
    assert left() == []

"""Each version keeps through what it was made, and its pages and exports say it."""

from pathlib import Path

import pytest
from django.test import Client

from knowledgetree.accounts import api_tokens
from knowledgetree.accounts.acting import Way, acting_as
from knowledgetree.basics.rights.scopes import ALL_SCOPES
from tests.people import client_of, person
from tests.throwaway_neo4j import Graph
from tree import operations, queries
from tree.exchange.exporter import export_tree
from tree.exchange.importer import apply_import
from tree.exchange.planning import plan_file
from tree.graph.connection import write
from tree.vocabulary import ROOT_ID

pytestmark = pytest.mark.django_db


def made(uid: str) -> list[tuple[str, str]]:
    return [(revision.way, revision.through) for revision in reversed(queries.get_revisions(uid))]


def test_through_what_each_version_was_made(graph: Graph, tmp_path: Path) -> None:
    uid = operations.create_note(ROOT_ID, "VPN", "one", author="tess")
    _, text = api_tokens.make(person("admin"), "nightly", ALL_SCOPES)
    program = Client(headers={"Authorization": f"Bearer {text}"})
    program.put(f"/api/node/{uid}", {"content": "two"}, content_type="application/json")
    page = client_of("technician")
    page.post(f"/node/{uid}/edit/", {"name": "VPN", "content": "three", "version": "2"})
    with acting_as(Way.DRAFT, "tess", through="service brainhair"):
        operations.save(uid, author="tess", content="four")
    all_four = [("command", ""), ("token", "nightly"), ("page", ""), ("draft", "service brainhair")]
    assert made(uid) == all_four
    write(lambda transaction: transaction.run("MATCH (r:Revision {number: 1}) REMOVE r.way").consume())
    history = page.get(f"/node/{uid}/history/").content.decode()
    for words in (
        "with the API token “<bdi>nightly</bdi>”",
        "on a page",
        "from a draft of “<bdi>service brainhair</bdi>”",
    ):
        assert words in history
    assert "by a command" not in history
    assert "admin</bdi> with the API token “<bdi>nightly" in page.get(f"/node/{uid}/history/2/").content.decode()
    assert "Saved" in page.get(f"/node/{uid}/history/1/").content.decode()
    archive = tmp_path / "all.zip"
    export_tree(archive)
    graph.empty()
    content, planned = plan_file(archive, "import", lambda number: None)
    apply_import(content, planned, lambda number, lines: None)
    assert made(uid) == [("", ""), *all_four[1:]]

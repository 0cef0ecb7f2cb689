"""What each compliance level withholds from services: in every answer, named, and never taken for an empty one."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from knowledgetree.accounts import api_tokens
from knowledgetree.accounts.sso.core import claims, keys
from knowledgetree.basics.rights.scopes import ALL_SCOPES
from knowledgetree.basics.rights.withholding import Part
from knowledgetree.configuration.environment import withheld
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import MakeCodex, make_codex
from tests.graph_assertions import graph_hash
from tests.people import person
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme, make
from tree import operations
from tree.files.serving import file_url
from tree.vocabulary import ROOT_ID

__all__ = ["make_codex"]
pytestmark = pytest.mark.django_db


class Caller:
    """A program with a bearer token."""

    def __init__(self, token: str) -> None:
        self._client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})

    def __call__(self, address: str, status: int = 200, method: str = "get", body: Any = None, **query: str) -> Any:
        if method == "get":
            answer = self._client.get(address, query)
        else:
            answer = getattr(self._client, method)(address, json.dumps(body), content_type="application/json")
        assert answer.status_code == status, (address, answer.status_code)
        if answer.streaming:
            return b"".join(answer)
        return answer.json() if "json" in answer.headers.get("Content-Type", "") else None


@pytest.fixture
def service(make_codex: MakeCodex, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """Brainhair, which may read tickets."""
    core: SampleCodex = make_codex(companies=1, contacts=0, assets=0, tickets=0)
    scopes = {"*": frozenset(ALL_SCOPES)}
    settings.CORE = replace(settings.CORE, url=core.url, service_scopes=scopes)
    monkeypatch.setattr(claims, "KEYS", keys.CoreKeys())
    return Caller(core.core.service_token("brainhair", "knowledgetree"))


@pytest.fixture
def token() -> Caller:
    return Caller(api_tokens.make(person("admin"), "nightly", ALL_SCOPES)[1])


def test_by_default_services_get_no_texts_of_hipaa_tickets(
    acme: Acme, graph: Graph, service: Caller, token: Caller, technician: Client
) -> None:
    below = operations.create_note(acme.open, "Quote", "They wrote: splines", author="tess")
    for uid in (acme.open, below):
        found = service(f"/api/node/{uid}")
        assert (found["content"], found["content_html"], found["content_markdown"]) == ("", "", "")
        assert found["withheld"] == ["content", "content_html", "content_markdown"]
    articles = service("/api/browse", path="/Companies/Acme Dental/Tickets")["articles"]
    assert {(one["summary"], tuple(one["withheld"])) for one in articles} == {("", ("summary",))}
    hits = service("/api/search", q="splines")
    assert {hit["id"] for hit in hits} == {acme.open, below}
    assert {(hit["summary"], tuple(hit["withheld"])) for hit in hits} == {("", ("summary",))}
    packed = service(f"/api/context/{acme.open}")
    assert packed["withheld"] == [acme.open, acme.closed, below]
    assert "splines" not in packed["context"]
    assert "File: Ticket_7.md\n\n> Withheld" in packed["context"]
    company = service(f"/api/node/{acme.company}")
    assert (company["withheld"], "sites" in company["content"]) == ([], True)
    for told in (token(f"/api/node/{acme.open}"), technician.get(f"/api/node/{acme.open}").json()):
        assert "splines" in told["content"]
        assert told["withheld"] == []


def test_what_is_withheld_is_not_moved_to_where_it_is_told(acme: Acme, graph: Graph, service: Caller) -> None:
    note = operations.create_note(acme.open, "Quote", "They wrote: splines", author="tess")
    refused = service(f"/api/node/{note}/move", 403, "post", {"new_parent_id": ROOT_ID})
    assert "withheld" in refused["error"]
    assert service(f"/api/node/{note}/move", 200, "post", {"new_parent_id": acme.closed})["success"]
    assert service(f"/api/node/{note}")["content"] == ""


@pytest.mark.parametrize(
    ("level", "is_withheld"), [("standard", False), ("hipaa", True), ("cjis", True), ("odd", True), (None, True)]
)
def test_the_level_of_the_company_counts_and_an_unknown_one_is_the_strictest(
    acme: Acme, graph: Graph, service: Caller, settings: LazySettings, level: str | None, is_withheld: bool
) -> None:
    graph.rows("MATCH (c:Company {id: $id}) SET c.compliance_level = $level", id=acme.company, level=level)
    assert bool(service(f"/api/node/{acme.open}")["withheld"]) == is_withheld
    settings.WITHHELD = {"cjis": frozenset({Part.TEXTS})}
    is_strict = level not in ("standard", "hipaa")
    assert bool(service(f"/api/node/{acme.company}")["withheld"]) == is_strict


def test_tickets_as_a_whole(acme: Acme, graph: Graph, service: Caller, settings: LazySettings) -> None:
    settings.WITHHELD = {"hipaa": frozenset({Part.TICKETS})}
    file = operations.add_file(acme.open, "a.txt", SimpleUploadedFile("a.txt", b"x"), author="tess")
    before = graph_hash(graph)
    error = service(f"/api/node/{acme.open}", 403)["error"]
    assert "withheld from you, because of its compliance level" in error
    assert service(f"/api/node/{acme.open}", 403, "put", {"content": "x"})
    assert service("/api/node", 403, "post", {"parent_id": acme.open, "name": "x"})
    assert service(f"/api/node/{acme.tickets}/children") == []
    browsed = service("/api/browse", path="/Companies/Acme Dental/Tickets")
    assert (browsed["articles"], browsed["withheld"]) == ([], ["tickets"])
    assert service(f"/api/node/{acme.tickets}/browse")["withheld"] == ["tickets"]
    assert service("/api/search", q="splines") == []
    assert "Ticket_7" not in service(f"/api/context/{acme.ana}")["context"]
    assert "withheld" in service(file_url(file), 403)["detail"]
    assert "withheld" in service(f"/uploads/{file.filename}", 403)["detail"]
    assert service("/list/tickets/csv/", 403)
    assert service("/list/people/csv/")
    assert graph_hash(graph) == before


def test_files_and_contact_fields(acme: Acme, service: Caller, settings: LazySettings) -> None:
    settings.WITHHELD = {"hipaa": frozenset({Part.FILES, Part.CONTACTS})}
    file = operations.add_file(acme.laptop, "a.txt", SimpleUploadedFile("a.txt", b"x"), author="tess")
    laptop = service(f"/api/node/{acme.laptop}")
    assert (laptop["files"], laptop["withheld"]) == ([], ["files"])
    assert service(file_url(file), 403)
    for uid in (acme.ana, acme.contact, acme.company):
        assert "content" in service(f"/api/node/{uid}")["withheld"]
    [card] = service("/api/browse", path="/Companies/Acme Dental/Users/Ana Díaz")["articles"]
    assert (card["title"], card["summary"], card["withheld"]) == ("Contact.md", "", ["summary"])
    assert "ana@acme.example" not in service(f"/api/context/{acme.ana}")["context"]
    assert "splines" in service(f"/api/node/{acme.open}")["content"]
    assert service("/list/people/csv/", 403)


def test_a_token_of_one_company_learns_nothing_of_the_files_of_another(
    acme: Acme, graph: Graph, settings: LazySettings
) -> None:
    settings.WITHHELD, settings.WITHHELD_FROM_TOKENS = {"hipaa": frozenset({Part.FILES})}, True
    beta = make("Company", "Beta", account_number="1002", compliance_level="hipaa")
    of_acme = Caller(api_tokens.make(person("admin"), "of Acme", ALL_SCOPES, companies=["1001"])[1])
    file = operations.add_file(beta, "b.txt", SimpleUploadedFile("b.txt", b"x"), author="tess")
    addresses = (file_url(file), f"/uploads/{file.filename}")
    for address in addresses:
        of_acme(address, 404)
    graph.rows("MATCH (f:File), (n:ContextItem {id: $id}) CREATE (n)-[:HAS_FILE]->(f)", id=acme.company)
    graph.rows("MATCH (c:Company {id: $id}) SET c.compliance_level = 'standard'", id=beta)
    for address in addresses:
        assert "withheld" in of_acme(address, 403)["detail"]


def test_a_file_of_several_nodes_is_withheld_if_one_of_them_withholds_it(
    acme: Acme, graph: Graph, service: Caller, settings: LazySettings
) -> None:
    note = operations.create_note(acme.company, "Plan", "words", author="tess")
    file = operations.add_file(note, "a.txt", SimpleUploadedFile("a.txt", b"x"), author="tess")
    operations.copy(note, ROOT_ID, author="tess")
    assert service(file_url(file)) == b"x"
    settings.WITHHELD = {"hipaa": frozenset({Part.FILES})}
    assert "withheld" in service(file_url(file), 403)["detail"]


def test_a_text_that_is_withheld_cannot_be_replaced(acme: Acme, service: Caller, settings: LazySettings) -> None:
    settings.WITHHELD = {"hipaa": frozenset({Part.TEXTS})}
    note = operations.create_note(acme.company, "Note", "whole", author="tess")
    assert "cannot replace it" in service(f"/api/node/{note}", 403, "put", {"content": "+ a line"})["error"]
    assert service(f"/api/node/{note}", 200, "put", {"name": "Renamed"})["success"]


def test_api_tokens_if_the_setting_says_so(acme: Acme, token: Caller, settings: LazySettings) -> None:
    settings.WITHHELD = {"hipaa": frozenset({Part.TEXTS})}
    note = operations.create_note(acme.company, "Note", "whole", author="tess")

    def exported() -> Any:
        return next(one for one in json.loads(token("/admin/export"))["entries"] if one["id"] == note)

    assert exported()["content"] == "whole"
    assert "withheld" not in exported()
    settings.WITHHELD_FROM_TOKENS = True
    assert (exported()["content"], exported()["withheld"]) == ("", ["content"])
    [old] = [one for one in json.loads(token("/admin/export", version="1")) if one["path"].endswith("/Note")]
    assert (old["content"], old["withheld"]) == ("", ["content"])
    assert token(f"/api/node/{note}")["withheld"]
    assert "withheld" in token("/exchange/export/", 403, "post")["detail"]
    assert token("/sync/runs/1/plan.json", 403)


def test_an_export_leaves_out_tickets(acme: Acme, graph: Graph, token: Caller, settings: LazySettings) -> None:
    settings.WITHHELD, settings.WITHHELD_FROM_TOKENS = {"hipaa": frozenset({Part.TICKETS})}, True
    told = {operations.create_note(acme.company, f"Note {number}", "words", author="tess") for number in range(3)}
    operations.create_note(acme.open, "Quote", "They wrote: splines", author="tess")
    entries = json.loads(token("/admin/export"))["entries"]
    assert {one["id"] for one in entries if not one["read_only"]} == told
    assert acme.open not in {one["id"] for one in entries}
    assert {one["compliance_level"] for one in entries if not one["read_only"]} == {"hipaa"}


def test_the_setting_is_read_and_a_wrong_one_is_named() -> None:
    name = "WITHHELD_FROM_SERVICES"
    assert withheld({}, name)["cjis"] == {Part.TICKET_TEXTS}
    found = withheld({name: "cjis = tickets, contacts; standard=files;hipaa="}, name)
    assert found == {"cjis": {Part.TICKETS, Part.CONTACTS}, "standard": {Part.FILES}, "hipaa": frozenset()}
    for wrong in ("cjis", "odd=files", "cjis=mails", "=files"):
        with pytest.raises(ImproperlyConfigured, match=f"{name} has"):
            withheld({name: wrong}, name)

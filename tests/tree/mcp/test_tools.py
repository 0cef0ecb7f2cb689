"""What each tool hands out, to whom, and what the audit log has of it."""

import json
from typing import Any

import pytest
from django.conf import LazySettings

from knowledgetree.audit.models import Entry
from knowledgetree.basics.rights.scopes import ALL_SCOPES, Scope
from knowledgetree.basics.rights.withholding import Part
from knowledgetree.basics.version import VERSION
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme, make
from tests.tree.mcp.assistant import HANDSHAKE, MODERN, MODERN_META, Assistant
from tree import operations
from tree.context.customers import CLOSING, OPENING
from tree.models import Guidance
from tree.vocabulary import ROOT_ID

pytestmark = pytest.mark.django_db
WITHOUT_TICKETS = ALL_SCOPES - {Scope.TICKETS}


def handed_out() -> list[Any]:
    rows = Entry.objects.filter(action="handed_out").order_by("pk")
    return list(rows.values_list("who", "way", "through", "nodes", "company", "detail"))


@pytest.mark.parametrize("era", [HANDSHAKE, MODERN])
def test_search_finds_and_says_where(acme: Acme, era: str) -> None:
    assistant = Assistant(era=era)
    found = assistant.call("search", query="vpn")
    (hit,) = found["results"]
    assert (hit["id"], hit["kind"], hit["title"]) == (acme.open, "ticket", "#40007 VPN is down")
    assert (hit["company_id"], hit["company"], hit["compliance_level"]) == (acme.company, "Acme Dental", "hipaa")
    assert hit["url"] == f"http://testserver/node/{acme.open}/"
    assert hit["snippet"].startswith(OPENING)
    assert (found["next_cursor"], found["truncated"], found["never_told"]) == (None, False, [])
    assert handed_out() == [("technician", "token", "assistant", [acme.open], "1001", "MCP search")]


def test_search_goes_on_by_its_cursor(acme: Acme) -> None:
    for number in range(5):
        make("Note", f"Gateway {number}.md", acme.company, origin="staff", content="The gateway.")
    assistant = Assistant()
    titles, cursor = [], ""
    while True:
        found = assistant.call("search", query="gateway", limit=2, cursor=cursor)
        titles += [one["title"] for one in found["results"]]
        cursor = found["next_cursor"]
        assert found["truncated"] is bool(cursor)
        if not cursor:
            break
    assert sorted(titles) == [f"Gateway {number}" for number in range(5)]


@pytest.mark.parametrize("named", ["1001", "acme dental", "Acme", "{id}"])
def test_search_in_a_company_by_any_name_of_it(named: str, acme: Acme) -> None:
    other = make("Company", "Other Ltd", account_number="2002", codex_key="company:2002")
    make("Note", "VPN.md", other, origin="staff", content="The VPN of others.")
    found = Assistant().call("search", query="vpn", company=named.format(id=acme.company))
    assert [one["id"] for one in found["results"]] == [acme.open]


def test_nothing_found_is_told_from_withheld(acme: Acme) -> None:
    whole, limited = Assistant(), Assistant("admin", WITHOUT_TICKETS)
    assert whole.call("search", query="reindeer")["message"].startswith("Nothing was found. Try")
    found = limited.call("search", query="splines")
    assert found["never_told"] == ["tickets"]
    assert found["message"] == "Nothing was found. This caller sees no tickets; there may be some."
    for named in (acme.open, "#40007", f"https://kt.example/node/{acme.open}/"):
        refusal = limited.refused("fetch", id=named)
        assert "splines" not in refusal
        assert "VPN" not in refusal
    assert not any(acme.open in nodes for _, _, _, nodes, _, _ in handed_out())


def test_fetch_reads_a_ticket_inside_the_fence(acme: Acme) -> None:
    warning = operations.create_note(acme.company, "Door codes", "Ask Bo.", author="tess", is_warning=True)
    got = Assistant().call("fetch", id="#40007")
    assert got["id"] == acme.open
    assert got["text"].startswith(f"{OPENING}\n> # Ticket #40007")
    assert got["text"].endswith(CLOSING)
    assert {fact["label"]: fact["values"] for fact in got["facts"]}["Status"] == ["open"]
    assert got["base_version"] is None, "it comes from Codex"
    assert got["warnings"] == [f"Door codes: Ask Bo. (id {warning})"]
    assert ("requested by", "Ana Díaz") in [(one["relation"], one["title"]) for one in got["linked"]]
    (entry,) = handed_out()
    assert {acme.open, acme.ana, warning} <= set(entry[3])


def test_a_long_text_comes_in_parts(acme: Acme) -> None:
    text = "".join(f"Line {number} of a long story about wörds.\n" for number in range(3_000))
    note = operations.create_note(acme.company, "Long", text, author="tess")
    assistant = Assistant()
    parts: list[str] = []
    cursor = ""
    while True:
        got = assistant.call("fetch", id=note, cursor=cursor)
        assert got["offset"] == len("".join(parts))
        parts.append(got["text"])
        cursor = got["next_cursor"]
        if not cursor:
            break
    assert len(parts) > 2
    assert "".join(parts) == text


def test_tree_lists_children_by_pages(acme: Acme) -> None:
    assistant = Assistant()
    top = assistant.call("tree")
    assert [child["title"] for child in top["children"]] == ["Companies"]
    first = assistant.call("tree", id="/Companies/Acme Dental", limit=1)
    assert (first["truncated"], first["children"][0]["company_id"]) == (True, acme.company)
    rest = assistant.call("tree", id="/Companies/Acme Dental", cursor=first["next_cursor"])
    assert [one["title"] for one in first["children"] + rest["children"]] == ["Assets", "Tickets", "Users"]


def test_context_is_the_pack(acme: Acme) -> None:
    got = Assistant().call("context", id=acme.open, budget=2_000)
    assert got["text"].startswith("# Context: Ticket “#40007 VPN is down”")
    assert got["tokens"] <= got["budget"] == 2_000
    assert {"target", "cards"} <= {one["section"] for one in got["contains"]}
    assert all(one["compliance_level"] == "hipaa" for one in got["contains"])
    (entry,) = handed_out()
    assert {one["id"] for one in got["contains"]} <= set(entry[3])


def test_what_is_archived_says_so(acme: Acme) -> None:
    old = make("Asset", "OLD-01", acme.assets, is_archived=True, hostname="OLD-01", codex_key="asset:old")
    assistant = Assistant()
    assert assistant.call("fetch", id=old)["archived"] is True
    shown = {one["id"]: one["archived"] for one in assistant.call("context", id=old)["contains"]}
    assert shown[old] is True
    assert shown[acme.company] is False


def test_whoami(acme: Acme) -> None:
    got = Assistant("technician", WITHOUT_TICKETS).call("whoami")
    assert (got["name"], got["role"], got["token"], got["never_told"]) == (
        "technician", "technician", "assistant", ["tickets"],
    )  # fmt: skip
    assert "tickets" not in got["scopes"]
    assert "propose notes" in got["may"]
    assert handed_out() == [("technician", "token", "assistant", [], "", "MCP whoami")]


def test_only_tools_that_the_scopes_allow_are_listed(acme: Acme) -> None:
    reads = {"search", "fetch", "tree", "context", "whoami"}
    for role, scopes, more in (
        ("technician", ALL_SCOPES, {"propose_note"}),
        ("admin", frozenset({Scope.READ}), set()),
        ("billing", ALL_SCOPES, set()),
    ):
        assistant = Assistant(role, scopes)
        assert {tool["name"] for tool in assistant.ask("tools/list")["tools"]} == reads | more, role
        if not more:
            refusal = assistant.refused("propose_note", id=ROOT_ID, name="x", text="x", reason="x", assistant="x")
            assert "may not propose" in refusal


def test_resources_and_prompts(acme: Acme) -> None:
    assistant = Assistant()
    (template,) = assistant.ask("resources/templates/list")["resourceTemplates"]
    assert template["uriTemplate"] == "kt://node/{id}"
    (content,) = assistant.ask("resources/read", uri=f"kt://node/{acme.company}")["contents"]
    assert "Acme Dental" in content["text"]
    assert assistant.ask("resources/read", uri="kt://node/nothing")["code"] == -32602
    assert {one["name"] for one in assistant.ask("prompts/list")["prompts"]} == {"triage_ticket", "write_runbook"}
    for name, arguments in (("triage_ticket", {"ticket": "#40007"}), ("write_runbook", {"tickets": "#40007, #40008"})):
        (message,) = assistant.ask("prompts/get", name=name, arguments=arguments)["messages"]
        assert "VPN is down" in message["content"]["text"]
        assert OPENING in message["content"]["text"]
    details = [entry[-1] for entry in handed_out()]
    assert details == [
        "MCP resource", "MCP resource, refused", "MCP prompt triage_ticket", "MCP prompt write_runbook",
    ]  # fmt: skip


def test_who_the_server_is_and_what_administrators_tell_assistants(acme: Acme) -> None:
    assistant = Assistant()
    started = {"protocolVersion": HANDSHAKE, "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}}
    introduced = assistant.ask("initialize", **started)
    server = introduced["serverInfo"]
    assert (server["name"], server["title"], server["version"]) == ("knowledgetree", "KnowledgeTree", VERSION)
    assert "administrators" not in introduced["instructions"]
    Guidance.objects.create(text="Runbooks are kept in /Runbooks.")
    assert "Runbooks are kept in /Runbooks." in assistant.ask("initialize", **started)["instructions"]
    assistant.era = MODERN
    assert "Runbooks are kept in /Runbooks." in assistant.ask("server/discover")["instructions"]


def test_the_name_of_a_method_may_be_escaped_as_json_allows(graph: Graph) -> None:
    Guidance.objects.create(text="Runbooks are kept in /Runbooks.")
    assistant = Assistant(era=MODERN)
    asked = {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": MODERN_META}}
    escaped = json.dumps(asked).replace("server/discover", r"server\/discover").encode()
    answer = assistant.post(escaped, **{"Mcp-Method": "server/discover"})
    assert "Runbooks are kept in /Runbooks." in json.loads(answer.content)["result"]["instructions"]


_WRONG: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("search", {}, "query: "),
    ("search", {"query": ""}, "query: "),
    ("search", {"query": "x" * 301}, "query: "),
    ("search", {"query": "vpn", "client": "Acme"}, "client: search has no such argument. It takes query, "),
    ("whoami", {"who": "x"}, "who: whoami has no such argument. It takes none."),
    ("search", {"query": "x", "limit": 51}, "limit: "),
    ("search", {"query": "x", "limit": "many"}, "limit: "),
    ("search", {"query": "x", "kind": "dragon"}, "kind: there are folder, "),
    ("search", {"query": "x", "company": "Nobody & Sons"}, "company: no company"),
    ("search", {"query": "x", "cursor": "later"}, "cursor: "),
    ("search", {"query": "x", "cursor": "-1"}, "cursor: "),
    ("search", {"query": "since:yesteryear"}, "query: "),
    ("fetch", {"id": "../../etc/passwd"}, "“../../etc/passwd” is no node"),
    ("fetch", {"id": "/Companies/Nobody"}, "There is nothing at"),
    ("fetch", {"id": ["root"]}, "id: "),
    ("tree", {"id": "root", "limit": 0}, "limit: "),
    ("context", {"id": "root", "budget": 50_001}, "budget: "),
    ("context", {"id": "root", "budget": 10**400}, "budget: "),
    ("drop_tables", {}, "Unknown tool"),
)


def test_bad_arguments_are_named_in_words(acme: Acme) -> None:
    assistant = Assistant()
    for tool, arguments, said in _WRONG:
        refusal = assistant.refused(tool, **arguments)
        assert said in refusal
        assert "pydantic" not in refusal
        assert "Error executing" not in refusal


def test_what_a_compliance_level_withholds(acme: Acme, settings: LazySettings) -> None:
    settings.WITHHELD_FROM_TOKENS = True
    settings.WITHHELD = {"hipaa": frozenset({Part.TICKET_TEXTS, Part.CONTACTS})}
    assistant = Assistant()
    assert assistant.call("whoami")["never_told"] == ["contacts, ticket texts of companies of the level hipaa"]
    (hit,) = assistant.call("search", query="splines")["results"]
    assert (hit["snippet"], "snippet" in hit["withheld"]) == ("", True)
    got = assistant.call("fetch", id=acme.open)
    assert (got["text"], "text" in got["withheld"]) == ("", True)
    person = json.dumps(assistant.call("fetch", id=acme.ana))
    assert "555 0100" not in person
    assert "ana@" not in person
    pack = json.dumps(assistant.call("context", id=acme.open))
    assert "VPN is down" in pack
    assert "reticulating" not in pack
    assert "555 0100" not in pack
    settings.WITHHELD = {"hipaa": frozenset({Part.TICKETS})}
    assert "withheld" in assistant.call("search", query="splines")["message"]
    assert "withheld" in assistant.refused("fetch", id=acme.open)
    assert "VPN is down" not in json.dumps(assistant.call("context", id=acme.laptop))
    assert "no such node" in assistant.refused("context", id=acme.open)
    assert assistant.ask("prompts/get", name="triage_ticket", arguments={"ticket": "#40007"})["code"] == -32602


def test_a_token_of_one_company_learns_nothing_of_others(acme: Acme) -> None:
    other = make("Company", "Other Ltd", account_number="2002", codex_key="company:2002")
    make("Note", "VPN.md", other, origin="staff", content="The VPN of others.")
    limited = Assistant(companies=("2002",))
    found = limited.call("search", query="vpn")
    assert {one["company_id"] for one in found["results"]} == {other}
    assert found["never_told"] == ["other companies"]
    assert limited.call("whoami")["companies"] == ["2002"]
    children = limited.call("tree", id="/Companies")["children"]
    assert [child["id"] for child in children] == [other]
    for named in (acme.company, acme.open, "#40007", "/Companies/Acme Dental"):
        assert "Acme Dental (" not in limited.refused("fetch", id=named)
    assert "no company" in limited.refused("search", query="vpn", company="1001")
    asked: dict[str, Any] = {"name": "x", "text": "x", "reason": "x", "assistant": "x"}
    limited.refused("propose_note", id=acme.company, **asked)
    limited.refused("propose_note", id=ROOT_ID, **asked)
    limited.call("propose_note", id=other, **asked)


def test_odd_signs_do_no_harm(acme: Acme) -> None:
    assistant = Assistant()
    for text in ("\x00", "\ud800", "' OR 1=1 --", "*:*", "name:", '"', "a" * 300, "🐙", "\u202eevil"):
        result = assistant.ask("tools/call", name="search", arguments={"query": text})
        assert "results" in json.dumps(result) or result.get("isError") or "code" in result, text
        result = assistant.ask("tools/call", name="fetch", arguments={"id": text})
        assert result.get("isError") or "code" in result, text

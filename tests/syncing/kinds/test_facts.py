"""Facts are shown exactly as Codex has them, wherever they are shown; only the names of properties become words."""

import html
import re

import pytest
from django.test import Client

from syncing.kinds.declaration.documents import facts_document
from syncing.sample_codex.server import SampleCodex
from tests.graph_assertions import by_key
from tests.people import client_of
from tests.syncing.conftest import Breaches, Sync
from tests.throwaway_neo4j import Graph
from tree.text.escaping import escaped
from tree.text.rendering import to_html

AWKWARD = (
    *("SRV_DB_01", "CORP\\svc_backup", "ZZ_01", "corp_zz.local", "__x__", "_a", "a*b*c", "INC_77", "\\\\nas\\x$"),
    *("R&amp;D", "&copy;", "<none>", "a|b", "#1", "~~x~~", "[x](y)", "1. x", "- x", "`x`", "a__b", "x_", "C:\\_y"),
)


@pytest.mark.parametrize("value", AWKWARD)
def test_a_fact_in_a_text_is_shown_as_it_is(value: str) -> None:
    page = html.unescape(re.sub(r"<[^>]+>", "", to_html(facts_document(escaped(value), [("Host", value)]))))
    assert page.split("\n")[0] == value
    assert f"Host: {value}" in page


def test_the_stored_text_has_names_that_can_be_searched() -> None:
    assert escaped("SRV_DB_01") == "SRV_DB_01"
    assert escaped("corp_zz.local") == "corp_zz.local"


def _shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return html.unescape(re.sub(r"<[^>]+>", "", answer.content.decode()))


def test_underscores_and_backslashes_are_on_all_pages(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    world = mirrored.world
    account = world.add_company("ZZ_01", "Zeta_Works").company
    account.domains = "mail_relay.zz.example"
    asset = world.add_asset("ZZ_01", "SRV_DB_00")
    asset.domain, asset.operating_system = "corp_zz.local", "Windows_Server_2022"
    ticket = world.add_ticket("ZZ_01", "Re: job_1 of SRV_DB_01")
    ticket.ticket_number, ticket.status, ticket.priority = "INC_77", "waiting_on_Zeta_1", "P_1"
    sync("sync_codex")
    sync("sync_tickets")
    asset.last_logged_in_user, asset.hostname = "CORP\\svc_backup", "SRV_DB_01"
    plan = sync("sync_codex", "--dry-run").run
    client = client_of("admin")
    assert "SRV_DB_01" in _shown(client, f"/sync/runs/{plan.pk}/")
    sync("sync_codex")

    def page(key: str, more: str = "") -> str:
        node = by_key(graph, key)
        assert node is not None
        return _shown(client, f"/node/{node['id']}/{more}")

    company = page("company:ZZ_01")
    for fact in ("ZZ_01", "mail_relay.zz.example", "Zeta_Works", "job_1 of SRV_DB_01", "waiting_on_Zeta_1"):
        assert fact in company
    computer = page(f"asset:{asset.id}")
    for fact in ("SRV_DB_01", "CORP\\svc_backup", "corp_zz.local", "Windows_Server_2022"):
        assert fact in computer
    changes = page(f"asset:{asset.id}", "changes/")
    for fact in ("SRV_DB_00", "SRV_DB_01", "CORP\\svc_backup", "last logged in user"):
        assert fact in changes
    shown = page(f"ticket:{ticket.ticket_id}")
    for fact in ("INC_77", "waiting_on_Zeta_1", "P_1", "job_1 of SRV_DB_01"):
        assert fact in shown
    assert "waiting on Zeta 1" not in shown + company
    for query in ("SRV_DB_01", "corp_zz.local", "svc_backup", "INC_77"):
        found = _shown(client, f"/search/?q={query}")
        assert query in found.split("Search", 1)[-1].replace(f"“{query}”", "", 1)
    assert breaches() == []

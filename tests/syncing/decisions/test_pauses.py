"""A paused company stays exactly as it is: not fetched, not changed, not archived, until its sync goes on."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from syncing.decisions import pauses
from syncing.models import PausedCompany, QuarantinedRecord, SyncRun
from syncing.sample_codex import faults
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import MakeCodex
from tests.graph_assertions import archived_keys, by_key, key_of_parent, nodes
from tests.pages import text_of
from tests.people import client_of, person
from tests.syncing.conftest import Breaches, Sync, Use
from tests.throwaway_neo4j import Graph

pytestmark = pytest.mark.postgresql

OF_COMPANY = "MATCH (:Company {codex_key: $key})-[:PARENT_OF*0..]->(n) RETURN collect(n.id) AS ids"


def whole_company(graph: Graph, account: str) -> dict[str, dict[str, object]]:
    """{id: properties, times too} of the company and all below it."""
    [row] = graph.rows(OF_COMPANY, key=f"company:{account}")
    everything = nodes(graph, stamps=True)
    return {uid: everything[uid] for uid in row["ids"]}


@pytest.mark.parametrize("bulk", [True, False], ids=["bulk", "company by company"])
def test_a_paused_company_stays_as_it_is(
    bulk: bool, make_codex: MakeCodex, use: Use, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    codex = use(make_codex(bulk=bulk))
    for command in ("sync_codex", "sync_tickets"):
        assert sync(command).code == 0
    paused, other, _ = codex.world.accounts
    company = by_key(graph, f"company:{paused}")
    assert company is not None
    name = company["name"].removesuffix(f" ({paused})")
    before = whole_company(graph, paused)
    pauses.pause(paused, None, "Codex merges it")
    for account in (paused, other):
        listed = codex.world.account(account)
        codex.world.rename_company(account, f"Renamed {account}")
        codex.world.remove_contact(listed.contacts[0].id)
        listed.assets[0].operating_system = "Changed"
        listed.tickets[0].subject = "Changed"
    codex.log.clear()
    for command in ("sync_codex", "sync_tickets"):
        result = sync(command)
        assert result.code == 0, result.reasons
        assert result.run.reason.endswith(f"Paused, so left as they are: {name} ({paused}).")
        assert result.written > 0
    assert whole_company(graph, paused) == before
    if not bulk:
        assert not any(f"/{paused}/" in request.path for request in codex.requests())
    assert breaches() == []
    pauses.resume(paused)
    for command in ("sync_codex", "sync_tickets"):
        assert sync(command).written > 0
        assert "Paused" not in sync(command).run.reason
    renamed = by_key(graph, f"company:{paused}")
    assert renamed is not None
    assert renamed["name"] == f"Renamed {paused}"
    assert breaches() == []


def test_a_paused_company_that_left_is_not_archived_and_keeps_its_name(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    paused = list(mirrored.world.accounts)[2]
    name = mirrored.world.account(paused).company.name
    pauses.pause(paused, None)
    mirrored.world.remove_company(paused)
    mirrored.world.add_company("NEW-1", name)
    before = whole_company(graph, paused)
    for command in ("sync_codex", "sync_tickets"):
        assert sync(command).code == 0
    assert whole_company(graph, paused) == before
    namesake = by_key(graph, "company:NEW-1")
    assert namesake is not None
    assert namesake["name"] == f"{name} (NEW-1)"
    assert breaches() == []
    pauses.resume(paused)
    assert sync("sync_codex").code == 0
    assert f"company:{paused}" in archived_keys(graph)


def test_all_companies_but_the_paused_one_leave(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    """The hold counts the companies that may leave, not the paused one."""
    paused, *others = mirrored.world.accounts
    pauses.pause(paused, None)
    for account in others:
        mirrored.world.remove_company(account)
    mirrored.world.remove_company(paused)
    result = sync("sync_codex")
    assert result.code == 4
    assert "2 of 2 in Companies would be archived" in result.run.reason
    assert archived_keys(graph) == set()


def test_a_run_of_the_paused_company_does_nothing_and_says_why(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    paused = next(iter(mirrored.world.accounts))
    mirrored.world.rename_company(paused, "Renamed")
    pauses.pause(paused, None)
    before = whole_company(graph, paused)
    mirrored.log.clear()
    for command in ("sync_codex", "sync_tickets"):
        result = sync(command, "--company", paused)
        assert (result.code, result.written) == (0, 0)
        assert "Paused" in result.run.reason
    assert not any(paused in request.path for request in mirrored.requests())
    assert whole_company(graph, paused) == before


def test_an_asset_does_not_leave_a_paused_company(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    paused, other, _ = mirrored.world.accounts
    asset = mirrored.world.account(paused).assets[0].id
    pauses.pause(paused, None)
    before = whole_company(graph, paused)
    mirrored.world.move_asset(asset, other)
    result = sync("sync_codex")
    assert result.code == 3
    assert any("stays there while that is paused" in reason for reason in result.reasons)
    assert whole_company(graph, paused) == before
    assert breaches() == []
    pauses.resume(paused)
    assert sync("sync_codex").code == 0
    assert key_of_parent(graph, f"asset:{asset}") == f"company:{other}:assets"


def test_a_stored_plan_that_touches_a_paused_company_is_refused(
    mirrored: SampleCodex, sync: Sync, graph: Graph
) -> None:
    paused, other, _ = mirrored.world.accounts
    mirrored.world.move_asset(mirrored.world.account(paused).assets[0].id, other)
    moving = sync("sync_codex", "--company", other, "--dry-run").run.plan_hash
    mirrored.world.rename_company(paused, "Renamed")
    whole = sync("sync_codex", "--dry-run").run.plan_hash
    pauses.pause(paused, None)
    before = nodes(graph, stamps=True)
    for plan in (whole, moving):
        refused = sync("sync_codex", "--approve", plan)
        assert refused.code == 1
        assert "is paused since this plan was made; nothing was written" in refused.run.reason
        assert nodes(graph, stamps=True) == before
    pauses.resume(paused)
    assert sync("sync_codex", "--approve", whole).code == 0


def test_many_pauses_are_told_in_short(mirrored: SampleCodex, sync: Sync) -> None:
    for number in range(7):
        pauses.pause(f"gone-{number}", None)
    assert sync("sync_codex").run.reason.endswith("gone-3, gone-4, 2 more.")


def test_an_admin_pauses_from_the_page_and_everybody_sees_it(
    mirrored: SampleCodex, graph: Graph, admin: Client
) -> None:
    account = next(iter(mirrored.world.accounts))
    company = by_key(graph, f"company:{account}")
    assert company is not None
    address = f"/node/{company['id']}/"
    assert "Sync this company" in text_of(admin, address)
    form = {"company": account, "pause": "1", "reason": "Merged <soon>", "next": address}
    assert admin.post("/sync/pause/", form).headers["Location"] == address
    paused = PausedCompany.objects.get()
    assert (paused.account_number, paused.paused_by) == (account, User.objects.get(username="admin"))
    page = text_of(admin, address)
    for expected in ("sync paused", "by admin: Merged &lt;soon&gt;", "Let it go on"):
        assert expected in page
    assert "Sync this company" not in page
    billing, technician = client_of("billing"), client_of("technician")
    assert "sync paused" in text_of(billing, address)
    assert "Merged" not in text_of(billing, address)
    assert "Merged &lt;soon&gt;" in text_of(technician, address)
    assert "Let it go on" not in text_of(technician, address)
    assert "Merged &lt;soon&gt;" in text_of(technician, "/sync/")
    admin.post("/sync/pause/", {"company": account, "pause": "0", "next": "https://evil.example/"})
    assert not PausedCompany.objects.exists()


@pytest.mark.parametrize(
    "form", [{}, {"company": "1001"}, {"company": " ", "pause": "1"}, {"company": "1", "pause": "x"}]
)
def test_half_a_form_is_refused(admin: Client, form: dict[str, str]) -> None:
    assert admin.post("/sync/pause/", form).status_code == 400
    assert not PausedCompany.objects.exists()


def test_the_way_back_is_on_this_site(admin: Client) -> None:
    form = {"company": "1001", "pause": "0", "next": "https://evil.example/"}
    assert admin.post("/sync/pause/", form).headers["Location"] == "/sync/"


def test_a_company_that_is_not_there_is_not_paused(mirrored: SampleCodex, admin: Client) -> None:
    answer = admin.post("/sync/pause/", {"company": "nonsense", "pause": "1"}, follow=True)
    assert "The tree holds no company with the account number &#x27;nonsense&#x27;." in answer.content.decode()
    assert not PausedCompany.objects.exists()


def test_a_second_pause_keeps_the_first(db: None) -> None:
    pauses.pause("1001", person("admin"), "first")
    pauses.pause("1001", None, "second")
    assert PausedCompany.objects.get().reason == "first"
    assert pauses.resume("1001")
    assert not pauses.resume("1001")
    assert not SyncRun.objects.exists()


def test_what_a_run_has_not_looked_at_stays_in_quarantine(mirrored: SampleCodex, sync: Sync) -> None:
    """Neither a run of another kind nor one that passes over the company says that a refused record is mended."""
    mirrored.faults.add(faults.set_field((0, "assets", 0, "id"), "x"), "/api/companies/bulk", times=1)
    assert sync("sync_codex").code == 3
    [record] = QuarantinedRecord.objects.all()
    assert sync("sync_codex", "--kind", "contacts").code == 0
    assert QuarantinedRecord.objects.exists()
    pauses.pause(record.account, None)
    assert sync("sync_codex").code == 0
    assert QuarantinedRecord.objects.exists()
    pauses.resume(record.account)
    assert sync("sync_codex", "--kind", "assets").code == 0
    assert not QuarantinedRecord.objects.exists()

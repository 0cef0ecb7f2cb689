"""A run of one company or one kind: what is outside its scope is neither read nor written nor missed."""

import pytest
from django.test import Client

from syncing.models import SyncRun
from syncing.runs import scopes
from syncing.runs.scopes import CODEX_CHOICES
from syncing.sample_codex import faults
from syncing.sample_codex.faults import ALWAYS
from syncing.sample_codex.server import SampleCodex
from syncing.schedules.freshness import sync_state
from tests.fake_codex import MakeCodex
from tests.graph_assertions import archived_keys, by_key, graph_hash
from tests.people import client_of
from tests.syncing.conftest import Breaches, Sync, Use
from tests.throwaway_neo4j import Graph


def change_everything(codex: SampleCodex) -> tuple[str, str, str, str]:
    """In the first company: it gets another name, one contact leaves, one asset leaves; keys of these, and a new one's.

    A new company comes as well.
    """
    world = codex.world
    account, listed = next(iter(world.accounts.items()))
    contact, asset = listed.contacts[0].id, listed.assets[0].id
    world.rename_company(account, "Another name")
    world.remove_contact(contact)
    world.remove_asset(asset)
    world.add_company("NEW-1", "New company")
    return f"company:{account}", f"user:{account}:{contact}", f"asset:{asset}", "company:NEW-1"


@pytest.mark.parametrize("bulk", [True, False], ids=["bulk", "company by company"])
@pytest.mark.parametrize("kind", CODEX_CHOICES)
def test_a_run_of_one_kind_changes_that_kind_only(
    kind: str, bulk: bool, make_codex: MakeCodex, use: Use, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    codex = use(make_codex(bulk=bulk))
    assert sync("sync_codex").code == 0
    company, contact, asset, new = change_everything(codex)
    result = sync("sync_codex", "--kind", kind)
    is_companies = kind == "companies"
    assert result.code == (0 if is_companies else 3), result.run.reason
    assert result.run.kinds == [kind]
    renamed = by_key(graph, company)
    assert renamed is not None
    assert (renamed["name"] == "Another name") is is_companies
    assert (by_key(graph, new) is not None) is is_companies
    gone = {key for key in archived_keys(graph) if key in (contact, asset)}
    assert gone == {"companies": set(), "contacts": {contact}, "locations": set(), "assets": {asset}}[kind]
    if not is_companies:
        assert any("does not hold the company NEW-1" in reason for reason in result.reasons)
        assert "company_not_in_tree" in result.faults
    assert breaches() == []
    assert sync("sync_codex", "--kind", kind).written == 0
    assert sync("sync_codex").code == 0
    assert {contact, asset} <= archived_keys(graph)
    assert by_key(graph, new) is not None


def test_kinds_one_after_the_other_give_the_graph_of_a_whole_run(
    world_codex: SampleCodex, sync: Sync, graph: Graph
) -> None:
    for kind in CODEX_CHOICES:
        assert sync("sync_codex", "--kind", kind).code == 0
    piecewise = graph_hash(graph)
    assert sync("sync_codex").written == 0
    graph.empty()
    assert sync("sync_codex").code == 0
    assert graph_hash(graph) == piecewise


def test_a_run_of_companies_asks_for_no_lists(mirrored: SampleCodex, sync: Sync) -> None:
    mirrored.log.clear()
    assert sync("sync_codex", "--kind", "companies").code == 0
    assert [request.path for request in mirrored.requests()] == ["/api/companies"]


def test_a_company_that_is_not_listed_leaves_in_runs_of_companies_only(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    account = list(mirrored.world.accounts)[2]
    mirrored.world.remove_company(account)
    for kind in ("contacts", "assets"):
        assert sync("sync_codex", "--kind", kind).code == 0
        assert archived_keys(graph) == set()
    assert sync("sync_codex", "--kind", "companies").code == 0
    assert f"company:{account}" in archived_keys(graph)
    assert breaches() == []


def test_an_empty_list_is_held_in_a_run_of_its_kind_too(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    def emptied(rows: list[dict[str, object]]) -> list[dict[str, object]]:
        return [row | {"contacts": [], "assets": []} for row in rows]

    mirrored.faults.add(faults.edit(emptied), "/api/companies/bulk", times=ALWAYS)
    held = sync("sync_codex", "--kind", "contacts")
    assert held.code == 4
    assert "/ Users would be archived" in held.run.reason
    assert "/ Assets" not in held.run.reason
    assert archived_keys(graph) == set()
    mirrored.faults.clear()
    assert sync("sync_codex", "--kind", "assets").code == 0
    held.run.refresh_from_db()
    assert held.run.held_settled_at is None, "only a whole run knows better than what is held"


def test_a_run_of_one_company_leaves_the_others_and_their_names(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    """Codex was not asked for the others, so none of them has left; and one of them has the name that the one gets."""
    one, other, _ = mirrored.world.accounts
    taken = mirrored.world.company(other).name
    before = by_key(graph, f"company:{other}")
    mirrored.world.rename_company(one, taken)
    result = sync("sync_codex", "--company", one)
    assert (result.code, result.reasons) == (0, [])
    assert archived_keys(graph) == set()
    assert by_key(graph, f"company:{other}") == before
    renamed = by_key(graph, f"company:{one}")
    assert renamed is not None
    assert renamed["name"] == f"{taken} ({one})"
    assert breaches() == []


def test_one_company_and_one_kind(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    first, second, _ = mirrored.world.accounts.items()
    for account, listed in (first, second):
        mirrored.world.remove_contact(listed.contacts[-1].id, account)
    mirrored.log.clear()
    result = sync("sync_codex", "--company", first[0], "--kind", "contacts")
    assert result.counts["User"]["archived"] == 1
    assert {key.split(":")[1] for key in archived_keys(graph)} == {first[0]}
    assert not any("assets" in request.path or "bulk" in request.path for request in mirrored.requests())


def test_a_part_does_not_make_the_tree_fresh(mirrored: SampleCodex, sync: Sync) -> None:
    SyncRun.objects.all().delete()
    sync("sync_codex", "--kind", "contacts")
    assert sync_state().state == "never"
    sync("sync_codex")
    assert sync_state().state == "fresh"


def test_unknown_kinds_and_kinds_of_a_stored_plan_are_refused(sync: Sync, mirrored: SampleCodex) -> None:
    assert sync("sync_codex", "--kind", "tickets").code != 0
    assert sync("sync_codex", "--approve", "abc", "--kind", "contacts").code == 2


@pytest.mark.parametrize(
    ("kinds", "runs"),
    [
        (["all"], [("sync_codex", []), ("sync_tickets", [])]),
        (["contacts"], [("sync_codex", ["contacts"])]),
        (["assets", "companies"], [("sync_codex", ["companies", "assets"])]),
        (["companies", "contacts", "locations", "assets"], [("sync_codex", [])]),
        (["tickets"], [("sync_tickets", [])]),
        (["tickets", "contacts"], [("sync_codex", ["contacts"]), ("sync_tickets", [])]),
    ],
)
def test_kinds_become_runs(kinds: list[str], runs: list[tuple[str, list[str]]]) -> None:
    assert scopes.runs_for(kinds) == runs


def test_the_form_takes_a_name_or_a_number(mirrored: SampleCodex) -> None:
    admin = client_of("admin")
    SyncRun.objects.all().delete()
    account, listed = list(mirrored.world.accounts.items())[1]
    assert f'<option value="{account}">' in admin.get("/sync/companies/").content.decode()
    form = {"kind": "assets", "company": f" {listed.company.name.upper()} ", "dry_run": "1"}
    assert admin.post("/sync/start/", form).status_code == 302
    run = SyncRun.objects.get()
    assert (run.command, run.kinds, run.companies, run.dry_run) == ("sync_codex", ["assets"], [account], True)
    admin.post("/sync/start/", form | {"company": "9-unknown", "kind": "all"})
    assert [run.companies for run in SyncRun.objects.all()[:2]] == [["9-unknown"]] * 2


@pytest.mark.parametrize(
    "form", [{"kind": "rm"}, {"kind": ["contacts", "rm"]}, {"kind": "all", "command": "sync_codex"}]
)
def test_other_kinds_are_refused(db: None, form: dict[str, object]) -> None:
    admin: Client = client_of("admin")
    assert admin.post("/sync/start/", form).status_code == 400
    assert not SyncRun.objects.exists()


def test_runs_of_another_scope_are_no_twins(db: None) -> None:
    admin = client_of("admin")
    for form in ({"kind": "contacts"}, {"kind": "assets"}, {"command": "sync_codex"}, {"kind": "contacts"}):
        admin.post("/sync/start/", form)
    assert [run.kinds for run in SyncRun.objects.order_by("pk")] == [["contacts"], ["assets"], []]

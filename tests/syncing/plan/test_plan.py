"""The plan that is shown is the plan that is applied; nothing else is written."""

from syncing.models import SyncRun
from syncing.plan.plan_files import plan_folder
from syncing.sample_codex import faults
from syncing.sample_codex.server import SampleCodex
from tests.graph_assertions import by_key, graph_hash, nodes
from tests.syncing.conftest import Breaches, Sync
from tests.throwaway_neo4j import Graph


def change_everything(codex: SampleCodex) -> None:
    """One of each action."""
    world = codex.world
    one, two = list(world.accounts)[:2]
    world.rename_company(one, "Renamed Ltd.")
    world.add_contact(one, "Nell New", "nell@new.example")
    world.contact(world.account(two).contacts[1].id).title = "Chief of Everything"
    world.move_asset(world.account(one).assets[1].id, two)
    world.remove_asset(world.account(two).assets[3].id)


def test_a_dry_run_writes_nothing_and_shows_what_it_would(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    change_everything(mirrored)
    before = graph_hash(graph, stamps=True)
    everything = graph.rows("MATCH (n) RETURN count(n) AS nodes, sum(coalesce(n.fence, 0)) AS fences")
    shown = sync("sync_codex", "--dry-run")
    assert (shown.code, shown.run.status) == (0, SyncRun.Status.PLANNED)
    assert graph_hash(graph, stamps=True) == before
    assert graph.rows("MATCH (n) RETURN count(n) AS nodes, sum(coalesce(n.fence, 0)) AS fences") == everything
    for expected in (
        "~ update Company Companies / Renamed Ltd.",
        "    name: Northwind Logistics",
        "→ Renamed Ltd.",
        "+ create User Renamed Ltd. / Users / Nell New",
        "→ Chief of Everything",
        "→ move Asset",
        "− archive Asset",
        f"manage.py sync_codex --apply {shown.run.plan_hash}",
    ):
        assert expected in shown.out, shown.out


def test_the_approved_plan_is_what_was_shown(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    change_everything(mirrored)
    shown = sync("sync_codex", "--dry-run")
    mirrored.stop()  # applying asks Codex nothing
    applied = sync("sync_codex", "--apply", shown.run.plan_hash)
    assert applied.code == 0, applied.run.reason
    assert applied.run.requests == 0
    planned = {k: {a: n for a, n in v.items() if a != "unchanged"} for k, v in shown.counts.items()}
    assert {k: v for k, v in planned.items() if v} == applied.counts
    by_plan = graph_hash(graph)
    mirrored.start()
    assert sync("sync_codex").written == 0
    assert graph_hash(graph) == by_plan
    assert breaches() == []
    again = sync("sync_codex", "--approve", shown.run.plan_hash)
    assert again.code == 1


def test_a_first_load_by_an_approved_plan(world_codex: SampleCodex, sync: Sync, graph: Graph) -> None:
    shown = sync("sync_codex", "--dry-run")
    assert sync("sync_codex", "--approve", shown.run.plan_hash).code == 0
    by_plan = graph_hash(graph)
    graph.empty()
    assert sync("sync_codex").code == 0
    assert graph_hash(graph) == by_plan


def test_rows_whose_base_has_changed_are_skipped_and_reported(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    world = mirrored.world
    account = list(world.accounts)[1]
    one, two = world.account(account).assets[1:3]
    one.operating_system = two.operating_system = "Planned"
    shown = sync("sync_codex", "--dry-run")
    one.operating_system = "Newer"
    assert sync("sync_codex", "--company", account).code == 0
    two_before = by_key(graph, f"asset:{two.id}")
    applied = sync("sync_codex", "--approve", shown.run.plan_hash)
    assert applied.code == 3
    assert len(applied.reasons) == 1
    assert "changed after the comparison" in applied.reasons[0]
    assert applied.faults == ["changed_since"]
    newer = by_key(graph, f"asset:{one.id}")
    assert newer is not None
    assert newer["operating_system"] == "Newer"
    assert by_key(graph, f"asset:{two.id}") == two_before


def test_an_altered_plan_is_refused(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    change_everything(mirrored)
    shown = sync("sync_codex", "--dry-run")
    before = graph_hash(graph, stamps=True)
    file = plan_folder(shown.run.pk) / "rest.jsonl"
    file.write_bytes(file.read_bytes().replace(b"Nell New", b"Evil Eve"))
    refused = sync("sync_codex", "--approve", shown.run.plan_hash)
    assert refused.code == 1
    assert "altered on disk" in refused.run.reason
    assert graph_hash(graph, stamps=True) == before


def test_files_of_an_older_run_of_the_same_number_are_not_applied(
    mirrored: SampleCodex, sync: Sync, graph: Graph
) -> None:
    number = sync("sync_codex").run.pk + 1
    folder = plan_folder(number)
    folder.mkdir(parents=True)
    archive = plan_folder(number) / "archives.jsonl"
    asset = by_key(graph, f"asset:{next(iter(mirrored.world.accounts.values())).assets[0].id}")
    assert asset is not None
    archive.write_text(
        f'{{"action":"archive","kind":"Asset","key":"{asset["codex_key"]}","id":"{asset["id"]}","name":"x",'
        f'"account":"","place":"","parent_id":"{asset["parent_id"]}","base":"{asset["fingerprint"]}"}}\n'
    )
    assert sync("sync_codex").written == 0
    assert "archived_at" not in nodes(graph, stamps=True)[asset["id"]]


def test_a_dry_run_of_a_broken_codex_fails(mirrored: SampleCodex, sync: Sync) -> None:
    mirrored.faults.add(faults.status(401))
    failed = sync("sync_codex", "--dry-run")
    assert (failed.code, failed.run.status) == (1, SyncRun.Status.FAILED)


def test_approve_stands_alone(mirrored: SampleCodex, sync: Sync) -> None:
    for more in (("--dry-run",), ("--company", "1")):
        refused = sync("sync_codex", "--approve", "0123456789abcdef", *more)
        assert refused.code == 2
        assert "give it alone" in refused.err

"""A plan that waits is applied exactly, once, by its hash; every other wish is refused and writes nothing."""

import shutil
import threading
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django_q.models import OrmQ

from syncing.decisions import approvals, stored_plans
from syncing.engine import execute
from syncing.exceptions import PlanNotUsable
from syncing.models import SyncRun
from syncing.plan.plan_files import first_changes, plan_folder
from syncing.runs import lifecycle
from syncing.sample_codex import faults
from syncing.sample_codex.faults import ALWAYS
from syncing.sample_codex.server import SampleCodex
from tests.graph_assertions import archived_counts, archived_keys, graph_hash, nodes
from tests.people import person
from tests.syncing.conftest import Breaches, Sync
from tests.throwaway_neo4j import Graph

pytestmark = pytest.mark.postgresql


@pytest.fixture
def admin(transactional_db: None) -> User:
    return person("admin")


@pytest.fixture
def planned(mirrored: SampleCodex, sync: Sync) -> SyncRun:
    """A check that has found a few changes."""
    world = mirrored.world
    one, two = list(world.accounts)[:2]
    world.rename_company(one, "Renamed Ltd.")
    world.add_contact(one, "Nell New", "nell@new.example")
    world.move_asset(world.account(one).assets[1].id, two)
    return sync("sync_codex", "--dry-run").run


@pytest.fixture
def held(mirrored: SampleCodex, sync: Sync) -> SyncRun:
    """A run that holds back the archiving of all companies, and that has applied the rest."""
    mirrored.faults.add(faults.empty(), "/api/companies", times=ALWAYS)
    mirrored.faults.add(faults.empty(), "/api/companies/bulk", times=ALWAYS)
    return sync("sync_codex").run


def test_the_run_that_applies_has_the_rows_and_the_reason(
    planned: SyncRun, admin: User, graph: Graph, breaches: Breaches
) -> None:
    shown = first_changes(plan_folder(planned.pk))
    asked = approvals.request_apply(planned, planned.plan_hash, admin)
    assert (asked.status, asked.applies, asked.started_by) == (SyncRun.Status.QUEUED, planned, admin)
    assert OrmQ.objects.count() == 1
    done = execute(asked)
    assert (done.status, done.reason, done.requests) == (SyncRun.Status.COMPLETE, "", 0)
    assert first_changes(plan_folder(done.pk)) == shown
    assert len(graph.rows("MATCH (n:User {name: 'Nell New'}) RETURN n")) == 1
    assert breaches() == []
    planned.refresh_from_db()
    assert planned.held_outcome == "approved"


def test_an_approved_removal_is_a_plan_of_the_run_that_archived(
    held: SyncRun, admin: User, graph: Graph, breaches: Breaches
) -> None:
    assert held.held_why == ["3 of 3 in Companies would be archived, 54 records in all"]
    done = execute(approvals.request_apply(held, held.held_hash, admin))
    assert (done.status, done.counts) == (SyncRun.Status.COMPLETE, archived_counts(graph))
    assert done.counts["Ticket"] == {"archived": 15}
    assert {kind: actions["held"] for kind, actions in held.counts.items() if "held" in actions} == {
        kind: actions["archived"] for kind, actions in done.counts.items()
    }
    applied = first_changes(plan_folder(done.pk))
    assert [(change.action, is_held) for change, is_held in applied] == [("archive", False)] * 3
    assert {key for key in archived_keys(graph) if key.startswith("company:") and key.count(":") == 1} == {
        change.key for change, is_held in first_changes(plan_folder(held.pk)) if is_held
    }
    assert breaches() == []


def test_what_a_check_would_hold_waits_for_its_own_approval(
    mirrored: SampleCodex, sync: Sync, admin: User, graph: Graph
) -> None:
    mirrored.faults.add(faults.empty(), "/api/companies", times=ALWAYS)
    mirrored.faults.add(faults.empty(), "/api/companies/bulk", times=ALWAYS)
    shown = sync("sync_codex", "--dry-run").run
    applied = execute(approvals.request_apply(shown, shown.plan_hash, admin))
    assert (applied.status, applied.held_why) == (SyncRun.Status.NEEDS_APPROVAL, shown.held_why)
    assert not archived_keys(graph)
    approved = execute(approvals.request_apply(applied, applied.held_hash, admin))
    assert approved.counts == archived_counts(graph)


WRONG: dict[str, Callable[[SyncRun], str]] = {
    "no hash": lambda run: "",
    "a wrong one": lambda run: "0123456789abcdef",
    "of another part": lambda run: run.held_hash if run.dry_run else run.plan_hash,
    "cut": lambda run: (run.held_hash or run.plan_hash)[:8],
}


@pytest.mark.parametrize("which", ["planned", "held"])
def test_a_wrong_hash_is_refused(
    which: str, request: pytest.FixtureRequest, admin: User, graph: Graph, subtests: pytest.Subtests
) -> None:
    run: SyncRun = request.getfixturevalue(which)
    before = graph_hash(graph, stamps=True)
    for what, hash_of in WRONG.items():
        with subtests.test(what):
            for decide in (approvals.request_apply, approvals.discard):
                with pytest.raises(PlanNotUsable, match="is not that of the plan"):
                    decide(run, hash_of(run), admin)
            assert graph_hash(graph, stamps=True) == before
            assert not OrmQ.objects.exists()
            run.refresh_from_db()
            assert run.held_settled_at is None


@pytest.mark.parametrize("which", ["planned", "held"])
@pytest.mark.parametrize("damage", ["altered", "cut", "one file gone", "all gone"])
def test_files_that_are_not_as_they_were_are_refused(
    which: str, damage: str, request: pytest.FixtureRequest, admin: User, graph: Graph
) -> None:
    run: SyncRun = request.getfixturevalue(which)
    plan = run.held_hash if which == "held" else run.plan_hash
    before = graph_hash(graph, stamps=True)
    late = approvals.request_apply(run, plan, admin)  # the files go bad after this
    folder = plan_folder(run.pk)
    file = folder / ("held.jsonl" if which == "held" else "placements.jsonl")
    whole = file.read_bytes()
    if damage == "all gone":
        shutil.rmtree(folder)
    elif damage == "one file gone":
        file.unlink()
    else:
        file.write_bytes(whole[:-1] if damage == "cut" else whole.replace(b'"name":"', b'"name":"X', 1))
    done = execute(late)
    assert (done.status, done.reason.partition(" was altered")[1]) == (SyncRun.Status.FAILED, " was altered")
    with pytest.raises(PlanNotUsable, match="missing or were altered on disk"):
        approvals.request_apply(run, plan, admin)
    assert graph_hash(graph, stamps=True) == before
    assert not plan_folder(done.pk).exists()


def test_two_admins_at_once_give_one_run(planned: SyncRun, admin: User, graph: Graph) -> None:
    other = person("superuser")
    together = threading.Barrier(2)
    answers: list[object] = []

    def press(user: User) -> None:
        together.wait()
        try:
            answers.append(approvals.request_apply(SyncRun.objects.get(pk=planned.pk), planned.plan_hash, user))
        except PlanNotUsable as refused:
            answers.append(refused)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=(user,)) for user in (admin, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [run] = [answer for answer in answers if isinstance(answer, SyncRun)]
    [refused] = [answer for answer in answers if isinstance(answer, PlanNotUsable)]
    assert run.started_by is not None
    assert f"{run.started_by.username} has asked for this plan already: run {run.pk} applies it" in str(refused)
    assert (SyncRun.objects.filter(applies=planned).count(), OrmQ.objects.count()) == (1, 1)
    assert execute(run).status == SyncRun.Status.COMPLETE
    with pytest.raises(PlanNotUsable, match=f"was applied already .by {run.started_by.username}."):
        approvals.request_apply(planned, planned.plan_hash, other)


def test_what_is_being_applied_is_not_thrown_away(held: SyncRun, admin: User, graph: Graph) -> None:
    asked = approvals.request_apply(held, held.held_hash, admin)
    with pytest.raises(PlanNotUsable, match="asked for this plan already"):
        approvals.discard(held, held.held_hash, admin)
    assert execute(asked).status == SyncRun.Status.COMPLETE


def test_a_command_joins_the_run_that_was_asked_for(held: SyncRun, admin: User, sync: Sync, graph: Graph) -> None:
    asked = approvals.request_apply(held, held.held_hash, admin)
    joined = sync("sync_codex", "--approve", held.held_hash)
    assert (joined.code, joined.run.pk, joined.run.counts) == (0, asked.pk, archived_counts(graph))


def test_a_command_does_not_apply_what_another_run_is_applying(
    mirrored: SampleCodex, admin: User, sync: Sync, graph: Graph
) -> None:
    account = next(iter(mirrored.world.accounts))
    mirrored.world.rename_company(account, "Renamed Ltd.")
    shown = sync("sync_codex", "--dry-run", "--company", account).run
    approvals.request_apply(shown, shown.plan_hash, admin)
    before = graph_hash(graph, stamps=True)
    refused = sync("sync_codex", "--approve", shown.plan_hash)
    assert (refused.code, "Another run is applying" in refused.run.reason) == (1, True)
    assert graph_hash(graph, stamps=True) == before


def test_what_was_thrown_away_is_not_applied(held: SyncRun, admin: User, sync: Sync, graph: Graph) -> None:
    approvals.discard(held, held.held_hash, admin)
    for decide in (approvals.request_apply, approvals.discard):
        with pytest.raises(PlanNotUsable, match=r"was discarded \(by admin\)"):
            decide(held, held.held_hash, admin)
    assert sync("sync_codex", "--approve", held.held_hash).code == 1
    assert not archived_keys(graph)


def test_what_is_thrown_away_while_a_command_reaches_for_it_is_not_applied(
    held: SyncRun, admin: User, sync: Sync, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    target_of = stored_plans._target

    def then_discarded(run: SyncRun) -> SyncRun:
        target = target_of(run)
        approvals.discard(held, held.held_hash, admin)
        return target

    monkeypatch.setattr(stored_plans, "_target", then_discarded)
    refused = sync("sync_codex", "--approve", held.held_hash)
    assert (refused.code, "was decided about" in refused.run.reason) == (1, True)
    assert not archived_keys(graph)
    held.refresh_from_db()
    assert held.held_outcome == "discarded"


def test_an_approval_dies_when_the_data_changes(held: SyncRun, admin: User, mirrored: SampleCodex, sync: Sync) -> None:
    asked = approvals.request_apply(held, held.held_hash, admin)
    mirrored.faults.clear()
    account = next(iter(mirrored.world.accounts))
    mirrored.world.rename_company(account, "Renamed Ltd.")
    assert sync("sync_codex", "--company", account).code == 0
    done = execute(asked)
    assert (done.status, "1 of the records" in done.reason) == (SyncRun.Status.FAILED, True)
    with pytest.raises(PlanNotUsable, match="its records changed since"):
        approvals.request_apply(held, held.held_hash, admin)


def test_a_run_without_a_plan_has_nothing_to_apply(mirrored: SampleCodex, sync: Sync, admin: User) -> None:
    run = sync("sync_codex").run
    with pytest.raises(PlanNotUsable, match="no plan that waits"):
        approvals.request_apply(run, run.plan_hash, admin)


def test_a_plan_of_one_company_stays_one_of_one_company(mirrored: SampleCodex, sync: Sync, admin: User) -> None:
    account = next(iter(mirrored.world.accounts))
    mirrored.world.rename_company(account, "Renamed Ltd.")
    shown = sync("sync_codex", "--dry-run", "--company", account).run
    done = execute(approvals.request_apply(shown, shown.plan_hash, admin))
    assert (done.status, done.companies) == (SyncRun.Status.COMPLETE, [account])


@pytest.mark.django_db
def test_a_sync_does_not_join_a_run_that_applies_a_plan() -> None:
    target = SyncRun.objects.create(command="sync_codex", status="planned", plan_hash="a" * 16)
    applying = lifecycle.ask_to_apply(target, target.plan_hash, None)
    assert lifecycle.enqueue(SyncRun.Command.CODEX) != applying


def test_a_plan_does_not_touch_what_went_to_the_archive_since(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    """Renamed, moved and new by the plan; archived, alone or with the company, by the sync after it."""
    world = mirrored.world
    one, two, three = list(world.accounts)
    renamed, moved = world.account(one).assets[:2]
    world.rename_asset(renamed.id, "renamed-by-plan")
    world.move_asset(moved.id, two)
    world.add_contact(three, "Nell New", "nell@new.example")
    world.add_asset(three, "new-host")
    plan = sync("sync_codex", "--dry-run").run
    world.remove_asset(renamed.id)
    world.remove_asset(moved.id)
    world.remove_company(three)
    assert sync("sync_codex").code == 0
    before = {uid: node for uid, node in nodes(graph, stamps=True).items() if node["is archived"]}
    applied = sync("sync_codex", "--apply", plan.plan_hash)
    assert applied.code == 3, (applied.counts, applied.reasons)
    assert len(applied.reasons) >= 6  # the person, card and folder and both computers, and what is below the company
    assert all("was skipped" in reason for reason in applied.reasons)
    assert {uid: node for uid, node in nodes(graph, stamps=True).items() if node["is archived"]} == before
    assert breaches() == []


def test_who_leaves_a_company_that_leaves_is_no_skipped_row(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    world = mirrored.world
    one, two = list(world.accounts)[:2]
    moved = world.account(one).assets[0]
    world.move_asset(moved.id, two)
    world.remove_company(one)
    plan = sync("sync_codex", "--dry-run").run
    applied = sync("sync_codex", "--apply", plan.plan_hash)
    assert (applied.code, applied.reasons) == (0, [])
    assert f"asset:{moved.id}" not in archived_keys(graph)
    assert breaches() == []

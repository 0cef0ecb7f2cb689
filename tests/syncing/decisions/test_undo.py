"""Undoing a run: what it did is taken back, what was touched since stays and is named."""

import json
import random
from typing import Any

import pytest
from msgspec import Struct

from syncing.decisions import pauses, undo
from syncing.engine import execute
from syncing.exceptions import UndoRefused
from syncing.models import SyncRun
from syncing.runs import lifecycle
from syncing.sample_codex.server import SampleCodex
from syncing.sample_codex.world import World
from syncing.schedules.freshness import sync_state
from tests.fault_counts import usual_or_all
from tests.graph_assertions import archived_keys, by_key, edges, nodes
from tests.syncing.conftest import Breaches, Finished, MakeCodex, Sync, Use
from tests.syncing.staff import staff_note
from tests.throwaway_neo4j import Graph

pytestmark = pytest.mark.postgresql


@pytest.fixture
def undone(sync: Sync) -> Any:
    """Plan the undoing of a run and apply that plan, as the pages do; gives both runs."""

    def undo_it(run: SyncRun) -> tuple[SyncRun, Finished]:
        plan = planned(run)
        return plan, sync(run.command, "--approve", plan.plan_hash)

    return undo_it


def planned(run: SyncRun) -> SyncRun:
    plan = SyncRun.objects.create(command=run.command, dry_run=True, undoes=run)
    return execute(plan)


def chance_of(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 (the same in every session)


def live(graph: Graph) -> dict[str, dict[str, Any]]:
    return {uid: node for uid, node in nodes(graph).items() if not node["is archived"]}


def change_everything(world: World, chance: random.Random) -> None:
    """Updates, renames, moves, removals, new ones; few enough of each that no removal is held."""
    first, second, third = list(world.accounts)
    world.rename_company(first, "A new name")
    for account in (first, second, third):
        listed = world.account(account)
        listed.assets[chance.randrange(len(listed.assets))].operating_system = f"System {chance.random()}"
        listed.contacts[chance.randrange(len(listed.contacts))].title = f"Title {chance.random()}"
        contact = listed.contacts[chance.randrange(len(listed.contacts))]
        contact.name, contact.email = f"Renamed {chance.random()}", f"r{chance.randrange(999)}@new.example"
    world.remove_contact(world.account(first).contacts[0].id, first)
    world.move_asset(world.account(second).assets[0].id, third)
    asset = world.account(third).assets[1]
    world.remove_asset(asset.id)
    world.add_asset(third, asset.hostname)
    world.add_contact(second, "Nell New", "nell@new.example")
    world.add_company("NEW-1", "The new company")
    world.add_contact("NEW-1", "Ned New", "ned@new.example")


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(usual_or_all(2, 6)))
def test_undoing_the_last_run_gives_the_graph_before_it(
    seed: int, mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches, undone: Any
) -> None:
    before, links = live(graph), edges(graph)
    change_everything(mirrored.world, chance_of(seed))
    run = sync("sync_codex")
    assert run.code == 0, run.reasons
    assert {"created", "updated", "moved", "archived"} <= set(run.run.totals())
    assert live(graph) != before
    plan, applied = undone(run.run)
    assert plan.refused.count() == 0, [r.reason for r in plan.refused.all()]
    assert applied.code == 0, applied.reasons
    assert live(graph) == before
    assert set(links) <= set(edges(graph))
    assert breaches() == []
    again = sync("sync_codex")
    assert again.code == 0, again.reasons
    assert breaches() == []
    assert sync("sync_codex").written == 0


def test_what_a_later_run_touched_stays_and_is_named(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches, undone: Any
) -> None:
    account = next(iter(mirrored.world.accounts))
    first, second = mirrored.world.account(account).assets[:2]
    before = live(graph)
    first.operating_system = second.operating_system = "System 1"
    run = sync("sync_codex").run
    first.operating_system = "System 2"
    later = sync("sync_codex").run
    plan, applied = undone(run)
    [skipped] = plan.refused.all()
    assert skipped.is_skipped
    assert f"run {later.pk} has changed it since" in skipped.reason
    assert skipped.codex_id == str(first.id)
    assert applied.counts == {"Asset": {"updated": 1}}
    kept, reversed_ = (by_key(graph, f"asset:{asset.id}") for asset in (first, second))
    assert kept is not None
    assert kept["operating_system"] == "System 2"
    assert reversed_ is not None
    assert reversed_["operating_system"] == before[reversed_["id"]]["operating_system"]
    assert breaches() == []


def test_runs_are_undone_one_after_the_other_and_an_undo_is_undone(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches, undone: Any
) -> None:
    before = live(graph)
    change_everything(mirrored.world, chance_of(1))
    first = sync("sync_codex").run
    between = live(graph)
    account = next(iter(mirrored.world.accounts))
    mirrored.world.account(account).assets[2].operating_system = "System 2"
    mirrored.world.rename_company(account, "A newer name")
    second = sync("sync_codex").run
    after = live(graph)
    _, undo_of_second = undone(second)
    assert live(graph) == between
    _, redone = undone(undo_of_second.run)
    assert redone.code == 0, redone.reasons
    assert live(graph) == after
    undone(redone.run)
    _, undo_of_first = undone(first)
    assert undo_of_first.code == 0, undo_of_first.reasons
    assert live(graph) == before
    assert breaches() == []


def test_a_run_is_undone_once(mirrored: SampleCodex, sync: Sync, graph: Graph, undone: Any) -> None:
    account = next(iter(mirrored.world.accounts))
    mirrored.world.rename_company(account, "Another name")
    run = sync("sync_codex").run
    first, second = planned(run), planned(run)
    assert first.plan_hash == second.plan_hash
    applied = sync("sync_codex", "--approve", first.plan_hash)
    assert applied.code == 0
    stamped = nodes(graph, stamps=True)
    with pytest.raises(UndoRefused, match=f"was undone already, by run {applied.run.pk}"):
        undo.ask(run, None)
    late = sync("sync_codex", "--approve", second.plan_hash)
    assert late.code == 1
    assert f"was undone already, by run {applied.run.pk}" in late.run.reason
    assert nodes(graph, stamps=True) == stamped


def test_a_check_an_unchanged_and_an_unfinished_run_are_not_undone(mirrored: SampleCodex, sync: Sync) -> None:
    unchanged, check = sync("sync_codex").run, sync("sync_codex", "--dry-run").run
    waiting = SyncRun.objects.create(command="sync_codex")
    for run, reason in ((unchanged, "changed nothing"), (check, "was a check"), (waiting, "not ended")):
        with pytest.raises(UndoRefused, match=reason):
            undo.ask(run, None)


def test_created_nodes_with_a_note_of_staff_stay(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches, undone: Any
) -> None:
    world = mirrored.world
    world.add_company("NEW-1", "The new company")
    noted, plain = (world.add_contact("NEW-1", name, f"{name}@new.example") for name in ("noted", "plain"))
    asset = world.add_asset("NEW-1", "new-host")
    run = sync("sync_codex").run
    node = by_key(graph, f"user:NEW-1:{noted.id}")
    assert node is not None
    note = staff_note(graph, node["id"], "Likes tea.md")
    stamped = nodes(graph, stamps=True)[note]
    plan, applied = undone(run)
    reasons = [refused.reason for refused in plan.refused.all()]
    assert len(reasons) == 8  # the contact, its card and folder; its company and the four folders
    assert sum("the note 'Likes tea.md' of staff is below it" in reason for reason in reasons) == 1
    assert applied.code == 0
    gone = archived_keys(graph)
    assert {f"user:NEW-1:{plain.id}", f"asset:{asset.id}"} <= gone
    assert not {key for key in gone if key.startswith(("company:NEW-1", f"user:NEW-1:{noted.id}"))}
    assert nodes(graph, stamps=True)[note] == stamped
    assert breaches() == []


def test_the_undoing_of_a_first_sync_keeps_what_tickets_hang_below(
    mirrored: SampleCodex, graph: Graph, breaches: Breaches, undone: Any
) -> None:
    codex_run, tickets_run = SyncRun.objects.order_by("pk")
    plan, _ = undone(codex_run)
    companies = len(mirrored.world.accounts)
    kept = {key for key in (node.get("codex_key") for node in live(graph).values()) if key}
    assert {key.partition(":")[0] for key in kept} == {"company", "ticket"}
    assert plan.refused.filter(kind="Company").count() == companies
    assert breaches() == []
    _, of_tickets = undone(tickets_run)
    assert of_tickets.code == 0
    assert not any(str(node.get("codex_key")).startswith("ticket:") for node in live(graph).values())
    assert breaches() == []


def test_a_company_that_left_comes_back_with_all_its_records_and_leaves_again(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches, undone: Any
) -> None:
    whole, links = nodes(graph), edges(graph)
    mirrored.world.remove_company(list(mirrored.world.accounts)[2])
    run = sync("sync_codex").run
    without = live(graph)
    archived = {uid: node for uid, node in nodes(graph).items() if node["is archived"]}
    _, back = undone(run)
    assert back.code == 0, back.reasons
    assert nodes(graph) == whole
    assert edges(graph) == links
    _, again = undone(back.run)
    assert again.code == 0, again.reasons
    assert live(graph) == without
    assert {uid: node for uid, node in nodes(graph).items() if node["is archived"]} == archived
    assert breaches() == []


def test_a_name_that_was_taken_meanwhile_is_not_taken_away(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches, undone: Any
) -> None:
    account = next(iter(mirrored.world.accounts))
    asset = mirrored.world.account(account).assets[0]
    mirrored.world.rename_asset(asset.id, "only-one")
    assert sync("sync_codex").code == 0
    mirrored.world.remove_asset(asset.id)
    run = sync("sync_codex").run
    mirrored.world.add_asset(account, asset.hostname, asset_id=9001)
    assert sync("sync_codex").code == 0
    plan, applied = undone(run)
    [skipped] = plan.refused.all()
    assert "another node has its name now" in skipped.reason
    assert skipped.fault == "name_taken"
    assert applied.written == 0
    assert breaches() == []


def test_tickets_get_their_text_and_requester_back(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches, undone: Any
) -> None:
    before, links = live(graph), edges(graph)
    account = mirrored.world.account(next(iter(mirrored.world.accounts)))
    ticket = account.tickets[0]
    ticket.status, ticket.subject = "closed", "Another subject"
    ticket.requester_email = next(c.email for c in account.contacts if c.email != ticket.requester_email)
    assert sync("sync_tickets").counts["Ticket"]["updated"] == 1
    assert edges(graph) != links
    run = SyncRun.objects.latest("pk")
    _, applied = undone(run)
    assert applied.code == 0, applied.reasons
    assert live(graph) == before
    assert edges(graph) == links
    assert breaches() == []


def test_a_plan_whose_base_changed_skips_and_names_the_row(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    account = next(iter(mirrored.world.accounts))
    first, second = mirrored.world.account(account).assets[:2]
    first.operating_system = second.operating_system = "System 1"
    plan = planned(sync("sync_codex").run)
    first.operating_system = "System 2"
    assert sync("sync_codex", "--company", account).code == 0
    applied = sync("sync_codex", "--approve", plan.plan_hash)
    assert applied.code == 3
    assert [r.codex_id for r in applied.run.refused.all()] == [str(first.id)]
    assert applied.run.changes.count() == 1
    kept = by_key(graph, f"asset:{first.id}")
    assert kept is not None
    assert kept["operating_system"] == "System 2"
    assert breaches() == []


class Twice(Struct):
    """A computer that one run has created and the next has changed."""

    account: str
    number: int
    creating: SyncRun
    changing: SyncRun


@pytest.fixture
def twice(mirrored: SampleCodex, sync: Sync) -> Twice:
    account = next(iter(mirrored.world.accounts))
    new = mirrored.world.add_asset(account, "new-host")
    creating = sync("sync_codex").run
    new.operating_system = "Another system"
    return Twice(account, new.id, creating, sync("sync_codex").run)


def test_an_undoing_that_failed_does_not_count(
    twice: Twice, sync: Sync, graph: Graph, breaches: Breaches, undone: Any
) -> None:
    plan = planned(twice.changing)
    pauses.pause(twice.account, None, "rebuilt")
    assert sync("sync_codex", "--approve", plan.plan_hash).code == 1
    pauses.resume(twice.account)
    of_creating, _ = undone(twice.creating)
    assert [r.codex_id for r in of_creating.refused.all()] == [str(twice.number)]
    assert f"run {twice.changing.pk} has changed it since" in of_creating.refused.get().reason
    assert f"asset:{twice.number}" not in archived_keys(graph)
    assert breaches() == []


def test_an_undoing_that_was_undone_does_not_count_either(twice: Twice, undone: Any) -> None:
    _, undoing = undone(twice.changing)
    assert planned(twice.creating).refused.count() == 0
    _, redone = undone(undoing.run)
    assert redone.code == 0
    with pytest.raises(UndoRefused, match=f"by run {undoing.run.pk}, which was undone by run {redone.run.pk}. That"):
        undo.ask(twice.changing, None)
    assert f"run {twice.changing.pk} has changed it since" in planned(twice.creating).refused.get().reason


def test_two_clicks_make_one_plan_and_none_while_it_is_applied(mirrored: SampleCodex, sync: Sync) -> None:
    account = next(iter(mirrored.world.accounts))
    mirrored.world.rename_company(account, "Another name")
    run = sync("sync_codex").run
    plan = undo.ask(run, None)
    assert undo.ask(run, None) == plan
    execute(plan)
    applying = lifecycle.ask_to_apply(plan, plan.plan_hash, None)
    with pytest.raises(UndoRefused, match=f"was undone already, by run {applying.pk}"):
        undo.ask(run, None)
    assert execute(applying).status == SyncRun.Status.COMPLETE


def test_nobody_is_left_without_card_and_folder(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches, undone: Any
) -> None:
    """A later run has changed the person, not what is below."""
    world = mirrored.world
    account = next(iter(world.accounts))
    contact = world.add_contact(account, "Nell New", "nell@new.example")
    other = world.add_contact(account, "Ned New", "ned@new.example")
    creating = sync("sync_codex").run
    contact.name = "Nell Newer"
    assert sync("sync_codex").code == 0
    plan, _ = undone(creating)
    user, gone = f"user:{account}:{contact.id}", f"user:{account}:{other.id}"
    assert archived_keys(graph) == {gone, f"{gone}:contact", f"{gone}:tickets"}
    reasons = list(plan.refused.filter(codex_id=contact.id).values_list("reason", flat=True))
    assert [name for name in ("'Nell Newer'", "'Contact'", "'Tickets'") if any(name in r for r in reasons)] == [
        "'Nell Newer'",
        "'Contact'",
        "'Tickets'",
    ]
    assert by_key(graph, f"{user}:tickets") is not None
    assert breaches() == []


def test_a_note_that_came_after_the_plan_is_not_buried(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    new = mirrored.world.add_asset(next(iter(mirrored.world.accounts)), "new-host")
    plan = planned(sync("sync_codex").run)
    node = by_key(graph, f"asset:{new.id}")
    assert node is not None
    staff_note(graph, node["id"], "The fan is loud.md")
    refused = sync("sync_codex", "--approve", plan.plan_hash)
    assert (refused.code, "A note of staff is now below 'new-host'" in refused.run.reason) == (1, True)
    assert not archived_keys(graph)
    assert breaches() == []


def test_undoing_a_first_run_asks_like_a_mass_removal(
    world_codex: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    run = sync("sync_codex").run
    plan = planned(run)
    nodes_before = nodes(graph, stamps=True)
    created = {kind: actions["created"] for kind, actions in run.counts.items() if "created" in actions}
    assert plan.held_why[0] == "3 of 3 in Companies would be archived"
    assert {kind: actions["archived"] for kind, actions in plan.counts.items()} == created
    asked = sync("sync_codex", "--apply", plan.plan_hash, "--json")
    told = json.loads(asked.out)
    assert (asked.code, told["status"], told["plan"]) == (4, "needs_approval", plan.plan_hash)
    assert "; ".join(plan.held_why) in told["reason"]
    assert told["counts"]["User"]["archived"] == created["User"]
    by_words = sync("sync_codex", "--apply", plan.plan_hash)
    assert (by_words.code, f"--approve {plan.plan_hash}" in by_words.err) == (4, True)
    assert nodes(graph, stamps=True) == nodes_before
    applied = sync("sync_codex", "--approve", plan.plan_hash)
    assert applied.code == 0
    assert {kind: actions["archived"] for kind, actions in applied.counts.items()} == created
    assert breaches() == []


def test_an_undo_that_archives_a_few_does_not_ask(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    mirrored.world.add_asset(next(iter(mirrored.world.accounts)), "new-host")
    plan = planned(sync("sync_codex").run)
    assert plan.held_why == []
    assert sync("sync_codex", "--apply", plan.plan_hash).code == 0


def test_an_undo_that_empties_a_field_asks_as_a_sync_does(
    make_codex: MakeCodex, use: Use, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    codex = use(make_codex(companies=1, contacts=20, assets=1, tickets=0))
    [listed] = codex.world.accounts.values()
    for contact in listed.contacts:
        contact.title = None
    assert sync("sync_codex").code == 0
    for contact in listed.contacts[:5]:
        contact.title = "Chief"
    assert planned(sync("sync_codex").run).held_why == [], "five may be emptied"
    for contact in listed.contacts[5:11]:
        contact.title = "Chief"
    plan = planned(sync("sync_codex").run)
    assert plan.held_why == [f"title would be emptied in 6 of 20 in {listed.company.name} / Users"]
    assert (plan.holds_removals, plan.holds_updates) == (False, True)
    before = nodes(graph, stamps=True)
    assert sync("sync_codex", "--apply", plan.plan_hash).code == 4
    assert nodes(graph, stamps=True) == before
    approved = sync("sync_codex", "--approve", plan.plan_hash)
    assert (approved.code, approved.counts["User"]) == (0, {"updated": 6})
    assert breaches() == []


def test_after_an_undo_the_tree_is_not_what_codex_has_until_a_complete_run(
    mirrored: SampleCodex, sync: Sync, undone: Any
) -> None:
    mirrored.world.add_asset(next(iter(mirrored.world.accounts)), "new-host")
    run = sync("sync_codex").run
    _, undoing = undone(run)
    assert undo.takes_back(undoing.run)
    assert (sync_state().state, sync_state().run_id) == ("undone", undoing.run.pk)
    assert sync("sync_tickets").code == 0
    assert sync_state().state == "undone", "a complete run of the tickets says nothing of the computers"
    _, redone = undone(undoing.run)
    assert not undo.takes_back(undoing.run)
    assert not undo.takes_back(redone.run)
    assert sync_state().state == "fresh"
    undone(redone.run)
    assert sync_state().state == "undone"
    assert sync("sync_codex").code == 0
    assert sync_state().state == "fresh"

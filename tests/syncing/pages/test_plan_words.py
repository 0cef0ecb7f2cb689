"""What the page of a run says over its plan, by how the run ended."""

import shutil
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from syncing.models import CreatedNodes, NodeChange, RefusedRecord, SyncRun
from syncing.plan.plan_files import Change, PlanFiles, plan_folder
from tests.pages import squeezed
from tests.throwaway_neo4j import Graph

AGREE = "Nothing: Codex and the tree agree."
DIED = {"status": "aborted", "ending": "interrupted"}
CANCELLED = {"status": "aborted", "ending": "cancelled"}


def ended(**fields: Any) -> SyncRun:
    now = timezone.now()
    times = {"started_at": now - timedelta(seconds=9), "finished_at": now}
    run = SyncRun.objects.create(**{"command": "sync_codex", "status": "complete"} | times | fields)
    shutil.rmtree(plan_folder(run.pk), ignore_errors=True)  # of the run of this number in another test
    return run


def with_a_plan(**fields: Any) -> SyncRun:
    run = ended(**fields)
    plan = PlanFiles(plan_folder(run.pk))
    plan.add("rest", Change("create", "User", "user:1", "id-1", "Ann", "1", "Acme / Users", "p"))
    plan.close()
    return run


def page_of(client: Client, run: SyncRun, more: str = "") -> str:
    return squeezed(client.get(f"/sync/runs/{run.pk}/{more}").content.decode())


EARLY = [
    (
        CANCELLED | {"counts": {"User": {"created": 1200, "updated": 3, "unchanged": 9}}},
        "was cancelled",
        "1,200 created",
    ),
    (
        {"status": "failed", "counts": {"User": {"archived": 3}}},
        "failed",
        "only a part of this may have been written: 3",
    ),
    ({"status": "failed", "counts": {"User": {"unchanged": 3}}}, "failed", "nothing of this was written"),
    (DIED, "was interrupted", "nothing of this was written"),
]


@pytest.mark.parametrize(("fields", "ending", "said"), EARLY)
def test_a_run_that_ended_early_says_what_it_was_to_change(
    graph: Graph, technician: Client, fields: dict[str, Any], ending: str, said: str
) -> None:
    run = with_a_plan(**fields)
    page = page_of(technician, run)
    assert "<h2>What it was to change</h2>" in page
    warning = page.partition("This run ")[2].partition("</p>")[0]
    assert warning.startswith(ending)
    assert said in warning
    assert f'href="/sync/runs/{run.pk}/records/"' in warning


def test_of_a_run_whose_process_died_the_history_is_counted(graph: Graph, technician: Client) -> None:
    run = with_a_plan(**DIED)
    for number in range(2):
        NodeChange.objects.create(run=run, node_id=f"n{number}", codex_key="k", kind="User", action="update", name="x")
    CreatedNodes.objects.create(run=run, packed=CreatedNodes.pack(["a", "b", "c"]))
    assert "may have been written: at most 3 created, 2 updated." in page_of(technician, run)
    assert "3 created" in page_of(technician, run, "records/")


def test_a_check_that_ended_early_may_know_of_a_part_only(graph: Graph, technician: Client) -> None:
    page = page_of(technician, with_a_plan(**CANCELLED, dry_run=True))
    assert "This check was cancelled before everything was compared: there may be more." in page
    assert "<h2>What a sync would change</h2>" in page


def test_removals_are_called_archived_only_where_they_are(graph: Graph, technician: Client) -> None:
    for fields, said in (
        ({}, "Archived"),
        (CANCELLED, "To archive"),
        ({"status": "planned", "dry_run": True, "held_outcome": "discarded"}, "To archive"),
    ):
        run = ended(**fields, held_settled_at=timezone.now())
        plan = PlanFiles(plan_folder(run.pk))
        plan.add("archives", Change("archive", "User", "user:1", "id-1", "Ann", "1", "Acme / Users", "p"))
        plan.close()
        assert f'<span class="badge warn">{said}</span>' in page_of(technician, run)


def test_a_run_that_came_to_its_end_says_what_it_changed(graph: Graph, technician: Client) -> None:
    page = page_of(technician, with_a_plan(counts={"User": {"created": 1}}))
    assert "<h2>What it changed</h2>" in page
    assert "may have been written" not in page


NOTHING: list[tuple[dict[str, Any], str]] = [
    ({}, AGREE),
    ({"status": "planned", "dry_run": True, "plan_hash": "x", "counts": {"User": {"unchanged": 3}}}, AGREE),
    (CANCELLED | {"started_at": None}, "Nothing: the run was cancelled before it began."),
    (CANCELLED, "No plan: the run ended before it was made."),
    ({"status": "failed"}, "No plan: the run ended before it was made."),
    ({"status": "failed", "approve": "x"}, "Nothing was written."),
    (CANCELLED | {"counts": {"User": {"moved": 1}}}, "A part was written. The plan has been cleared away"),
    ({"counts": {"User": {"moved": 1}}}, "The plan has been cleared away"),
    ({"status": "needs_approval", "counts": {"User": {"held": 1}}}, "The plan has been cleared away"),
    ({"status": "partial", "counts": {"User": {"quarantined": 1}}}, "Codex and the tree may differ in the records"),
    ({"status": "planned", "counts": {"User": {"quarantined": 1}}}, "Codex and the tree may differ in the records"),
]


def test_without_rows_the_page_says_what_is_true(graph: Graph, technician: Client, subtests: pytest.Subtests) -> None:
    for fields, said in NOTHING:
        with subtests.test(**fields):
            page = page_of(technician, ended(**fields))
            assert said in page
            assert (AGREE in page) is (said == AGREE)


@pytest.mark.parametrize(
    ("dry_run", "skipped", "said"),
    [
        (True, False, "There is nothing to take back."),
        (True, True, "Nothing of it can be taken back now."),
        (False, False, "Nothing was taken back."),
    ],
)
def test_an_undoing_without_rows_does_not_speak_of_codex(
    graph: Graph, technician: Client, dry_run: bool, skipped: bool, said: str
) -> None:
    run = ended(undoes=ended(), dry_run=dry_run, status="planned" if dry_run else "complete")
    if skipped:
        RefusedRecord.objects.create(run=run, kind="User", reason="changed since", is_skipped=True)
    page = page_of(technician, run)
    assert said in page
    assert AGREE not in page

"""The breaks: one wrong line each, that would do harm, and the tests that must notice it.

When code moves or changes, mend ``file`` or ``original`` here; a break that is no longer wanted is deleted. A new law
of the code comes with its break.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Break:
    """``original``, which must stand in ``file`` exactly once, becomes ``broken``; one of ``tests`` must then fail.

    ``name`` says what the broken code does. ``file`` and ``tests`` begin at the root of the repository; ``tests`` are
    pytest's node ids, as few and as quick as will do.
    """

    name: str
    file: str
    original: str
    broken: str
    tests: tuple[str, ...]


BREAKS = (
    # Fetching: a failure is never emptiness
    Break(
        "five failures in all count as five in a row",
        "syncing/codex/snapshot.py",
        "client.company_list(account, what)\n            failures = 0\n",
        "client.company_list(account, what)\n",
        ("tests/syncing/codex/test_codex_faults.py::test_many_failures_that_are_not_in_a_row_cost_their_lists_only",),
    ),
    # Comparing
    Break(
        "names of contacts and computers are not kept when the id of a refused record is unknown",
        "syncing/compare/lists.py",
        "return kept | names_kept(now, {node.key for node in now} - listed)",
        "return kept",
        ("tests/syncing/kinds/test_bad_records.py::test_the_name_of_a_record_without_an_id_is_not_given_to_another",),
    ),
    Break(
        "names of companies are not kept when the number of a refused one is unknown",
        "syncing/compare/companies.py",
        "return names_kept(now, staying | {n.key for n in now if n.synced} - listed)",
        "return names_kept(now, staying)",
        ("tests/syncing/kinds/test_bad_records.py::test_the_names_of_companies_stay_theirs_when_one_has_no_number",),
    ),
    # Writing
    Break(
        "a commit whose answer got lost counts as not written",
        "syncing/graph/writing.py",
        'return bool(rows and rows[0]["written"])',
        "return False",
        ("tests/syncing/graph/test_graph_faults.py::test_a_commit_whose_answer_got_lost_counts_as_written",),
    ),
    Break(
        "a cancelled first load leaves the search without its index",
        "syncing/runs/heartbeat.py",
        "if self._end is not None and not (builds_index and isinstance(self._end, RunCancelled)):",
        "if self._end is not None:",
        ("tests/syncing/runs/test_cancel.py::test_a_cancelled_first_load_leaves_the_search_index",),
    ),
    # One writer at a time
    Break(
        "the check of the lease takes no lock, so that somebody takes over between check and commit",
        "syncing/graph/lease.py",
        "MATCH (writer:SyncLease {name: $writer})\nSET writer.touched = timestamp()\n",
        "MATCH (writer:SyncLease {name: $writer})\n",
        ("tests/syncing/graph/test_lease.py::test_a_take_over_waits_for_what_is_being_written",),
    ),
    # Runs and schedules
    Break(
        "a due schedule is claimed although another process has claimed it",
        "syncing/schedules/due.py",
        "objects.filter(pk=schedule.pk, due_at=schedule.due_at, followed=schedule.followed)",
        "objects.filter(pk=schedule.pk)",
        (
            "tests/syncing/schedules/test_schedules.py::test_what_another_process_has_started_meanwhile_is_not_started_again",
        ),
    ),
    # Notes and the tree
    Break(
        "a note that links to itself is related to itself",
        "tree/operations/links.py",
        "MATCH (t:ContextItem {id: target}) WHERE t <> n",
        "MATCH (t:ContextItem {id: target})",
        ("tests/tree/operations/test_texts.py::test_a_note_that_links_to_itself_is_not_related_to_itself",),
    ),
    # Files
    Break(
        "a fresh upload that no node holds yet is swept away",
        "tree/operations/sweep.py",
        "WHERE NOT (f)<-[:HAS_FILE]-(:ContextItem) AND coalesce(f.created_at, '') < $settled",
        "WHERE NOT (f)<-[:HAS_FILE]-(:ContextItem)",
        ("tests/tree/operations/test_sweep.py::test_a_fresh_record_that_no_node_holds_stays_while_an_old_one_goes",),
    ),
    Break(
        "the bytes of an upload whose second try is refused stay on the disk",
        "tree/operations/files.py",
        "        storage.delete(file.filename)  # kept by a first try that was not committed\n",
        "",
        ("tests/tree/operations/test_files.py::test_a_retry_that_is_refused_leaves_no_bytes",),
    ),
)

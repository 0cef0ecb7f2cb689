"""Two people at once: whatever the order, the tree stays a tree and no saved text is lost."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from neo4j import ManagedTransaction

from tests.fault_counts import usual_or_all
from tests.graph_assertions import is_lock_awaited
from tests.syncing.processes import wait_until
from tests.throwaway_neo4j import Graph
from tree import operations, queries
from tree.exceptions import Conflict, InvalidPlace, Refused, TreeError
from tree.integrity import check_graph
from tree.operations.locking import Locked, change_tree, require_depth
from tree.vocabulary import ROOT_ID

ROUNDS = usual_or_all(8, 25)
pytestmark = pytest.mark.faults
TESS, ANN = "tess", "ann"


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call gave back or raised, all let go at the same moment."""
    gate = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[place] = call()
        except TreeError as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def refused(results: list[Any]) -> list[Any]:
    return [result for result in results if isinstance(result, TreeError)]


@pytest.fixture
def pair(graph: Graph) -> tuple[str, str]:
    return operations.create_folder(ROOT_ID, "A", author=TESS), operations.create_folder(ROOT_ID, "B", author=TESS)


def test_two_opposite_moves(pair: tuple[str, str]) -> None:
    a, b = pair
    for _ in range(ROUNDS):
        results = at_once(lambda: operations.move(a, b, author=TESS), lambda: operations.move(b, a, author=ANN))
        assert len(refused(results)) == 1
        assert check_graph()[1] == []
        for uid in (a, b):
            operations.move(uid, ROOT_ID, author=TESS)


def test_two_moves_below_each_others_children(
    pair: tuple[str, str], graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They share no node, so only the lock of the whole tree keeps the second from slipping in between."""
    a, b = pair
    below_a, below_b = (operations.create_folder(uid, "Below", author=TESS) for uid in pair)
    seconds: list[Future[None]] = []
    with ThreadPoolExecutor(1) as ann:

        def looked(transaction: ManagedTransaction, parent: Locked, height: int = 0) -> list[str]:
            above = require_depth(transaction, parent, height)
            if parent.uid == below_b and not seconds:
                seconds.append(ann.submit(operations.move, b, below_a, author=ANN))
                wait_until(lambda: seconds[0].done() or is_lock_awaited(graph))
            return above

        monkeypatch.setattr("tree.operations.structure.require_depth", looked)
        operations.move(a, below_b, author=TESS)
    assert isinstance(seconds[0].exception(), InvalidPlace)
    assert check_graph()[1] == []
    assert [row.uid for row in queries.get_children(below_b).rows] == [a]


def test_a_move_below_what_is_deleted(pair: tuple[str, str]) -> None:
    a, b = pair
    for _ in range(ROUNDS):
        results = at_once(lambda: operations.move(a, b, author=TESS), lambda: operations.trash(b, author=ANN))
        assert check_graph()[1] == []
        is_inside = not refused(results)  # then it went into the trash as well
        assert (a in [row.uid for row in queries.get_trashed(b)]) == is_inside
        operations.restore(b, author=TESS)
        operations.move(a, ROOT_ID, author=TESS)


def test_a_note_in_a_folder_that_is_deleted(pair: tuple[str, str]) -> None:
    a, _ = pair
    for number in range(ROUNDS):
        results = at_once(
            lambda: operations.create_note(a, f"Note {number}", author=TESS),  # noqa: B023
            lambda: operations.trash(a, author=ANN),
        )
        assert check_graph()[1] == []
        operations.restore(a, author=TESS)
        names = [row.name for row in queries.get_children(a).rows]
        assert (f"Note {number}" in names) == (not refused(results))


def test_twins(graph: Graph) -> None:
    for number in range(ROUNDS):
        results = at_once(
            *[lambda: operations.create_note(ROOT_ID, f"Note {number}", author=TESS)] * 4,  # noqa: B023
        )
        assert len(refused(results)) == 3
    assert check_graph()[1] == []


def test_two_editors_of_one_version(graph: Graph) -> None:
    note = operations.create_note(ROOT_ID, "VPN", "start", author=TESS)
    version = 1
    for number in range(ROUNDS):
        results = at_once(
            lambda: operations.save(note, author=TESS, base_version=version, content=f"tess {number}"),  # noqa: B023
            lambda: operations.save(note, author=ANN, base_version=version, content=f"ann {number}"),  # noqa: B023
        )
        assert [type(result) for result in refused(results)] == [Conflict]
        version += 1
        winner = "tess" if isinstance(results[1], Refused) else "ann"
        assert queries.get_node(note).content == f"{winner} {number}"
    assert len(queries.get_revisions(note, limit=100)) == ROUNDS + 1


def test_a_text_is_saved_while_the_tree_is_changed(pair: tuple[str, str], graph: Graph) -> None:
    """A long change of the tree keeps renames waiting, but nobody who saves a text."""
    note, other = (operations.create_note(uid, "Note", "v1", author=TESS) for uid in pair)
    is_held, may_end = threading.Event(), threading.Event()

    def long_change(transaction: ManagedTransaction) -> None:
        is_held.set()
        assert may_end.wait(60)

    with ThreadPoolExecutor(2) as pool:
        held = pool.submit(change_tree, long_change, 120.0)
        assert is_held.wait(60)
        renamed = pool.submit(operations.rename, other, "New name", author=ANN)
        assert operations.save(note, author=ANN, name="Note", content="v2", base_version=1).version == 2
        assert operations.restore_revision(note, 1, author=ANN, base_version=2).version == 3
        wait_until(lambda: is_lock_awaited(graph))
        assert not renamed.done()
        may_end.set()
        held.result()
        assert renamed.result().version == 2


def test_two_texts_that_link_to_each_other(pair: tuple[str, str]) -> None:
    a, b = (operations.create_note(uid, "Note", author=TESS) for uid in pair)
    for number in range(ROUNDS):
        results = at_once(
            partial(operations.save, a, author=TESS, content=f"{number} [b](/node/{b}/)"),
            partial(operations.save, b, author=ANN, content=f"{number} [a](/node/{a}/)"),
        )
        assert refused(results) == []
        assert [row.uid for row in queries.get_backlinks(a)] == [b]
        assert [row.uid for row in queries.get_backlinks(b)] == [a]


def test_a_text_and_the_trash(pair: tuple[str, str]) -> None:
    """Whichever is first: the text is saved before its folder goes, or refused."""
    for number in range(ROUNDS):
        folder = operations.create_folder(ROOT_ID, f"Folder {number}", author=TESS)
        note = operations.create_note(folder, "Note", "v1", author=TESS)
        saved, trashed = at_once(
            partial(operations.save, note, author=ANN, content="v2"), partial(operations.trash, folder, author=TESS)
        )
        assert not isinstance(trashed, TreeError)
        is_refused = isinstance(saved, TreeError)
        assert queries.get_node(note).content == ("v1" if is_refused else "v2")
    assert check_graph()[1] == []

"""Trash, restore, purge."""

from datetime import timedelta

import pytest

from tests.graph_assertions import graph_hash
from tests.throwaway_neo4j import Graph
from tree import operations, queries
from tree.exceptions import InvalidPlace, NodeNotFound, TooEarly
from tree.integrity import check_graph
from tree.vocabulary import ROOT_ID

TESS = "tess"


@pytest.fixture
def folder(graph: Graph) -> str:
    """Runbooks / (VPN, Deep / Printer)."""
    runbooks = operations.create_folder(ROOT_ID, "Runbooks", author=TESS)
    operations.create_note(runbooks, "VPN", "secret splines", author=TESS)
    deep = operations.create_folder(runbooks, "Deep", author=TESS)
    operations.create_note(deep, "Printer", author=TESS)
    return runbooks


def child(uid: str, name: str) -> str:
    return next(row.uid for row in queries.get_children(uid).rows if row.name == name)


def test_trash_hides_all_and_restore_brings_all_back(folder: str, graph: Graph) -> None:
    before = graph_hash(graph)
    assert operations.trash(folder, author=TESS) == 4
    assert [row.name for row in queries.get_children(ROOT_ID).rows] == ["Companies"]
    assert queries.search("splines").hits == ()
    [trashed] = queries.get_trash()
    assert (trashed.row.uid, trashed.by, trashed.inside) == (folder, TESS, 3)
    assert {row.name for row in queries.get_trashed(folder)} == {"VPN", "Deep", "Printer"}
    assert check_graph()[1] == []
    assert operations.restore(folder, author=TESS) == "Runbooks"
    assert graph_hash(graph) == before


def test_a_name_taken_meanwhile(folder: str) -> None:
    operations.trash(folder, author=TESS)
    operations.create_folder(ROOT_ID, "runbooks", author=TESS)
    assert operations.restore(folder, author=TESS) == "Runbooks (restored)"
    assert check_graph()[1] == []


def test_what_was_trashed_before_stays_in_the_trash(folder: str) -> None:
    note = child(folder, "VPN")
    operations.trash(note, author=TESS)
    operations.trash(folder, author=TESS)
    assert [t.row.uid for t in queries.get_trash()] in ([folder, note], [note, folder])
    with pytest.raises(InvalidPlace, match="Choose a place"):
        operations.restore(note, author=TESS)
    operations.restore(folder, author=TESS)
    assert [row.name for row in queries.get_children(folder).rows] == ["Deep"]
    operations.restore(note, author=TESS)
    assert [row.name for row in queries.get_children(folder).rows] == ["Deep", "VPN"]


def test_a_chosen_place(folder: str) -> None:
    other = operations.create_folder(ROOT_ID, "Other", author=TESS)
    operations.trash(folder, author=TESS)
    operations.restore(folder, author=TESS, new_parent_id=other)
    assert [c.name for c in queries.get_node(folder).path][1:] == ["Other", "Runbooks"]
    operations.trash(folder, author=TESS)
    with pytest.raises(InvalidPlace):
        operations.restore(folder, author=TESS, new_parent_id=folder)


def test_only_what_was_put_into_the_trash_comes_out(folder: str) -> None:
    note = child(folder, "VPN")
    with pytest.raises(NodeNotFound):
        operations.restore(note, author=TESS)
    operations.trash(folder, author=TESS)
    for uid in (note, "no-such-id"):
        with pytest.raises(NodeNotFound):
            operations.restore(uid, author=TESS)
    with pytest.raises(NodeNotFound, match="trash"):
        operations.save(note, author=TESS, content="mine")


def test_purge_waits_and_then_leaves_nothing(folder: str, graph: Graph) -> None:
    with pytest.raises(NodeNotFound):
        operations.purge(folder)
    operations.trash(folder, author=TESS)
    with pytest.raises(TooEarly, match="may be purged from"):
        operations.purge(folder)
    assert operations.purge(folder, after=timedelta(0)).nodes == 4
    left = graph.rows("MATCH (n) WHERE NOT n:TreeLock AND NOT n:GraphMigration RETURN n.id AS id")
    assert {row["id"] for row in left} == {"root", "root_Companies"}


def test_trashing_several_is_all_or_none(folder: str) -> None:
    note = child(folder, "VPN")
    with pytest.raises(NodeNotFound):
        operations.trash_all([note, "no-such-id"], author=TESS)
    assert [row.name for row in queries.get_children(folder).rows] == ["Deep", "VPN"]
    assert operations.trash_all([note, note, child(folder, "Deep")], author=TESS) == 3

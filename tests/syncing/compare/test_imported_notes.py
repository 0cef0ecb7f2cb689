"""Notes that were imported before the first sync find their records."""

from pathlib import Path

import pytest

from syncing.sample_codex.server import SampleCodex
from tests.syncing.conftest import Sync, codex, make_codex, mirrored, sync, use, world_codex
from tests.throwaway_neo4j import Graph
from tree import operations, queries
from tree.exchange.archive_reader import read_archive
from tree.exchange.exporter import export_tree
from tree.exchange.importer import apply_import, plan_import
from tree.graph import schema
from tree.integrity import check_graph
from tree.vocabulary import WAITING_ID

__all__ = ["codex", "make_codex", "mirrored", "sync", "use", "world_codex"]


@pytest.mark.parametrize("checked_first", [False, True])
def test_an_import_then_a_sync(
    checked_first: bool, mirrored: SampleCodex, sync: Sync, graph: Graph, tmp_path: Path
) -> None:
    [person] = graph.rows("MATCH (u:User) RETURN u.id AS id ORDER BY u.id LIMIT 1")
    note = operations.create_note(person["id"], "Call before 9", "He is out in the afternoon.", author="tess")
    export_tree(tmp_path / "1.zip")
    graph.empty()
    schema.set_up()
    content = read_archive(tmp_path / "1.zip")
    apply_import(content, plan_import(content))
    assert queries.get_node(note).path[1].uid == WAITING_ID
    plan = ("--apply", sync("sync_codex", "--dry-run").run.plan_hash) if checked_first else ()
    assert sync("sync_codex", *plan).code == 0
    assert queries.get_node(note).path[-2].uid == person["id"]
    assert graph.rows("MATCH (n:ContextItem) WHERE n.id STARTS WITH 'waiting' RETURN n.id") == []
    assert check_graph()[1] == []

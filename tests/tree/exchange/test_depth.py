"""A chain of pages as deep as the tree may be."""

import io
import json
from pathlib import Path

from django.core.management import call_command
from django.test import Client

from knowledgetree.basics.rights.reader import Reader
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme
from tree import operations, queries
from tree.exchange.archive_reader import read_archive
from tree.exchange.exporter import export_tree
from tree.queries import paths
from tree.vocabulary import MAX_DEPTH

ABOVE = ["Companies", "Acme Dental", "Tickets", "Ticket_7.md"]


def test_a_chain_at_the_limit_is_whole_wherever_it_is_read(
    graph: Graph, acme: Acme, technician: Client, billing: Client, tmp_path: Path
) -> None:
    graph.rows("MATCH (n {id: $id}) SET n.codex_key = 'ticket:7'", id=acme.open)
    names = [*ABOVE, *(f"Level {level}" for level in range(len(ABOVE) + 1, MAX_DEPTH + 1))]
    file = tmp_path / "deep.json"
    file.write_text(json.dumps([{"path": "/".join(names), "content": "deep [link](/node/root/) unfathomable"}]))
    call_command("import_tree", str(file), stdout=io.StringIO())

    deepest = paths.resolve("/".join(names))
    assert [crumb.name for crumb in queries.get_node(deepest).path][1:] == names
    [hit] = queries.search("unfathomable", company=acme.company).hits
    assert (hit.row.uid, [crumb.name for crumb in hit.path][1:]) == (deepest, names[:-1])
    assert "Level 50" in technician.get(f"/tree/?open={deepest}").content.decode()
    assert queries.search("unfathomable", reader=Reader(tickets=False)).hits == ()
    assert billing.get(f"/node/{deepest}/").status_code == 404
    assert [row.uid for row in queries.get_backlinks("root")] == [deepest]
    assert queries.get_backlinks("root", reader=Reader(tickets=False)) == ()

    export_tree(tmp_path / "deep.zip")
    [node] = [node for node in read_archive(tmp_path / "deep.zip").nodes if node.id == deepest]
    assert node.place == names[:-1]
    operations.trash(deepest, author="tess")
    [trashed] = queries.get_trash()
    assert [crumb.name for crumb in trashed.crumbs][1:] == names[:-1]

"""Save, revisions, conflicts, links."""

import pytest

from tests.graph_assertions import graph_hash
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme
from tree import operations, queries
from tree.exceptions import Conflict, NameTaken, NodeNotFound
from tree.graph import schema
from tree.operations.links import linked_ids
from tree.vocabulary import ROOT_ID

TESS, ANN = "tess", "ann"


@pytest.fixture
def note(graph: Graph) -> str:
    return operations.create_note(ROOT_ID, "VPN", "one", author=TESS)


def test_a_save_keeps_what_was_before(note: str) -> None:
    saved = operations.save(note, author=ANN, base_version=1, name="VPN set-up", content="two", message="Clearer")
    assert (saved.version, saved.is_changed) == (2, True)
    stored = queries.get_node(note)
    assert (stored.name, stored.content, stored.properties["updated_by"]) == ("VPN set-up", "two", ANN)
    second, first = queries.get_revisions(note)
    assert (first.number, first.name, first.author, first.size) == (1, "VPN", TESS, 3)
    assert (second.number, second.name, second.author, second.message) == (2, "VPN set-up", ANN, "Clearer")
    assert queries.get_revision(note, 1).content == "one"


def test_an_unchanged_text_writes_nothing(note: str, graph: Graph) -> None:
    before = graph_hash(graph)
    assert not operations.save(note, author=ANN, base_version=1, name="VPN", content="one").is_changed
    assert graph_hash(graph) == before
    assert len(queries.get_revisions(note)) == 1


def test_line_ends_of_a_browser_are_no_change(graph: Graph) -> None:
    note = operations.create_note(ROOT_ID, "Lines", "a\nb\n", author=TESS)
    assert not operations.save(note, author=ANN, content="a\r\nb\r\n").is_changed


def test_a_stale_save_is_a_conflict_and_overwrites_nothing(note: str) -> None:
    operations.save(note, author=ANN, base_version=1, content="hers")
    with pytest.raises(Conflict) as caught:
        operations.save(note, author=TESS, base_version=1, content="mine")
    assert (caught.value.version, caught.value.author) == (2, ANN)
    assert queries.get_node(note).content == "hers"


def test_a_save_whose_answer_got_lost_may_be_sent_again(note: str) -> None:
    for _ in range(2):
        assert operations.save(note, author=TESS, base_version=1, content="two").version == 2


def test_restoring_makes_a_new_version(note: str) -> None:
    operations.save(note, author=ANN, content="two")
    assert operations.restore_revision(note, 1, author=TESS, base_version=2).version == 3
    assert queries.get_node(note).content == "one"
    assert [r.message for r in queries.get_revisions(note)] == ["Version 1 restored", "", ""]
    with pytest.raises(NodeNotFound, match="no version 9"):
        operations.restore_revision(note, 9, author=TESS)


def test_a_rename_to_a_siblings_name_is_refused(note: str) -> None:
    other = operations.create_note(ROOT_ID, "Printer", author=TESS)
    with pytest.raises(NameTaken) as caught:
        operations.rename(other, "vpn", author=TESS)
    assert caught.value.existing_id == note
    assert operations.rename(note, "vpn", author=TESS).is_changed  # its own name, in other letters


def test_links_are_followed_backwards_and_survive_rename_and_move(note: str) -> None:
    linking = operations.create_note(ROOT_ID, "Start", f"See [VPN](/node/{note}/).", author=TESS)
    folder = operations.create_folder(ROOT_ID, "Runbooks", author=TESS)
    assert [row.uid for row in queries.get_backlinks(note)] == [linking]
    operations.rename(note, "Tunnel", author=TESS)
    operations.move(note, folder, author=TESS)
    assert [row.uid for row in queries.get_backlinks(note)] == [linking]
    assert queries.get_link_states([note, "gone"]) == {note: "Tunnel"}
    operations.trash(note, author=TESS)
    assert queries.get_link_states([note]) == {note: None}
    operations.save(linking, author=TESS, content="See nothing.")
    assert queries.get_backlinks(note) == ()


def test_a_link_to_a_record_is_a_mention(note: str, graph: Graph) -> None:
    acme = Acme()
    text = f"[PC](/node/{acme.laptop}/) [Ana](/node/{acme.ana}/) [Acme](/node/{acme.company}/) [VPN](/node/{note}/)"
    linking = operations.create_note(ROOT_ID, "Start", text, author=TESS)
    # as it was before there were mentions
    graph.rows("MATCH (m:GraphMigration) DELETE m")
    graph.rows("MATCH (n:Note)-[now:MENTIONS]->(o) CREATE (n)-[before:LINKS_TO]->(o) SET before = now DELETE now")
    schema.set_up()
    operations.save(linking, author=TESS, content=f"{text} again")
    rows = graph.rows("MATCH (:Note {id: $id})-[r]->(o:ContextItem) RETURN type(r) AS type, o.id AS id", id=linking)
    assert sorted((row["type"], row["id"]) for row in rows) == [
        ("LINKS_TO", note),
        *sorted(("MENTIONS", uid) for uid in (acme.laptop, acme.ana, acme.company)),
    ]
    for uid in (acme.laptop, acme.ana, acme.company, note):
        assert [row.uid for row in queries.get_backlinks(uid)] == [linking]
    assert queries.get_node(linking).relations == (), "they stand in its text"
    operations.save(linking, author=TESS, content="Nothing.")
    for uid in (acme.laptop, acme.ana, acme.company, note):
        assert queries.get_backlinks(uid) == ()


def test_a_note_that_links_to_itself_is_not_related_to_itself(note: str, graph: Graph) -> None:
    other = operations.create_note(ROOT_ID, "Other", author=TESS)
    operations.save(note, author=TESS, content=f"[Top](/node/{note}/#top), and [other](/node/{other}/)")
    rows = graph.rows("MATCH (a:ContextItem)-[r:LINKS_TO|MENTIONS]->(b:ContextItem) RETURN a.id AS a, b.id AS b")
    assert rows == [{"a": note, "b": other}]
    assert queries.get_backlinks(note) == ()


def test_links_in_texts() -> None:
    text = (
        "[a](/node/1-a/) [b](/view/2) ![c](/node/3/ 'x') [d](https://kt.example/node/4/#part) [e](/nodes/5/)"
        " [f](/knowledgetree/view/6) [again](/node/1-a/) [g](</node/a%2Fb/>)"
    )
    assert linked_ids(text) == ["1-a", "2", "3", "4", "6", "a/b"]

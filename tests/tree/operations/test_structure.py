"""Create, rename, move, copy: what is written, what is refused, and that a refusal writes nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from neo4j import ManagedTransaction

from tests.graph_assertions import graph_hash
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme
from tree import operations, queries
from tree.exceptions import InvalidName, InvalidPlace, InvalidText, NameTaken, NodeNotFound, ReadOnlyNode, Refused
from tree.integrity import check_graph
from tree.vocabulary import COMPANIES_ID, ROOT_ID

TESS = "tess"


def names_below(uid: str) -> list[str]:
    return [row.name for row in queries.get_children(uid).rows]


def test_a_note_may_hang_anywhere(acme: Acme) -> None:
    folder = operations.create_folder(ROOT_ID, "Runbooks", author=TESS)
    places = [ROOT_ID, folder, COMPANIES_ID, acme.company, acme.users, acme.ana, acme.laptop, acme.open, acme.contact]
    for place in places:
        uid = operations.create_note(place, "VPN", "# VPN", author=TESS)
        node = queries.get_node(uid)
        assert (node.name, node.content, node.kind) == ("VPN", "# VPN", "Note")
        assert node.path[-2].uid == place
        stored = node.properties
        assert (stored["origin"], stored["created_by"], stored["version"]) == ("staff", TESS, 1)
    assert [b for b in check_graph()[1] if b.check not in ("synced fields", "links")] == []


REFUSED_NAMES = (
    ("", "name"),
    ("   \t ", "name"),
    (".", "another folder"),
    ("..", "another folder"),
    ("a\0b", "U+0000"),
    ("a\nb", "U+000A"),
    ("pass\u200bword", "U+200B"),
    ("\u202egpj.exe", "U+202E"),
    ("a\u200db", "U+200D"),
    ("\u3164", "U+3164"),
    ("a\ud800", "U+D800"),
    ("x" * 300, "300"),
)


def test_names_that_are_refused(graph: Graph, subtests: pytest.Subtests) -> None:
    for typed, word in REFUSED_NAMES:
        with subtests.test(typed=typed):
            with pytest.raises(InvalidName, match=word.replace("+", r"\+")) as caught:
                operations.create_note(ROOT_ID, typed, author=TESS)
            assert caught.value.field == "name"
            assert names_below(ROOT_ID) == ["Companies"]


def test_names_that_are_kept_as_typed(graph: Graph, subtests: pytest.Subtests) -> None:
    for typed in ("a/b", "Émile's “notes”", "مرحبا", "👩‍🔧 tools", "❤️", "x" * 255, "C#", "50 %", "名前"):
        with subtests.test(typed=typed):
            assert queries.get_node(operations.create_note(ROOT_ID, typed, author=TESS)).name == typed


def test_a_name_is_composed_and_trimmed(graph: Graph) -> None:
    assert queries.get_node(operations.create_note(ROOT_ID, "  Cafe\u0301 ", author=TESS)).name == "Caf\u00e9"


def test_a_name_that_is_taken(graph: Graph, subtests: pytest.Subtests) -> None:
    first = operations.create_note(ROOT_ID, "VPN", author=TESS)
    for twin in ("vpn", " VPN ", "ＶＰＮ"):
        with subtests.test(twin=twin):
            with pytest.raises(NameTaken) as caught:
                operations.create_folder(ROOT_ID, twin, author=TESS)
            assert caught.value.existing_id == first


def test_a_name_that_looks_like_anothers(graph: Graph, subtests: pytest.Subtests) -> None:
    for there, twin in (("PayPal", "РayPal"), ("Аcme", "Acme"), ("scope", "ѕсоре")):
        with subtests.test(there=there):
            first = operations.create_note(ROOT_ID, there, author=TESS)
            with pytest.raises(NameTaken, match="other letters") as caught:
                operations.create_note(ROOT_ID, twin, author=TESS)
            assert caught.value.existing_id == first


def test_texts_that_are_refused(graph: Graph, subtests: pytest.Subtests) -> None:
    for text in ("a\0b", "a\ud800b", "x" * (256 * 1024 + 1), "é" * (128 * 1024 + 1)):
        with subtests.test(text=text[:10]):
            with pytest.raises(InvalidText):
                operations.create_note(ROOT_ID, "VPN", text, author=TESS)
            assert names_below(ROOT_ID) == ["Companies"]


def test_the_longest_text_is_taken(graph: Graph) -> None:
    text = "x" * (256 * 1024)
    assert queries.get_node(operations.create_note(ROOT_ID, "VPN", text, author=TESS)).content == text


def test_creating_again_with_the_same_id_creates_once(graph: Graph, db: None) -> None:
    for _ in range(2):
        operations.create_note(ROOT_ID, "VPN", "text", author=TESS, uid="0b1f9f0e-0000-4000-8000-000000000001")
    assert names_below(ROOT_ID) == ["Companies", "VPN"]


def test_a_place_that_is_gone_or_in_the_trash(graph: Graph) -> None:
    folder = operations.create_folder(ROOT_ID, "Old", author=TESS)
    operations.trash(folder, author=TESS)
    for place in (folder, "no-such-id"):
        with pytest.raises(InvalidPlace):
            operations.create_note(place, "VPN", author=TESS)


def test_nothing_lies_deeper_than_fifty_levels(graph: Graph) -> None:
    place = ROOT_ID
    for level in range(50):
        place = operations.create_folder(place, f"Level {level + 1}", author=TESS)
    with pytest.raises(InvalidPlace, match="50 levels"):
        operations.create_folder(place, "Level 51", author=TESS)
    one = operations.create_folder(ROOT_ID, "One", author=TESS)
    operations.create_note(one, "Two", author=TESS)
    parent_of_last = queries.get_node(place).path[-2].uid
    with pytest.raises(InvalidPlace, match="50 levels"):
        operations.move(one, parent_of_last, author=TESS)


def test_moving_takes_what_hangs_below_and_keeps_every_id(acme: Acme) -> None:
    folder = operations.create_folder(ROOT_ID, "Runbooks", author=TESS)
    note = operations.create_note(folder, "VPN", "text", author=TESS)
    operations.move(folder, acme.ana, author=TESS)
    assert [c.name for c in queries.get_node(note).path][-3:] == ["Ana Díaz", "Runbooks", "VPN"]
    operations.move(folder, acme.ana, author=TESS)  # there already
    assert [b for b in check_graph()[1] if b.check not in ("synced fields", "links")] == []


def test_moves_that_are_refused(graph: Graph) -> None:
    a = operations.create_folder(ROOT_ID, "A", author=TESS)
    b = operations.create_folder(a, "B", author=TESS)
    c = operations.create_folder(b, "C", author=TESS)
    twin = operations.create_folder(ROOT_ID, "c", author=TESS)
    before = graph_hash(graph)
    refused: list[tuple[str, str, type[Exception]]] = [
        (a, a, InvalidPlace),
        (a, c, InvalidPlace),
        (c, "no-such-id", InvalidPlace),
        (c, ROOT_ID, NameTaken),
        ("no-such-id", a, NodeNotFound),
    ]
    for uid, place, error in refused:
        with pytest.raises(error):
            operations.move(uid, place, author=TESS)
    with pytest.raises(NameTaken):
        operations.move_all([twin, c], ROOT_ID, author=TESS)
    assert graph_hash(graph) == before


PROTECTED: dict[str, Callable[[str], object]] = {
    "save": lambda uid: operations.save(uid, author=TESS, content="mine now"),
    "rename": lambda uid: operations.rename(uid, "Mine", author=TESS),
    "move": lambda uid: operations.move(uid, ROOT_ID, author=TESS),
    "copy": lambda uid: operations.copy(uid, ROOT_ID, author=TESS),
    "trash": lambda uid: operations.trash(uid, author=TESS),
    "purge": operations.purge,
    "restore_revision": lambda uid: operations.restore_revision(uid, 1, author=TESS),
}


@pytest.mark.parametrize("operation", PROTECTED)
def test_what_codex_and_the_set_up_made_is_left_alone(acme: Acme, graph: Graph, operation: str) -> None:
    before = graph_hash(graph)
    for uid in (ROOT_ID, COMPANIES_ID, acme.company, acme.users, acme.ana, acme.contact, acme.laptop, acme.open):
        with pytest.raises(ReadOnlyNode):
            PROTECTED[operation](uid)
    assert graph_hash(graph) == before


def test_a_copy_has_all_of_staff_below_it_and_a_name_of_its_own(acme: Acme) -> None:
    folder = operations.create_folder(acme.company, "Runbooks", author=TESS)
    note = operations.create_note(folder, "VPN.md", "first", author=TESS)
    operations.save(note, author=TESS, content="second")
    gone = operations.create_note(folder, "Gone", author=TESS)
    operations.trash(gone, author=TESS)
    first = operations.copy(folder, acme.company, author="ann")
    second = operations.copy(folder, acme.company, author="ann")
    assert [queries.get_node(uid).name for uid in (first, second)] == ["Runbooks (copy)", "Runbooks (copy 2)"]
    [row] = queries.get_children(first).rows
    copied = queries.get_node(row.uid)
    assert (copied.name, copied.content, copied.properties["created_by"]) == ("VPN.md", "second", "ann")
    assert [r.number for r in queries.get_revisions(row.uid)] == [1]
    assert queries.get_node(operations.copy(note, folder, author=TESS)).name == "VPN (copy).md"


def test_a_larger_copy_takes_no_more_statements(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    run = ManagedTransaction.run

    def counted(transaction: ManagedTransaction, query: Any, *arguments: Any, **parameters: Any) -> Any:
        asked.append(query)
        return run(transaction, query, *arguments, **parameters)

    monkeypatch.setattr(ManagedTransaction, "run", counted)
    numbers = []
    for size in (2, 40):
        folder = operations.create_folder(ROOT_ID, f"Of {size}", author=TESS)
        for number in range(size):
            operations.create_note(folder, f"Note {number}", f"Text {number}", author=TESS)
        asked.clear()
        copied = operations.copy(folder, ROOT_ID, author="ann")
        numbers.append(len(asked))
        assert [row.name for row in queries.get_children(copied).rows] == [
            row.name for row in queries.get_children(folder).rows
        ]
    assert numbers[0] == numbers[1]


def test_a_copy_of_too_much_is_refused(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tree.operations.structure.MAX_COPIED_NODES", 2)
    folder = operations.create_folder(ROOT_ID, "A", author=TESS)
    for name in "BC":
        operations.create_note(folder, name, author=TESS)
    with pytest.raises(Refused, match="at once"):
        operations.copy(folder, ROOT_ID, author=TESS)
    assert names_below(ROOT_ID) == ["A", "Companies"]

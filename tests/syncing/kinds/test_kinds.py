"""What the kinds of record say of themselves fits what the tree declares."""

from typing import Any, NamedTuple

import msgspec
import pytest

from syncing import kinds
from syncing.kinds.declaration.desired import Desired
from syncing.kinds.declaration.key import Key, company_key
from syncing.kinds.declaration.kind import Kind
from syncing.kinds.declaration.people_and_computers import Computers, People
from tree.kinds import NODE_CLASS

REMEMBERED = {"former_emails"}  # by the comparison; Codex has only the present ones
FROM_ELSEWHERE = {"content", "name", "codex_key", "fingerprint"}  # of every kind


class Directory(NamedTuple):
    people: People
    everybody: People
    computers: Computers


def nodes_of(kind: Kind[Any]) -> list[Desired]:
    """The nodes of a record that has nothing but what it must have."""
    fields = dict.fromkeys(kind.record.__struct_fields__[:1], 1)
    required = {"name": "Ana", "hostname": "PC-1", "email": "a@x.example", "account_number": "42"}
    rows = {"backup_data_bytes": 0, "total_hours_spent": 0.5, **fields, **required}
    record = msgspec.convert({k: v for k, v in rows.items() if k in kind.record.__struct_fields__}, kind.record)
    nobody = Directory(People({}, {}), People({}, {}), Computers({}))
    return kind.nodes("42", record, msgspec.json.encode(record), nobody)


@pytest.mark.parametrize("kind", kinds.KINDS, ids=lambda kind: kind.name)
def test_its_nodes_are_of_kinds_of_the_tree(kind: Kind[Any]) -> None:
    first, *parts = nodes_of(kind)
    assert first.kind == kind.label
    assert {part.key.removeprefix(f"{first.key}:"): part.kind for part in parts} == dict(kind.parts)
    assert {node.kind for node in (first, *parts)} <= NODE_CLASS.keys()


@pytest.mark.parametrize("kind", kinds.KINDS, ids=lambda kind: kind.name)
def test_the_tree_knows_its_folder(kind: Kind[Any]) -> None:
    assert NODE_CLASS[kind.label].about.folder == kind.folder[0]


@pytest.mark.parametrize("kind", kinds.KINDS, ids=lambda kind: kind.name)
def test_its_fields_are_properties_of_its_node(kind: Kind[Any]) -> None:
    [first, *_] = nodes_of(kind)
    record = msgspec.json.decode(first.encoded, type=kind.record)
    properties = kind.properties(record, first, "42")
    own = NODE_CLASS[kind.label].fields().keys() - NODE_CLASS["Folder"].fields().keys()
    assert properties.keys() - FROM_ELSEWHERE == own - REMEMBERED


@pytest.mark.parametrize("kind", kinds.KINDS, ids=lambda kind: kind.name)
def test_it_gives_keys_for_the_links_that_its_node_declares(kind: Kind[Any]) -> None:
    [first, *_] = nodes_of(kind)
    assert set(first.links) == {link.via for link in NODE_CLASS[kind.label].links}


def test_a_key_is_read_as_it_was_written() -> None:
    for kind in kinds.KINDS:
        [first, *parts] = nodes_of(kind)
        key = Key.parse(first.key)
        assert (key.codex_id, key.part) == (first.number, "")
        for part in parts:
            below = Key.parse(part.key)
            assert (below.codex_id, below.part) == (first.number, part.key.rpartition(":")[2])
    odd = company_key("A/1: b%")
    assert Key.parse(odd).account == "A/1: b%"
    assert Key.parse(f"{odd}:users") == ("company", "A/1: b%", "", "users")

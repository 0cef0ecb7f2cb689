"""The tree against a model in Python: any order of operations leaves the graph as the model says, and sound."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.throwaway_neo4j import Graph
from tree import operations, queries
from tree.exceptions import Conflict, InvalidPlace, NameTaken, NodeNotFound, Refused
from tree.graph import schema
from tree.graph.sibling_keys import folded
from tree.integrity import check_graph
from tree.vocabulary import COMPANIES_ID, ROOT_ID

NAMES = st.sampled_from(["VPN", "vpn", "Printer", "A/B", "PC-2", "PC-10", "Émile", "👩‍🔧"])
TEXTS = st.sampled_from(["", "one", "two\n\nlines", "# x\r\n", "é" * 40])
_graph: list[Graph] = []


@dataclass
class Modelled:
    """What a node should be."""

    name: str
    parent: str
    content: str = ""
    version: int = 1
    trashed_with: str = ""
    texts: list[str] = field(default_factory=list)


class TreeMachine(RuleBasedStateMachine):
    """Rules are the operations; each is done on both sides, and refused on both sides."""

    nodes: Any = Bundle("nodes")

    @initialize()
    def begin(self) -> None:
        _graph[0].empty()
        schema.set_up()
        self.model: dict[str, Modelled] = {
            ROOT_ID: Modelled("KnowledgeTree", ""),
            COMPANIES_ID: Modelled("Companies", ROOT_ID),
        }

    @rule(target=nodes, place=st.just(ROOT_ID) | nodes, name=NAMES, text=TEXTS, is_folder=st.booleans())
    def create(self, place: str, name: str, text: str, is_folder: bool) -> Any:
        def make() -> str:
            if is_folder:
                return operations.create_folder(place, name, author="tess")
            return operations.create_note(place, name, text, author="tess")

        if not self.is_live(place) or self.child(place, name):
            self.refused(make)
            return multiple()
        uid = make()
        stored = "" if is_folder else text.replace("\r\n", "\n")
        self.model[uid] = Modelled(name, place, stored, texts=[stored])
        return uid

    @rule(uid=nodes, text=TEXTS, is_stale=st.booleans())
    def save(self, uid: str, text: str, is_stale: bool) -> None:
        node, stored = self.model[uid], text.replace("\r\n", "\n")
        base = node.version - 1 if is_stale else node.version

        def save() -> operations.Saved:
            return operations.save(uid, author="ann", base_version=base, content=text)

        if not self.is_live(uid) or (is_stale and stored != node.content):
            self.refused(save)
            return
        assert save().is_changed == (stored != node.content)
        if stored != node.content:
            node.content, node.version = stored, node.version + 1
            node.texts.append(stored)

    @rule(uid=nodes, name=NAMES)
    def rename(self, uid: str, name: str) -> None:
        node = self.model[uid]

        def rename() -> operations.Saved:
            return operations.rename(uid, name, author="ann")

        if not self.is_live(uid) or self.child(node.parent, name) not in (None, uid):
            self.refused(rename)
            return
        if rename().is_changed:
            node.name, node.version = name, node.version + 1
            node.texts.append(node.content)

    @rule(uid=nodes, place=st.just(ROOT_ID) | nodes)
    def move(self, uid: str, place: str) -> None:
        node = self.model[uid]
        is_possible = self.is_live(uid) and self.is_live(place)
        if is_possible and place != node.parent:
            is_possible = uid not in self.way(place) and self.child(place, node.name) is None
        if not is_possible:
            self.refused(lambda: operations.move(uid, place, author="tess"))
            return
        operations.move(uid, place, author="tess")
        node.parent = place

    @rule(uid=nodes, number=st.integers(1, 4))
    def restore_revision(self, uid: str, number: int) -> None:
        node = self.model[uid]
        if not self.is_live(uid) or number > node.version:
            self.refused(lambda: operations.restore_revision(uid, number, author="ann"))
            return
        text = node.texts[number - 1]
        operations.restore_revision(uid, number, author="ann")
        if text != node.content:
            node.content, node.version = text, node.version + 1
            node.texts.append(text)

    @rule(uid=nodes)
    def trash(self, uid: str) -> None:
        if not self.is_live(uid):
            self.refused(lambda: operations.trash(uid, author="tess"))
            return
        below = [other for other in self.model if self.is_live(other) and uid in self.way(other)]
        assert operations.trash(uid, author="tess") == len(below)
        for other in below:
            self.model[other].trashed_with = uid

    @rule(uid=nodes)
    def restore(self, uid: str) -> None:
        node = self.model[uid]
        if node.trashed_with != uid or not self.is_live(node.parent):
            self.refused(lambda: operations.restore(uid, author="tess"))
            return
        node.name = operations.restore(uid, author="tess")
        for other in self.model.values():
            if other.trashed_with == uid:
                other.trashed_with = ""

    @rule(target=nodes, uid=consumes(nodes))
    def keep(self, uid: str) -> str:
        """Shuffles the bundle, so that older nodes come up, too."""
        return uid

    @invariant()
    def the_graph_is_the_model(self) -> None:
        if not hasattr(self, "model"):
            return
        rows = _graph[0].rows(
            "MATCH (n:ContextItem) OPTIONAL MATCH (p)-[:PARENT_OF]->(n) RETURN n.id AS id, n.name AS name, "
            "coalesce(p.id, '') AS parent, n.content AS content, n.version AS version, "
            "coalesce(n.trashed_with, '') AS t"
        )
        found = {
            r["id"]: (r["name"], r["parent"], r["content"], r["version"], r["t"]) for r in rows if r["id"] != ROOT_ID
        }
        wanted = {
            uid: (n.name, n.parent, n.content, n.version, n.trashed_with)
            for uid, n in self.model.items()
            if uid != ROOT_ID
        }
        assert found == wanted

    def teardown(self) -> None:
        if not hasattr(self, "model"):
            return
        assert check_graph()[1] == []
        for uid, node in self.model.items():
            if node.texts:
                numbers = range(1, node.version + 1)
                assert [queries.get_revision(uid, number).content for number in numbers] == node.texts

    def is_live(self, uid: str) -> bool:
        return not self.model[uid].trashed_with

    def child(self, parent: str, name: str) -> str | None:
        """The live child of this name."""
        named = (
            uid
            for uid, n in self.model.items()
            if n.parent == parent and not n.trashed_with and folded(n.name) == folded(name)
        )
        return next(named, None)

    def way(self, uid: str) -> list[str]:
        """The node and all above it."""
        return [uid, *self.way(self.model[uid].parent)] if uid else []

    @staticmethod
    def refused(call: Any) -> None:
        with pytest.raises((Refused, NodeNotFound, NameTaken, InvalidPlace, Conflict)):
            call()


def test_any_order_of_operations(graph: Graph) -> None:
    _graph[:] = [graph]
    checked = settings(
        max_examples=12,
        derandomize=True,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )

    run_state_machine_as_test(TreeMachine, settings=checked)

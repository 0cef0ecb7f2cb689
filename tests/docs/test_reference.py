"""What the documents say of commands, settings and the graph, against the program."""

import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from django.core.management import get_commands
from django.core.management.base import BaseCommand
from neo4j import Query

from syncing.management.commands import sync_codex, sync_tickets
from tests.docs.pages import PAGES, ROOT
from tests.isolation import CLEARED
from tests.throwaway_neo4j import Graph
from tree.graph.connection import graph_session
from tree.kinds import NODE_CLASSES

OURS = ("knowledgetree", "syncing", "tree")
REFUSING = {"clear_neo4j", "install_labels"}  # they stand in the way of django-neomodel's own
_VARIABLE = re.compile(r"""(?:environ\.get\(|environ, |env\.get\(|env, )"([A-Z0-9_]+)\"""")
_IMPORT = re.compile(r"^from (\S+) import (\w+)$", re.MULTILINE)
_QUERY = re.compile(r"^```cypher\n(.*?)^```", re.DOTALL | re.MULTILINE)


def docs(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def test_every_command_is_listed() -> None:
    ours = {name for name, app in get_commands().items() if app in OURS} - REFUSING
    listed = set(re.findall(r"^\| `([a-z0-9_]+)", docs("commands.md"), re.MULTILINE))
    assert ours - listed == set()


@pytest.mark.parametrize("module", [sync_codex, sync_tickets])
def test_every_option_of_the_syncs_is_explained(module: ModuleType) -> None:
    command = module.Command()
    own = _options(command) - _options(BaseCommand())
    assert {option for option in own if f"`{option}" not in docs("commands.md")} == set()


def _options(command: BaseCommand) -> set[str]:
    return set(re.findall(r"--[a-z-]+", command.create_parser("manage.py", "any").format_help()))


def test_every_setting_is_listed() -> None:
    read = {name for path in _readers() for name in _VARIABLE.findall(path.read_text(encoding="utf-8"))}
    listed = set(re.findall(r"^\| `([A-Z0-9_]+)`", docs("configuration.md"), re.MULTILINE))
    assert read >= set(CLEARED)  # or this test does not see how the settings read some of them
    assert listed == read


def _readers() -> list[Path]:
    return [ROOT / "knowledgetree/settings.py", *sorted((ROOT / "knowledgetree/configuration").glob("*.py"))]


def test_every_property_of_a_record_is_listed() -> None:
    tables = "\n".join(line for line in docs("graph.md").splitlines() if line.startswith("|"))
    declared = {
        prop.db_property or name
        for node_class in NODE_CLASSES
        for name, prop in node_class.defined_properties(aliases=False, rels=False).items()
    }
    assert {name for name in declared if f"`{name}`" not in tables} == set()


def test_imports_of_examples_work() -> None:
    examples = [found for path in PAGES for found in _IMPORT.findall(path.read_text(encoding="utf-8"))]
    assert examples
    for module, name in examples:
        assert hasattr(import_module(module), name), f"from {module} import {name}"


@pytest.mark.parametrize("query", _QUERY.findall(docs("graph.md")))
def test_queries_run(query: str, started_graph: Graph) -> None:
    with graph_session() as session:
        session.run(Query(f"EXPLAIN {query}")).consume()

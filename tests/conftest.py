"""Fixtures that several folders share. ``graph`` is the one for every test that needs Neo4j."""

import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from knowledgetree.launcher.neo4j_local.installation import Installation
from tests import isolation
from tests.throwaway_neo4j import Graph, lent_neo4j, require_own_and_empty, small_installation, throwaway_neo4j
from tree.graph import schema
from tree.graph.connection import graph_driver


@pytest.fixture(scope="session")
def neo4j_installation() -> Installation:
    """Where the Neo4j of this session lives: in the temporary instance folder, unless it is lent to us."""
    return small_installation(
        home=Path(isolation.lent_neo4j().get("home") or settings.INSTANCE_DIR / "neo4j"),
        bolt_port=settings.NEO4J.bolt_port,
        password=settings.NEO4J.password,
        jars_folder=settings.NEO4J_JARS_DIR,
        repository=settings.MAVEN_REPOSITORY_URL,
    )


@pytest.fixture(scope="session")
def started_graph(neo4j_installation: Installation) -> Iterator[Graph]:
    """The graph of this session, started at first need. A Neo4j that does not start fails the tests."""
    neo4j = lent_neo4j if isolation.lent_neo4j() else throwaway_neo4j
    with neo4j(neo4j_installation) as graph:
        require_own_and_empty(graph, neo4j_installation, settings.NEO4J.uri)
        yield graph
        graph_driver().close()


@pytest.fixture
def graph(started_graph: Graph) -> Graph:
    """A graph with nothing in it but what ``setup_graph`` makes, and no stored files of tests before.

    Those would be bytes without a record: ``check_graph`` tells of them once they are an hour old.
    """
    started_graph.empty()
    shutil.rmtree(settings.UPLOADS_DIR, ignore_errors=True)
    schema.set_up()
    return started_graph


def pytest_configure() -> None:
    """Refuse any settings but the isolated ones, and let SIGTERM end the session as Ctrl-C does."""
    if isolation.folder != settings.INSTANCE_DIR:
        raise pytest.UsageError("The tests run with tests.settings only; leave out --ds.")
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: pytest.exit("SIGTERM", returncode=143))


def pytest_unconfigure() -> None:
    """Remove the instance folder of this session."""
    if isolation.folder:
        shutil.rmtree(isolation.folder, ignore_errors=True)

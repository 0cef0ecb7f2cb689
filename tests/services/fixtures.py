"""Fixtures that start a server or a browser, or stand for one that the test starts.

A test that uses none of them, not even through another fixture, is quick: see ``tests/selection.py``.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from knowledgetree.launcher.neo4j_local.installation import Installation
from tests import isolation
from tests.known_names import make_known
from tests.services.chromium import Chromium, chromium
from tests.services.neo4j_jars import fetched_jars
from tests.services.redis_server import redis_server
from tests.throwaway_neo4j import Graph, lent_neo4j, require_own_and_empty, small_installation, throwaway_neo4j
from tree.graph.connection import graph_driver


@pytest.fixture(scope="session")
def neo4j_jars() -> Path:
    """The program files of Neo4j. Whatever starts a Neo4j of its own uses this fixture."""
    return fetched_jars()


@pytest.fixture(scope="session")
def neo4j_installation(neo4j_jars: Path) -> Installation:
    """Where the Neo4j of this session lives: in the temporary instance folder, unless it is lent to us."""
    return small_installation(
        home=Path(isolation.lent_neo4j().get("home") or settings.INSTANCE_DIR / "neo4j"),
        bolt_port=settings.NEO4J.bolt_port,
        password=settings.NEO4J.password,
        jars_folder=neo4j_jars,
        repository=settings.MAVEN_REPOSITORY_URL,
    )


@pytest.fixture(scope="session")
def started_graph(neo4j_installation: Installation) -> Iterator[Graph]:
    """The graph of this session, started at first need. A Neo4j that does not start fails the tests."""
    neo4j = lent_neo4j if isolation.lent_neo4j() else throwaway_neo4j
    with neo4j(neo4j_installation) as graph:
        require_own_and_empty(graph, neo4j_installation, settings.NEO4J.uri)
        with graph.driver.session() as session:
            make_known(session)
        yield graph
        graph_driver().close()


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """The address of a Redis for this test alone."""
    folder = tmp_path / "redis"
    folder.mkdir()
    with redis_server(folder) as url:
        yield url


@pytest.fixture(scope="session")
def chromium_program() -> Chromium:
    """Chromium. When it cannot be had, the tests fail; they are not skipped."""
    return chromium()

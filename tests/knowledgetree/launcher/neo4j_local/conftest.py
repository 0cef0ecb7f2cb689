"""A second Neo4j, for tests that start and stop one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from knowledgetree.launcher.neo4j_local import server
from knowledgetree.launcher.neo4j_local.installation import Installation
from tests.isolation import free_ports
from tests.throwaway_neo4j import small_installation

AWKWARD_PASSWORD = '--it "quotes" \\ and #signs ü'


@pytest.fixture(scope="package")
def second_neo4j(neo4j_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation of its own that nobody has started. Whatever runs in the end is stopped."""
    home: Path = tmp_path_factory.mktemp("second") / "neo4j"
    [port] = free_ports(1)
    installation = small_installation(home, port, AWKWARD_PASSWORD, neo4j_jars, settings.MAVEN_REPOSITORY_URL)
    yield installation
    server.stop(installation)


@pytest.fixture
def running_neo4j(second_neo4j: Installation) -> Installation:
    """The same, and it runs."""
    start_if_stopped(second_neo4j)
    return second_neo4j


def start_if_stopped(neo4j: Installation) -> None:
    if server.running(neo4j) is None:
        server.start(neo4j, "a test").returncode = 0  # it may outlive this test: nothing to warn of

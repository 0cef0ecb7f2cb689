"""The real Neo4j that tests use, and the rule that they use none that was not started for tests."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from neo4j import Driver, GraphDatabase

from knowledgetree.launcher.neo4j_local import server
from knowledgetree.launcher.neo4j_local.installation import QUICK_START, USER, Installation
from tests.services.class_archive import class_archive

OWNER = "tests"  # who starts these servers
SCHEMA = (
    "SHOW INDEXES YIELD name, type, state, labelsOrTypes, properties, owningConstraint, options RETURN * ORDER BY name"
)
NODES = "MATCH (n) RETURN elementId(n) AS key, labels(n) AS labels, properties(n) AS properties"
RELATIONS = "MATCH (a)-[r]->(b) RETURN elementId(a) AS a, type(r) AS type, elementId(b) AS b"
MAKE_AGAIN = """
UNWIND $nodes AS node CREATE (n:$(node.labels)) SET n = node.properties
WITH collect({key: node.key, node: n}) AS made UNWIND $relations AS relation
UNWIND [one IN made WHERE one.key = relation.a | one.node] AS a
UNWIND [one IN made WHERE one.key = relation.b | one.node] AS b
CREATE (a)-[:$(relation.type)]->(b)
"""
AT_A_TIME = 10_000  # nodes: a transaction of more would take too much memory
EMPTY = f"MATCH (n) WITH n LIMIT {AT_A_TIME} DETACH DELETE n RETURN count(*) AS nodes"
# Java's second compiler took half of a server's CPU time, and saved less in the minutes that it lives. With one
# compiler, Java would set aside so little memory for compiled code that it threw code away and compiled it again.
ONE_COMPILER = (QUICK_START, "-XX:ReservedCodeCacheSize=240m")
ONE_COLLECTOR = ("-XX:-UseG1GC", "-XX:+UseSerialGC")  # without threads beside: enough for a small heap


class ForeignGraph(Exception):
    """The Neo4j that the tests would empty was not started for them, does not run, or holds something."""


class Graph:
    """The graph of the session, as the tests look into it."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self._schema: list[dict[str, Any]] = []
        self._contents: dict[str, Any] = {}

    def rows(self, cypher: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run one statement past the application and give its rows."""
        with self.driver.session() as session:
            return session.run(cypher, parameters).data()

    def empty(self) -> None:
        """Delete every node; constraints and indexes stay."""
        while self.rows(EMPTY)[0]["nodes"] == AT_A_TIME:
            pass

    def schema(self) -> list[dict[str, Any]]:
        """All indexes, those of constraints too."""
        return self.rows(SCHEMA)

    def plan_again(self) -> None:
        """Let queries be planned for the graph as it is now.

        Neo4j may plan by what a test before has left in the graph, or keep a plan that was made while an index was
        missing; in tests it keeps it for a day, and it may be far too slow for a large graph.
        """
        with self.driver.session() as session:
            session.run("CALL db.prepareForReplanning()").consume()

    def remember(self) -> None:
        """Keep what is there, which ``schema.set_up`` has made, for ``made_again``."""
        self._schema = self.schema()
        self._contents = {"nodes": self.rows(NODES), "relations": self.rows(RELATIONS)}

    def made_again(self) -> bool:
        """Fill an empty graph with what is remembered: much quicker than ``schema.set_up``, which costs more than most
        tests. False, and nothing is done, if a test has changed the schema, or nothing is remembered.
        """
        if not self._schema or self.schema() != self._schema:
            return False
        self.rows(MAKE_AGAIN, **self._contents)
        return True


@contextmanager
def throwaway_neo4j(installation: Installation) -> Iterator[Graph]:
    """Start a server in a new folder; kill it in the end, for nobody needs its data."""
    with stopped() as servers:
        servers.append(server.start(installation, OWNER))
        with _connected(installation) as graph:
            yield graph


@contextmanager
def lent_neo4j(installation: Installation) -> Iterator[Graph]:
    """A server that another program of the tests has started, and stops. It is waited for, and emptied.

    Raises ForeignGraph if it does not run, or is not of the tests.
    """
    found = server.running(installation)
    if found is None or found.owner != OWNER:
        raise ForeignGraph(f"There is no Neo4j of the tests in {installation.home}, which is lent to them.")
    if silence := server.silence(installation, found):
        raise ForeignGraph(f"The Neo4j in {installation.home} does not answer: {silence}")
    with _connected(installation) as graph:
        graph.empty()
        yield graph


@contextmanager
def stopped() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Kill in the end what is put into the list."""
    servers: list[subprocess.Popen[bytes]] = []
    try:
        yield servers
    finally:
        for one in servers:
            one.send_signal(signal.SIGKILL)
        for one in servers:
            one.wait()


@contextmanager
def _connected(installation: Installation) -> Iterator[Graph]:
    with GraphDatabase.driver(
        installation.uri, auth=(USER, installation.password), notifications_min_severity="OFF"
    ) as driver:
        yield Graph(driver)


def require_own_and_empty(graph: Graph, installation: Installation, configured_uri: str) -> None:
    """Raises ForeignGraph unless the settings name ``installation``, we started it, and it holds no node."""
    if configured_uri != installation.uri:
        raise ForeignGraph(f"The settings name {configured_uri}, the tests started {installation.uri}.")
    running = server.running(installation)
    if running is None or running.owner != OWNER:
        raise ForeignGraph(f"The Neo4j in {installation.home} was not started by the tests.")
    [count] = graph.rows("MATCH (n) RETURN count(n) AS nodes")
    if count["nodes"]:
        raise ForeignGraph(f"The Neo4j at {installation.uri} holds {count['nodes']} nodes; tests want an empty one.")


def small_installation(home: Path, bolt_port: int, password: str, jars_folder: Path, repository: str) -> Installation:
    """Small, and without the 256 MB of log file that each database would set aside."""
    return Installation(
        home=home,
        bolt_port=bolt_port,
        password=password,
        jars_folder=jars_folder,
        repository=repository,
        heap_mb=512,
        page_cache_mb=128,
        more_settings={
            "db.tx_log.preallocate": "false",
            "dbms.cypher.min_replan_interval": "1d",
            "internal.cypher.use_parameter_size": "false",  # one plan for lists of any length
        },
        more_java_options=(f"-XX:SharedArchiveFile={class_archive(jars_folder)}", *ONE_COLLECTOR, *ONE_COMPILER),
    )

"""Java's archive of Neo4j's classes: with it, a Neo4j starts with about half the processor's time.

Java writes it when a server that was asked for it ends (https://docs.oracle.com/en/java/javase/21/vm/class-data-sharing.html).
Another Java, or other jars, make another archive; one that does not fit is ignored by Java.
"""

import hashlib
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from neo4j import GraphDatabase

from knowledgetree.launcher.neo4j_local import server
from knowledgetree.launcher.neo4j_local.installation import QUICK_START, USER, Installation
from knowledgetree.launcher.neo4j_local.jars import class_path
from knowledgetree.launcher.neo4j_local.java import find_java
from tests.isolation import free_ports
from tests.services.lock import locked

# What most tests make a server do, so that the classes for it are in the archive.
USUAL_STATEMENTS = (
    "CREATE CONSTRAINT one FOR (n:Node) REQUIRE n.id IS UNIQUE",
    "CREATE INDEX two FOR (n:Node) ON (n.name)",
    "CREATE FULLTEXT INDEX three FOR (n:Node) ON EACH [n.name]",
    "UNWIND range(1, 9) AS number MERGE (n:Node {id: toString(number)}) SET n.name = 'name ' + number",
    "MATCH (a:Node {id: '1'}) MATCH (b:Node) WHERE b.id > '5' MERGE (a)-[:IS_PARENT_OF]->(b)",
    "MATCH (a:Node)-[:IS_PARENT_OF*1..3]->(b) RETURN a.name, collect(b {.id, .name}) AS below ORDER BY a.name LIMIT 5",
    "CALL db.index.fulltext.queryNodes('three', 'name*') YIELD node, score RETURN node.id, score",
    "SHOW INDEXES YIELD name, type, state RETURN * ORDER BY name",
    "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1000 ROWS",
)


@cache
def class_archive(jars: Path) -> Path:
    """The archive for these jars and the Java that runs them. It is made first if it is not there."""
    jars = jars.resolve()
    about = subprocess.run([find_java(), "-version"], check=True, capture_output=True).stderr
    digest = hashlib.sha256(about + class_path(jars).encode()).hexdigest()
    archive = jars / f"classes-{digest[:12]}.jsa"
    with locked(jars):
        if not archive.exists():
            _make(archive, jars)
    return archive


def _make(archive: Path, jars: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="knowledgetree-classes-", dir=archive.parent) as folder:
        unfinished = Path(folder) / archive.name
        neo4j = Installation(
            home=Path(folder) / "neo4j",
            bolt_port=free_ports(1)[0],
            password="a-password-of-tests",
            jars_folder=jars,
            heap_mb=512,
            page_cache_mb=128,
            more_settings={"db.tx_log.preallocate": "false"},
            more_java_options=(QUICK_START, f"-XX:ArchiveClassesAtExit={unfinished}"),
        )
        started = server.start(neo4j, "tests")
        with GraphDatabase.driver(neo4j.uri, auth=(USER, neo4j.password)) as driver, driver.session() as session:
            for statement in USUAL_STATEMENTS:
                session.run(statement).consume()
        started.terminate()
        started.wait()  # not server.stop, which has a limit: Java writes the archive now
        unfinished.rename(archive)

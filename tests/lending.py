"""Neo4js that one program starts, for several test sessions one after another: see ``isolation.lent_neo4j``."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from knowledgetree.launcher.neo4j_local import server
from knowledgetree.launcher.neo4j_local.installation import Installation
from tests.isolation import free_ports
from tests.services.neo4j_jars import fetched_jars, maven_repository
from tests.throwaway_neo4j import OWNER, small_installation, stopped

_PASSWORD = "of-the-tests-only"


def installations(folder: Path, count: int) -> list[Installation]:
    """So many of them in this folder, not started."""
    jars, repository = fetched_jars(), maven_repository()
    return [
        small_installation(folder / f"neo4j-{port}", port, _PASSWORD, jars, repository) for port in free_ports(count)
    ]


def environment(neo4js: Sequence[Installation]) -> dict[str, str]:
    """The variables by which sessions are lent these, a worker each; also sessions of a copy of the repository."""
    lent = [{"home": str(one.home), "bolt_port": one.bolt_port, "password": one.password} for one in neo4js]
    return {"TESTS_NEO4J": json.dumps(lent), "NEO4J_JARS_DIR": str(neo4js[0].jars_folder)}


@contextmanager
def launched(neo4js: Sequence[Installation]) -> Iterator[None]:
    """Start these without waiting until they are ready, and stop them in the end."""
    with stopped() as servers:
        for neo4j in neo4js:
            servers.append(server.launch(neo4j, OWNER))
        yield

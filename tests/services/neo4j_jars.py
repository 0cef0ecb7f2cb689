"""Neo4j's program files, as ``make run`` has them: in ``.neo4j/``, or where NEO4J_JARS_DIR says."""

import os
from pathlib import Path

from knowledgetree.launcher.neo4j_local.jars import MAVEN_CENTRAL, class_path
from tests.services.lock import locked

REPOSITORY = Path(__file__).parents[2]


def fetched_jars() -> Path:
    """The folder of the jars; they are fetched first if they are not there. Raises LocalNeo4jError."""
    folder = Path(os.environ.get("NEO4J_JARS_DIR") or REPOSITORY / ".neo4j").resolve()
    with locked(folder):
        class_path(folder, maven_repository())
    return folder


def maven_repository() -> str:
    """The address from which they are fetched."""
    return os.environ.get("MAVEN_REPOSITORY_URL") or MAVEN_CENTRAL

"""An installation with nothing in it, for tests of whole commands."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from knowledgetree.launcher.neo4j_local.installation import QUICK_START
from tests.isolation import free_ports
from tests.services.class_archive import class_archive
from tests.services.neo4j_jars import fetched_jars

REPOSITORY = Path(__file__).parents[3]


def local_environment(instance: Path) -> dict[str, str]:
    """The variables of an installation in ``instance`` that runs its own Neo4j and the sample Codex.

    Its Java is told to start quickly, as that of the other tests.
    """
    web, bolt, codex = free_ports(3)
    return {
        **os.environ,
        "KNOWLEDGETREE_INSTANCE": str(instance),
        "NEO4J_URI": "",
        "NEO4J_PASSWORD": "",
        "PORT": str(web),
        "NEO4J_BOLT_PORT": str(bolt),
        "SAMPLE_CODEX_PORT": str(codex),
        "JDK_JAVA_OPTIONS": f'{QUICK_START} "-XX:SharedArchiveFile={class_archive(fetched_jars())}"',
    }


def manage(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``manage.py`` to its end, without a terminal."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        check=False,
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )

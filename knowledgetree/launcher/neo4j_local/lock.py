"""Write ``jars.lock`` for one Neo4j version: ``python -m knowledgetree.launcher.neo4j_local.lock 5.26.30``.

Run it to change the version of Neo4j. It needs jgo (requirements-dev.txt), which reads Maven's POM files.
"""

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from jgo.maven import Artifact, MavenContext

from knowledgetree.launcher.neo4j_local.jars import CONNECTIONS, LOCK_FILE, MAVEN_CENTRAL


def main(version: str) -> None:
    with TemporaryDirectory() as folder:
        context = MavenContext(repo_cache=Path(folder), remote_repos={"central": MAVEN_CENTRAL}, timeout=60)
        neo4j = context.create_dependency(f"org.neo4j:neo4j:{version}")
        asked_for, needed = context.resolver.resolve([neo4j])
        runtime = [dependency for dependency in needed if dependency.scope in ("compile", "runtime")]
        artifacts = [dependency.artifact for dependency in (*asked_for, *runtime)]
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            lines = list(pool.map(_lock_line, artifacts))
    head = f"# Neo4j Community {version}: SHA-256, bytes, path in the Maven repository. Written by lock.py."
    LOCK_FILE.write_text("\n".join([head, lines[0], *sorted(lines[1:], key=_path)]) + "\n", encoding="utf-8")


def _lock_line(artifact: Artifact) -> str:
    content = artifact.resolve().read_bytes()
    path = (artifact.component.path_prefix / artifact.filename).as_posix()
    return f"{hashlib.sha256(content).hexdigest()} {len(content)} {path}"


def _path(line: str) -> str:
    return line.rpartition(" ")[2]


if __name__ == "__main__":
    main(sys.argv[1])

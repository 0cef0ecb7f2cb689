"""Download of Neo4j's program files: the jars in ``jars.lock``, each verified by its SHA-256.

``jars.lock`` is written by ``python -m knowledgetree.launcher.neo4j_local.lock VERSION``.
"""

import hashlib
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import requests
from tqdm import tqdm

from knowledgetree.launcher.neo4j_local.exceptions import LocalNeo4jError

LOCK_FILE = Path(__file__).with_name("jars.lock")
MAVEN_CENTRAL = "https://repo.maven.apache.org/maven2"
CONNECTIONS = 8
TIMEOUT_SECONDS = (10, 60)  # to connect, and between two chunks


@dataclass(frozen=True)
class Jar:
    """One file of the Maven repository. ``path`` is relative to the repository, ``size`` is in bytes."""

    sha256: str
    size: int
    path: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def locked_jars(lock_file: Path = LOCK_FILE) -> list[Jar]:
    """The jars that make up the local Neo4j, Neo4j itself first."""
    lines = lock_file.read_text(encoding="utf-8").splitlines()
    rows = (line.split() for line in lines if line and not line.startswith("#"))
    return [Jar(sha256, int(size), path) for sha256, size, path in rows]


def class_path(folder: Path, repository: str = MAVEN_CENTRAL, lock_file: Path = LOCK_FILE) -> str:
    """Java's class path with all jars in ``folder``; missing jars are downloaded first.

    Raises LocalNeo4jError if ``repository`` cannot be reached or a file has another checksum.
    """
    jars = locked_jars(lock_file)
    missing = [jar for jar in jars if not _is_there(folder / jar.name, jar)]
    if missing:
        _fetch(missing, folder, repository.rstrip("/"))
    return os.pathsep.join(str(folder / jar.name) for jar in jars)


def _is_there(file: Path, jar: Jar) -> bool:
    return file.exists() and file.stat().st_size == jar.size


def _fetch(jars: Sequence[Jar], folder: Path, repository: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalNeo4jError(
            f"Cannot make the folder {folder} for Neo4j's program files: {error.strerror}."
        ) from error
    total = sum(jar.size for jar in jars)
    print(
        f"Fetching Neo4j: {len(jars)} files, {total / 1e6:.0f} MB, only this once.",
        file=sys.stderr,
        flush=True,
    )
    every_seconds = 0.2 if sys.stderr.isatty() else 5.0
    with (
        TemporaryDirectory(dir=folder, prefix=".fetching-") as parts,
        tqdm(total=total, unit="B", unit_scale=True, desc="Neo4j", mininterval=every_seconds) as progress,
        requests.Session() as session,
        ThreadPoolExecutor(CONNECTIONS) as pool,
    ):
        download = _Download(session, repository, Path(parts), progress)
        waiting = [pool.submit(download.fetch, jar, folder) for jar in jars]
        try:
            for one in waiting:
                one.result()
        finally:
            download.stopped = True
            pool.shutdown(cancel_futures=True)


@dataclass
class _Download:
    session: requests.Session
    repository: str
    parts: Path
    progress: "tqdm[NoReturn]"
    stopped: bool = False

    def fetch(self, jar: Jar, folder: Path) -> None:
        """Download a jar. It gets its final name only when complete and verified, so no partial jar is left behind."""
        url = f"{self.repository}/{jar.path}"
        part = self.parts / jar.name
        try:
            sha256 = self._save(url, part)
        except requests.RequestException as error:
            raise LocalNeo4jError(
                f"Cannot fetch Neo4j from {url}: {error}. Check the network and the proxy settings, or set "
                "MAVEN_REPOSITORY_URL to a mirror of Maven Central; then start again. Complete files are kept."
            ) from error
        except OSError as error:
            raise LocalNeo4jError(f"Cannot write {part}: {error.strerror}.") from error
        if self.stopped:
            return
        if sha256 != jar.sha256:
            raise LocalNeo4jError(
                f"{url} is not the file that was expected (SHA-256 {sha256}, not {jar.sha256}). "
                "It was deleted. A proxy or a mirror may have changed it; try again or use another one."
            )
        part.replace(folder / jar.name)

    def _save(self, url: str, part: Path) -> str:
        digest = hashlib.sha256()
        with self.session.get(url, stream=True, timeout=TIMEOUT_SECONDS) as response, part.open("wb") as file:
            response.raise_for_status()
            for piece in response.iter_content(1 << 16):
                if self.stopped:
                    break
                file.write(piece)
                digest.update(piece)
                self.progress.update(len(piece))
        return digest.hexdigest()

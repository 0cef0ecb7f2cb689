"""Fetching Neo4j's program files, from a small Maven repository over real HTTP."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from knowledgetree.launcher.neo4j_local.exceptions import LocalNeo4jError
from knowledgetree.launcher.neo4j_local.jars import class_path, locked_jars

CONTENTS = {"org/a/1/a-1.jar": b"first" * 50_000, "org/b/2/b-2.jar": b"second", "org/c/3/c-3.jar": b"third"}


class Repository(ThreadingHTTPServer):
    """Serves ``contents``; ``asked`` are the paths in order; ``cut_off`` answers end in the middle."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.contents = dict(CONTENTS)
        self.asked: list[str] = []
        self.cut_off: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/maven2"


class _Handler(BaseHTTPRequestHandler):
    server: Repository

    def do_GET(self) -> None:
        path = self.path.removeprefix("/maven2/")
        self.server.asked.append(path)
        content = self.server.contents.get(path)
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if path in self.server.cut_off else content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Say nothing."""


@pytest.fixture
def repository() -> Iterator[Repository]:
    with Repository() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def lock_file(tmp_path: Path) -> Path:
    lines = [f"{hashlib.sha256(content).hexdigest()} {len(content)} {path}" for path, content in CONTENTS.items()]
    file = tmp_path / "jars.lock"
    file.write_text("\n".join(["# a comment", *lines]) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "jars"


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_all_jars_are_fetched_and_put_on_the_class_path(repository: Repository, lock_file: Path, folder: Path) -> None:
    found = class_path(folder, repository.url, lock_file)
    assert found == f"{folder}/a-1.jar:{folder}/b-2.jar:{folder}/c-3.jar"
    assert {(folder / Path(path).name).read_bytes() for path in CONTENTS} == set(CONTENTS.values())
    assert names(folder) == {"a-1.jar", "b-2.jar", "c-3.jar"}


def test_what_is_there_is_not_fetched_again(repository: Repository, lock_file: Path, folder: Path) -> None:
    class_path(folder, repository.url, lock_file)
    (folder / "b-2.jar").unlink()
    repository.asked.clear()
    class_path(folder, repository.url, lock_file)
    assert repository.asked == ["org/b/2/b-2.jar"]


def test_a_jar_of_the_wrong_size_is_fetched_again(repository: Repository, lock_file: Path, folder: Path) -> None:
    class_path(folder, repository.url, lock_file)
    (folder / "c-3.jar").write_bytes(b"thi")
    class_path(folder, repository.url, lock_file)
    assert (folder / "c-3.jar").read_bytes() == b"third"


def test_a_changed_jar_is_refused_and_thrown_away(repository: Repository, lock_file: Path, folder: Path) -> None:
    repository.contents["org/b/2/b-2.jar"] = b"sec0nd"
    with pytest.raises(LocalNeo4jError, match=r"b-2\.jar is not the file that was expected"):
        class_path(folder, repository.url, lock_file)
    assert "b-2.jar" not in names(folder)


def test_a_download_that_is_cut_off_leaves_no_half_a_jar(repository: Repository, lock_file: Path, folder: Path) -> None:
    repository.cut_off.add("org/a/1/a-1.jar")
    with pytest.raises(LocalNeo4jError, match=r"org/a/1/a-1\.jar"):
        class_path(folder, repository.url, lock_file)
    assert names(folder) <= {"b-2.jar", "c-3.jar"}
    repository.cut_off.clear()
    class_path(folder, repository.url, lock_file)
    assert (folder / "a-1.jar").read_bytes() == CONTENTS["org/a/1/a-1.jar"]


def test_a_missing_jar_names_its_address(repository: Repository, lock_file: Path, folder: Path) -> None:
    del repository.contents["org/c/3/c-3.jar"]
    with pytest.raises(LocalNeo4jError, match=rf"{repository.url}/org/c/3/c-3\.jar.*404"):
        class_path(folder, repository.url, lock_file)


def test_an_unreachable_repository_says_what_to_do(repository: Repository, lock_file: Path, folder: Path) -> None:
    repository.server_close()
    with pytest.raises(LocalNeo4jError, match="set MAVEN_REPOSITORY_URL to a mirror"):
        class_path(folder, repository.url, lock_file)


def test_a_folder_that_cannot_be_made_is_named(repository: Repository, lock_file: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    with pytest.raises(LocalNeo4jError, match=f"Cannot make the folder {in_the_way}/jars"):
        class_path(in_the_way / "jars", repository.url, lock_file)


def test_the_lock_names_neo4j_first_and_each_file_once() -> None:
    jars = locked_jars()
    assert jars[0].path.startswith("org/neo4j/neo4j/5.26.")
    assert len({jar.name for jar in jars}) == len(jars) > 200
    assert all(len(jar.sha256) == 64 and jar.path.endswith(".jar") for jar in jars)

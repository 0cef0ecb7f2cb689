"""Backup and restore of a real graph."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from neo4j import GraphDatabase

from knowledgetree.launcher.neo4j_local import server
from knowledgetree.launcher.neo4j_local.backup import back_up, restore
from knowledgetree.launcher.neo4j_local.exceptions import LocalNeo4jError
from knowledgetree.launcher.neo4j_local.installation import USER, Installation
from tests.isolation import free_ports
from tests.knowledgetree.launcher.neo4j_local.conftest import start_if_stopped
from tests.throwaway_neo4j import small_installation

pytestmark = pytest.mark.long


@pytest.fixture
def unattended(running_neo4j: Installation, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """Running as after ``neo4j start``: the command that started it has ended."""
    monkeypatch.setattr(server.Running, "is_attended", False)
    return running_neo4j


def ask(neo4j: Installation, cypher: str) -> list[dict[str, Any]]:
    with GraphDatabase.driver(neo4j.uri, auth=(USER, neo4j.password)) as driver:
        return [record.data() for record in driver.execute_query(cypher).records]


def names(neo4j: Installation) -> set[str]:
    return {row["name"] for row in ask(neo4j, "MATCH (n) RETURN n.name AS name")}


def fill(neo4j: Installation, *wanted: str) -> None:
    ask(neo4j, "MATCH (n) DETACH DELETE n")
    for name in wanted:
        ask(neo4j, f"CREATE (:Thing {{name: '{name}'}})")


@pytest.fixture(scope="module")
def dump(second_neo4j: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of two nodes: the server is stopped for it, and runs again."""
    file = tmp_path_factory.mktemp("backup") / "tree.dump"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(server.Running, "is_attended", False)
        start_if_stopped(second_neo4j)
        fill(second_neo4j, "one", "two")
        back_up(second_neo4j, file)
    assert server.running(second_neo4j) is not None
    return file


def test_a_backup_brings_the_graph_back(dump: Path, unattended: Installation) -> None:
    assert stat.S_IMODE(dump.stat().st_mode) == 0o600
    fill(unattended, "three")
    restore(unattended, dump)
    assert names(unattended) == {"one", "two"}


def test_a_backup_fills_an_installation_that_never_ran(dump: Path, unattended: Installation, tmp_path: Path) -> None:
    [port] = free_ports(1)
    fresh = small_installation(
        tmp_path / "fresh", port, "another password", unattended.jars_folder, unattended.repository
    )
    restore(fresh, dump)
    started = server.start(fresh, "a test")
    try:
        assert names(fresh) == {"one", "two"}
    finally:
        server.stop(fresh)
        started.wait()


def test_an_existing_file_is_not_overwritten(unattended: Installation, tmp_path: Path) -> None:
    file = tmp_path / "tree.dump"
    file.write_text("precious")
    with pytest.raises(LocalNeo4jError, match="exists already and is not overwritten"):
        back_up(unattended, file)
    assert file.read_text() == "precious"


def test_a_folder_that_is_not_there_is_named(unattended: Installation, tmp_path: Path) -> None:
    with pytest.raises(LocalNeo4jError, match=r"Cannot write .*/none/tree\.dump: No such file"):
        back_up(unattended, tmp_path / "none" / "tree.dump")


def test_a_server_that_somebody_waits_for_is_left_alone(running_neo4j: Installation, tmp_path: Path) -> None:
    server.stop(running_neo4j)
    server.start(running_neo4j, "manage.py run")
    with pytest.raises(LocalNeo4jError, match=rf"in use by `manage.py run` \(process {os.getpid()}\)"):
        back_up(running_neo4j, tmp_path / "tree.dump")
    assert server.running(running_neo4j) is not None
    assert not (tmp_path / "tree.dump").exists()


def test_a_file_that_is_no_backup_changes_nothing(unattended: Installation, tmp_path: Path) -> None:
    fill(unattended, "one")
    file = tmp_path / "letter.txt"
    file.write_text("Dear all")
    with pytest.raises(LocalNeo4jError, match=r"letter\.txt is not a backup"):
        restore(unattended, file)
    assert names(unattended) == {"one"}


def test_a_backup_that_is_cut_off_leaves_the_present_graph(
    dump: Path, unattended: Installation, tmp_path: Path
) -> None:
    half = tmp_path / "half.dump"
    half.write_bytes(dump.read_bytes()[: dump.stat().st_size // 2])
    fill(unattended, "present")
    with pytest.raises(LocalNeo4jError, match="database load"):
        restore(unattended, half)
    assert names(unattended) == {"present"}


def test_there_is_nothing_to_back_up_before_the_first_start(second_neo4j: Installation, tmp_path: Path) -> None:
    new = small_installation(tmp_path / "new", 1, "a password", second_neo4j.jars_folder, second_neo4j.repository)
    with pytest.raises(LocalNeo4jError, match="nothing to back up"):
        back_up(new, tmp_path / "tree.dump")
    assert not (tmp_path / "tree.dump").exists()

"""Starting and stopping a real Neo4j."""

import json
import os
import socket
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from neo4j import GraphDatabase

from knowledgetree.launcher.neo4j_local import server
from knowledgetree.launcher.neo4j_local.exceptions import LocalNeo4jError
from knowledgetree.launcher.neo4j_local.installation import USER, Installation
from tests.isolation import free_ports


def answer(neo4j: Installation) -> list[int]:
    with GraphDatabase.driver(neo4j.uri, auth=(USER, neo4j.password)) as driver:
        return [record["one"] for record in driver.execute_query("RETURN 1 AS one").records]


def test_it_starts_answers_and_stops(running_neo4j: Installation) -> None:
    assert answer(running_neo4j) == [1]
    found = server.running(running_neo4j)
    assert found is not None
    assert found.bolt_port == running_neo4j.bolt_port
    assert server.stop(running_neo4j)
    assert server.running(running_neo4j) is None
    assert not psutil.pid_exists(found.pid) or psutil.Process(found.pid).status() == psutil.STATUS_ZOMBIE
    assert not server.stop(running_neo4j)


def test_it_listens_on_loopback_only(running_neo4j: Installation) -> None:
    found = server.running(running_neo4j)
    assert found is not None
    listening = [c for c in psutil.Process(found.pid).net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    assert {address.laddr[1:] for address in listening} == {(running_neo4j.bolt_port,)}
    assert {address.laddr[0].removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}


def test_only_the_owner_may_look_into_its_folder(running_neo4j: Installation) -> None:
    assert stat.S_IMODE(running_neo4j.home.stat().st_mode) == 0o700


def test_the_password_is_left_in_no_file_and_no_command_line(running_neo4j: Installation) -> None:
    small_files = [f for f in running_neo4j.home.rglob("*") if f.is_file() and f.stat().st_size < 1_000_000]
    assert [f for f in small_files if running_neo4j.password.encode() in f.read_bytes()] == []
    assert running_neo4j.password not in " ".join(running_neo4j.server_command())


def test_it_does_not_start_twice(running_neo4j: Installation) -> None:
    with pytest.raises(LocalNeo4jError, match=r"runs already \(process \d+, port \d+\)"):
        server.start(running_neo4j, "a test")


def test_a_server_that_hangs_is_silent_until_it_goes_on(
    running_neo4j: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "ANSWER_SECONDS", 0)
    monkeypatch.setattr(server, "START_SECONDS", 0)
    found = server.running(running_neo4j)
    assert found is not None
    assert server.silence(running_neo4j, found) == ""
    found.process.suspend()
    try:
        assert server.silence(running_neo4j, found)
    finally:
        found.process.resume()
    monkeypatch.undo()
    assert server.silence(running_neo4j, found) == ""


def test_a_taken_port_names_the_variable(second_neo4j: Installation, tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        elsewhere = replace(second_neo4j, home=tmp_path, bolt_port=port)
        with pytest.raises(LocalNeo4jError, match=rf"Port {port} .* is taken.*NEO4J_BOLT_PORT={port + 1}"):
            server.start(elsewhere, "a test")


def test_a_wrong_password_is_told_and_the_server_stopped(running_neo4j: Installation) -> None:
    server.stop(running_neo4j)
    with pytest.raises(LocalNeo4jError, match="has another password"):
        server.start(replace(running_neo4j, password="not the one that it has"), "a test")
    assert server.running(running_neo4j) is None


def test_a_server_that_cannot_start_tells_why(running_neo4j: Installation) -> None:
    server.stop(running_neo4j)
    mistyped = replace(running_neo4j, more_settings={"server.memory.pagecache.size": "a lot"})
    with pytest.raises(LocalNeo4jError, match=r"ended while starting: .*pagecache"):
        server.start(mistyped, "a test")


def test_the_data_survive_a_killed_server(running_neo4j: Installation) -> None:
    with GraphDatabase.driver(running_neo4j.uri, auth=(USER, running_neo4j.password)) as driver:
        driver.execute_query("CREATE (:Kept {name: 'still here'})")
    found = server.running(running_neo4j)
    assert found is not None
    killed = psutil.Process(found.pid)
    killed.kill()
    psutil.wait_procs([killed], timeout=10)
    assert server.running(running_neo4j) is None
    server.start(running_neo4j, "a test")
    with GraphDatabase.driver(running_neo4j.uri, auth=(USER, running_neo4j.password)) as driver:
        [record] = driver.execute_query("MATCH (n:Kept) RETURN n.name AS name").records
    assert record["name"] == "still here"


def test_a_stranger_with_the_pid_is_not_taken_for_the_server(second_neo4j: Installation, tmp_path: Path) -> None:
    [port] = free_ports(1)
    elsewhere = replace(second_neo4j, home=tmp_path, bolt_port=port)
    ourselves = psutil.Process()
    record = {
        "pid": ourselves.pid,
        "started_at": ourselves.create_time(),
        "bolt_port": port,
        "owner": "a test",
        "owner_pid": os.getppid(),
    }
    elsewhere.state_file.write_text(json.dumps(record), encoding="utf-8")
    assert server.running(elsewhere) is None
    assert not server.stop(elsewhere)  # and we live


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"pid": "x"}', "not json"])
def test_a_damaged_state_file_means_not_running(second_neo4j: Installation, tmp_path: Path, content: str) -> None:
    elsewhere = replace(second_neo4j, home=tmp_path)
    elsewhere.state_file.write_text(content, encoding="utf-8")
    assert server.running(elsewhere) is None

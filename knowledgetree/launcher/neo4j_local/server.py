"""Start and stop of an installation's server, and whether it is running."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import IO

import psutil
from neo4j import GraphDatabase
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from knowledgetree.basics.processes import living
from knowledgetree.launcher.neo4j_local.exceptions import LocalNeo4jError
from knowledgetree.launcher.neo4j_local.installation import DATABASE, HOST, USER, Installation, prepare, reason

START_SECONDS = 120
STOP_SECONDS = 60
ANSWER_SECONDS = 30  # for one that has been running for longer than START_SECONDS
FREE_PORT_SECONDS = 1.5  # a program that was just stopped may need a moment to release it


@dataclass(frozen=True)
class Running:
    """A running server. ``started_at`` is Unix time, ``owner`` is the command that started it."""

    pid: int
    started_at: float
    bolt_port: int
    owner: str
    owner_pid: int

    @property
    def process(self) -> psutil.Process:
        """Raises psutil.NoSuchProcess."""
        return psutil.Process(self.pid)

    @property
    def is_attended(self) -> bool:
        """Whether the command that started it is still running."""
        try:
            return psutil.Process(self.pid).ppid() == self.owner_pid
        except psutil.NoSuchProcess:
            return False


def running(neo4j: Installation) -> Running | None:
    """The running server of this installation, whoever started it; never another process that reuses its pid."""
    try:
        found = Running(**json.loads(neo4j.state_file.read_text(encoding="utf-8")))
        server = living(found.pid, found.started_at)
        return found if server and f"--home-dir={neo4j.home}" in server.cmdline() else None
    except (FileNotFoundError, ValueError, TypeError, psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def launch(neo4j: Installation, owner: str, output: IO[bytes] | int | None = None) -> subprocess.Popen[bytes]:
    """Start the server as a child in a session of its own, so that Ctrl-C does not reach it directly.

    Its console output goes to ``output``, by default to ``console_log``. Returns before the server is ready; see
    ``wait_until_ready``. Raises LocalNeo4jError if it is already running or its port is taken.
    """
    already = running(neo4j)
    if already:
        raise LocalNeo4jError(f"The local Neo4j runs already (process {already.pid}, port {already.bolt_port}).")
    require_free_port(neo4j.bolt_port, "NEO4J_BOLT_PORT", "the local Neo4j")
    prepare(neo4j)
    command, environment = neo4j.server_command(), neo4j.environment()
    with neo4j.console_log.open("wb") as log:
        server = subprocess.Popen(
            command,
            env=environment,
            cwd=neo4j.home,
            stdin=subprocess.DEVNULL,
            stdout=log if output is None else output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    started_at = psutil.Process(server.pid).create_time()
    found = Running(server.pid, started_at, neo4j.bolt_port, owner, os.getpid())
    neo4j.state_file.write_text(json.dumps(asdict(found)), encoding="utf-8")
    return server


def wait_until_ready(
    neo4j: Installation, server: subprocess.Popen[bytes], check: Callable[[], None] = lambda: None
) -> None:
    """Wait until the server accepts our password over Bolt.

    ``check`` is called while waiting and may raise to end the wait.
    Raises LocalNeo4jError if the server exits, refuses the password, or is not ready within START_SECONDS.
    """
    give_up_at = time.monotonic() + START_SECONDS
    silence = ""
    while time.monotonic() < give_up_at:
        if server.poll() is not None:
            neo4j.state_file.unlink(missing_ok=True)
            raise LocalNeo4jError(f"The local Neo4j ended while starting: {_why_it_ended(neo4j)}")
        check()
        silence = _why_silent(neo4j)
        if not silence:
            return
        time.sleep(0.1)
    raise LocalNeo4jError(
        f"The local Neo4j did not answer within {START_SECONDS} s: {silence} (more in {neo4j.home / 'logs'})"
    )


def silence(neo4j: Installation, found: Running, check: Callable[[], None] = lambda: None) -> str:
    """Why this server, which runs already, does not answer; empty as soon as it does.

    It has ANSWER_SECONDS, or what is left of START_SECONDS since its start. ``check`` is called while waiting and may
    raise to end the wait. Raises LocalNeo4jError if it refuses the password.
    """
    give_up_at = time.monotonic() + max(ANSWER_SECONDS, found.started_at + START_SECONDS - time.time())
    while True:
        check()
        why = _why_silent(neo4j)
        if not why or time.monotonic() > give_up_at:
            return why
        time.sleep(0.5)


def start(neo4j: Installation, owner: str) -> subprocess.Popen[bytes]:
    """``launch`` and ``wait_until_ready``; the server is stopped if it does not become ready."""
    server = launch(neo4j, owner)
    try:
        wait_until_ready(neo4j, server)
    except BaseException:
        stop(neo4j)
        raise
    return server


def stop(neo4j: Installation) -> bool:
    """Stop the server and wait for its end; after STOP_SECONDS it is killed.

    Returns whether it was running.
    """
    found = running(neo4j)
    if found:
        try:
            server = psutil.Process(found.pid)
            server.terminate()
            try:
                server.wait(STOP_SECONDS)
            except psutil.TimeoutExpired:
                server.kill()
                server.wait(10)
        except psutil.NoSuchProcess:
            pass  # it ended by itself meanwhile
    neo4j.state_file.unlink(missing_ok=True)
    return found is not None


def require_free_port(port: int, variable: str, who: str) -> None:
    """Raises LocalNeo4jError, naming the variable that sets the port, if a program listens on it."""
    give_up_at = time.monotonic() + FREE_PORT_SECONDS
    while not _is_free(port):
        if time.monotonic() > give_up_at:
            raise LocalNeo4jError(
                f"Port {port} for {who} is taken{_by_whom(port)}. "
                f"Stop that program, or choose another port, for example {variable}={port + 1}."
            )
        time.sleep(0.1)


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _by_whom(port: int) -> str:
    try:
        listeners = [
            c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN and c.laddr[1:] == (port,)
        ]
        names = [f" by {psutil.Process(c.pid).name()} (process {c.pid})" for c in listeners if c.pid]
    except psutil.Error:
        return ""  # not every user may see the owner of a socket
    return names[0] if names else ""


def _why_silent(neo4j: Installation) -> str:
    """Why the server is not ready; empty if the database accepts our password. Raises LocalNeo4jError if it refuses."""
    with closing(socket.socket()) as probe:
        probe.settimeout(1)
        if probe.connect_ex((HOST, neo4j.bolt_port)):
            return f"nothing listens on port {neo4j.bolt_port}"
    try:
        with (
            GraphDatabase.driver(
                neo4j.uri, auth=(USER, neo4j.password), connection_timeout=5, connection_acquisition_timeout=5
            ) as driver,
            driver.session(database=DATABASE) as session,
        ):
            session.run("RETURN 1").consume()  # not execute_query, which retries and sleeps
    except AuthError as error:
        raise LocalNeo4jError(
            f"The local Neo4j in {neo4j.home} has another password than the one kept for it. "
            "Put the right one back, or delete that folder to begin with an empty graph."
        ) from error
    except (DriverError, Neo4jError) as error:
        return str(error).splitlines()[0]
    return ""


def _why_it_ended(neo4j: Installation) -> str:
    text = neo4j.console_log.read_text(encoding="utf-8", errors="replace")
    return f"{reason(text)} (more in {neo4j.console_log})"

"""The steps of ``manage.py run``, in order."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import requests
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from knowledgetree.accounts.login.first_admin import announcement, make_first_admin
from knowledgetree.launcher.adopted import Adopted
from knowledgetree.launcher.neo4j_local import server
from knowledgetree.launcher.neo4j_local.configured import configured_neo4j
from knowledgetree.launcher.neo4j_local.exceptions import LocalNeo4jError
from knowledgetree.launcher.neo4j_local.installation import Installation
from knowledgetree.launcher.neo4j_local.jars import class_path
from knowledgetree.launcher.static_files import collect_if_changed
from knowledgetree.launcher.supervisor import CannotStart, NotYet, ProgramEnded, Running, Supervisor, read_procfile
from knowledgetree.launcher.watchdog import Watchdog, has_space
from tree import queries
from tree.graph import schema
from tree.graph.connection import WRITE_TIMEOUT_SECONDS, graph_driver, reads_may_take
from tree.kinds import Company

OWNER = "manage.py run"
STOP_STEPS = (("web", "worker", "sync"), ("codex",), ("neo4j",))
HEALTH_SECONDS = 60
COMPLETE, PARTIAL = 0, 3  # exit codes of the syncs


class Launch:
    """Starts and stops all programs. ``say`` reports progress to the person at the terminal.

    Every step may raise LocalNeo4jError, GraphUnavailable and the exceptions of ``Supervisor.check``.
    """

    def __init__(self, programs: Supervisor, say: Callable[[str], None]) -> None:
        self._programs = programs
        self._say = say
        self._neo4j = configured_neo4j() if settings.NEO4J.is_local else None
        self._stops_neo4j = False
        self._watchdog = Watchdog(programs, self._neo4j)

    def up(self) -> None:
        """Start everything. Returns when the pages respond and the first sync has run."""
        self._require_ports()
        if self._neo4j:
            class_path(self._neo4j.jars_folder, self._neo4j.repository)  # here Ctrl-C can interrupt the download
        self._programs.take_signals()
        launched = self._launch_neo4j(self._neo4j) if self._neo4j else None
        self._prepare_sql_and_files()
        self._start_programs()
        if self._neo4j and launched:
            server.wait_until_ready(self._neo4j, launched, self._programs.check)
        schema.set_up()
        self._wait_for_pages()
        self._programs.keep_alive()
        self._watchdog.start()
        with reads_may_take(WRITE_TIMEOUT_SECONDS):  # a Neo4j that has just started is slow
            is_empty = not queries.count_records()[Company.kind()]
        if is_empty:
            self._sync_for_the_first_time()

    def down(self) -> None:
        """Stop everything that was started, Neo4j last."""
        self._watchdog.stop()
        graph_driver().close()
        self._programs.stop(*STOP_STEPS)
        if self._neo4j and self._stops_neo4j:
            server.stop(self._neo4j)

    def _require_ports(self) -> None:
        server.require_free_port(settings.PORT, "PORT", "the pages")
        if settings.CODEX.is_sample:
            server.require_free_port(settings.SAMPLE_CODEX_PORT, "SAMPLE_CODEX_PORT", "the sample Codex")
        if self._neo4j and not server.running(self._neo4j):
            server.require_free_port(self._neo4j.bolt_port, "NEO4J_BOLT_PORT", "the local Neo4j")

    def _launch_neo4j(self, neo4j: Installation) -> subprocess.Popen[bytes] | None:
        """Start the local Neo4j, unless it runs already and answers. Returns the process that was started."""
        found = server.running(neo4j)
        if found and self._uses(neo4j, found):
            return None
        self._say("Starting the local Neo4j.")
        launched = server.launch(neo4j, OWNER)
        self._watch_neo4j(neo4j, launched)
        return launched

    def _uses(self, neo4j: Installation, found: server.Running) -> bool:
        """Whether this Neo4j can be used as it runs. One of a killed run is taken over, or stopped if it hangs."""
        is_left_behind = found.owner == OWNER and not found.is_attended
        whose = "a killed run left behind" if is_left_behind else f"`{found.owner}` started"
        which = f"(process {found.pid}), which {whose}"
        silence = server.silence(neo4j, found, self._programs.check)
        if silence and is_left_behind:
            self._say(f"The local Neo4j {which}, does not answer ({silence}). It is stopped and started again.")
            server.stop(neo4j)
            return False
        if silence:
            raise LocalNeo4jError(
                f"The local Neo4j {which}, does not answer: {silence}. Stop it with `manage.py neo4j stop`, then start "
                "this again."
            )
        if is_left_behind:
            self._say(f"Using the local Neo4j that runs already {which}. It is this run's from now on.")
            self._watch_neo4j(neo4j, Adopted(found.process))
        else:
            self._say(f"Using the local Neo4j that runs already {which}. It is neither restarted nor stopped here.")
            self._watchdog.foreign_owner = found.owner
        return True

    def _watch_neo4j(self, neo4j: Installation, program: Running) -> None:
        self._stops_neo4j = True
        self._programs.watch("neo4j", program, lambda: _launch_again(neo4j), is_vital=True)

    def _prepare_sql_and_files(self) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        collect_if_changed(settings.INSTANCE_DIR / "static.stamp")
        password_file = settings.INSTANCE_DIR / "first-admin.txt"
        password = make_first_admin(password_file)
        if password:
            self._say(announcement(password, password_file, is_terminal=sys.stdout.isatty()))
        connections.close_all()

    def _start_programs(self) -> None:
        for name, command in read_procfile(settings.BASE_DIR / "Procfile").items():
            if name != "codex" or settings.CODEX.is_sample:
                self._programs.start(name, command, _environment(), settings.BASE_DIR)

    def _wait_for_pages(self) -> None:
        url = f"http://127.0.0.1:{settings.PORT}/health"
        give_up_at = time.monotonic() + HEALTH_SECONDS
        last_response = "nothing yet"
        while time.monotonic() < give_up_at:
            self._programs.check()
            try:
                response = requests.get(url, headers={"Host": _host()}, timeout=5, allow_redirects=False)
                if response.status_code == requests.codes.ok:
                    return
                last_response = f"{response.status_code}: {response.text[:300]}"
            except requests.ConnectionError:
                pass  # gunicorn has not opened the port yet
            except requests.Timeout as error:
                last_response = str(error)
            time.sleep(0.1)
        raise ProgramEnded(f"{url} was not healthy within {HEALTH_SECONDS} s. Its last response: {last_response}")

    def _sync_for_the_first_time(self) -> None:
        self._say(f"The tree is empty: first sync from {settings.CODEX.url} ({settings.CODEX.source}).")
        for command in ("sync_codex", "sync_tickets"):
            code = self._programs.run([sys.executable, "manage.py", command], settings.BASE_DIR)
            if code not in (COMPLETE, PARTIAL):
                self._say(
                    f"The first {command} did not succeed (exit code {code}, the reason is above). "
                    f"Everything else is running. Fix the cause, then start it on the page /sync/ or with "
                    f"`manage.py {command}`."
                )
                return


def _launch_again(neo4j: Installation) -> subprocess.Popen[bytes]:
    """Start the local Neo4j after it has ended. Raises NotYet, CannotStart."""
    if not has_space(neo4j.home):
        raise NotYet(f"the disk of {neo4j.home} is full. Neo4j starts by itself when there is space again.")
    try:
        return server.launch(neo4j, OWNER)
    except LocalNeo4jError as error:
        raise CannotStart(str(error)) from error


def _environment() -> dict[str, str]:
    """The environment of the programs: our Python first on PATH, explicit ports, unbuffered output."""
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "PORT": str(settings.PORT),
        "SAMPLE_CODEX_PORT": str(settings.SAMPLE_CODEX_PORT),
        "PYTHONUNBUFFERED": "1",
    }
    environment.pop("Q_CLUSTER_NAME", None)
    return environment


def _host() -> str:
    """A host name that ALLOWED_HOSTS accepts."""
    names = [name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"]
    return "127.0.0.1" if not names or "127.0.0.1" in names else names[0]

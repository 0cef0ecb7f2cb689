"""``manage.py neo4j``: the local Neo4j of this installation."""

import argparse
import json
import signal
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from knowledgetree.launcher.neo4j_local import backup, server
from knowledgetree.launcher.neo4j_local.configured import configured_neo4j
from knowledgetree.launcher.neo4j_local.exceptions import LocalNeo4jError
from knowledgetree.launcher.neo4j_local.installation import USER, Installation

NOT_RUNNING = 3

TEACHING = """\
KnowledgeTree brings a Neo4j of its own: Community edition, fetched at the first start, listening on
127.0.0.1 only. `make run` starts and stops it by itself; use this command to run the parts by hand,
to have the graph under cron, or to back it up.

  manage.py neo4j start                    in the background
  manage.py neo4j status                   exit code 0 when it runs, 3 when not
  manage.py neo4j backup tree.dump         the whole graph into a new file
  manage.py neo4j restore tree.dump        the graph of that file instead of the present one
  manage.py neo4j stop

The data are in neo4j/ in the instance folder, the password is in neo4j-password beside it.
NEO4J_BOLT_PORT sets the port (7687). With NEO4J_URI, or neo4j_uri in knowledgetree.conf, the graph is in
a Neo4j of yours, and this command leaves it alone.
A backup holds the tree; users, sync runs and schedules are in db.sqlite3 in the instance folder.
"""


class _Help(argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of the text as they are."""


class Command(BaseCommand):
    help = TEACHING
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=_Help, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        actions.add_parser("run", help="run in the foreground until Ctrl-C")
        actions.add_parser("start", help="start in the background, return when it answers")
        actions.add_parser("stop", help="stop, return when it is gone")
        status = actions.add_parser("status", help="say whether it runs (exit code 0) or not (3)")
        status.add_argument("--json", action="store_true", help="as one line of JSON")
        save = actions.add_parser("backup", help="write the graph to FILE; stops the server meanwhile")
        save.add_argument("file", type=Path, metavar="FILE", help="must not exist yet")
        load = actions.add_parser("restore", help="replace the graph by that of FILE; stops the server meanwhile")
        load.add_argument("file", type=Path, metavar="FILE", help="written by backup, or by neo4j-admin database dump")
        load.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        actions = {
            "run": self._run,
            "start": self._start,
            "stop": self._stop,
            "status": self._status,
            "backup": self._backup,
            "restore": self._restore,
        }
        try:
            actions[options["action"]](configured_neo4j(), options)
        except LocalNeo4jError as error:
            raise CommandError(str(error)) from error

    def _run(self, neo4j: Installation, options: dict[str, Any]) -> None:
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, _interrupt)
        process = server.launch(neo4j, "manage.py neo4j run", sys.stdout.fileno())
        try:
            server.wait_until_ready(neo4j, process)
            self.stdout.write(f"{_address(neo4j)}. Ctrl-C stops it.")
            code = process.wait()
        except KeyboardInterrupt:
            self.stdout.write("Stopping Neo4j.")
            return
        finally:
            server.stop(neo4j)
        raise CommandError(f"The local Neo4j ended by itself with exit code {code}.")

    def _start(self, neo4j: Installation, options: dict[str, Any]) -> None:
        found = server.running(neo4j)
        if found:
            self.stdout.write(f"The local Neo4j runs already (process {found.pid}, port {found.bolt_port}).")
            return
        server.start(neo4j, "manage.py neo4j start")
        self.stdout.write(f"{_address(neo4j)}.")

    def _stop(self, neo4j: Installation, options: dict[str, Any]) -> None:
        found = server.running(neo4j)
        if found and found.is_attended:
            raise LocalNeo4jError(
                f"The local Neo4j belongs to `{found.owner}` (process {found.owner_pid}); "
                "stop that with Ctrl-C, it stops Neo4j too."
            )
        self.stdout.write("The local Neo4j is stopped." if server.stop(neo4j) else "The local Neo4j did not run.")

    def _status(self, neo4j: Installation, options: dict[str, Any]) -> None:
        found = server.running(neo4j)
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(neo4j, found)))
        elif found:
            self.stdout.write(f"The local Neo4j runs (process {found.pid}, bolt://127.0.0.1:{found.bolt_port}).")
        else:
            self.stdout.write("The local Neo4j does not run. Start it with `manage.py neo4j start`.")
        if not found:
            sys.exit(NOT_RUNNING)

    def _backup(self, neo4j: Installation, options: dict[str, Any]) -> None:
        backup.back_up(neo4j, options["file"])
        size = options["file"].stat().st_size
        self.stdout.write(f"The graph is in {options['file']} ({filesizeformat(size)}).")

    def _restore(self, neo4j: Installation, options: dict[str, Any]) -> None:
        if not options["yes"] and not self._agrees(options["file"]):
            raise LocalNeo4jError("Nothing was restored. Answer yes, or give --yes.")
        backup.restore(neo4j, options["file"])
        self.stdout.write(f"The graph is now that of {options['file']}.")

    def _agrees(self, file: Path) -> bool:
        if not sys.stdin.isatty():
            return False
        return input(f"Replace the whole graph by that of {file}? Type yes: ").strip().lower() == "yes"


def _address(neo4j: Installation) -> str:
    return f"Neo4j is ready at {neo4j.uri}, user {USER}, password in {neo4j.home.with_name('neo4j-password')}"


def _as_json(neo4j: Installation, found: server.Running | None) -> dict[str, Any]:
    return {
        "running": found is not None,
        "pid": found.pid if found else None,
        "port": found.bolt_port if found else neo4j.bolt_port,
        "started_by": found.owner if found else None,
        "home": str(neo4j.home),
    }


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt

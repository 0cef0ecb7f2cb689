"""``manage.py run``: starts everything on this machine, from the database to the web server."""

import argparse
import signal
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from knowledgetree.launcher.neo4j_local.exceptions import LocalNeo4jError
from knowledgetree.launcher.run_record import AlreadyRunning, RunRecord
from knowledgetree.launcher.steps import Launch
from knowledgetree.launcher.supervisor import ProgramEnded, StopRequested, Supervisor
from tree.exceptions import GraphUnavailable

TEACHING = """\
Start KnowledgeTree on this machine and keep it running: Neo4j (unless yours is configured), the pages, the
worker for jobs, the worker for syncs, and a sample Codex if services.json names no real one. It first creates
whatever is missing: tables, graph schema, the first admin. The first start also runs the first sync.
A program that ends by itself is started again.
Ctrl-C stops everything; a running sync gets 30 s to finish, a second Ctrl-C does not wait.

Ports, all on 127.0.0.1: PORT (8000) for the pages, NEO4J_BOLT_PORT (7687), SAMPLE_CODEX_PORT (5310).
"""


class Command(BaseCommand):
    help = TEACHING

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, formatter_class=argparse.RawDescriptionHelpFormatter, **kwargs
        )

    def handle(self, *args: Any, **options: Any) -> None:
        record = RunRecord(settings.INSTANCE_DIR / "run.json")
        programs = Supervisor(record)
        try:
            launch = Launch(programs, self._say)
            left_behind = record.open()
        except (AlreadyRunning, LocalNeo4jError) as error:
            raise CommandError(str(error)) from error
        if left_behind:
            self._say(f"Stopped what a killed run had left behind: {', '.join(left_behind)}.")
        try:
            launch.up()
            self._say(self.style.SUCCESS(f"KnowledgeTree is ready at http://127.0.0.1:{settings.PORT}"))
            programs.wait()
        except StopRequested as stop:
            self._say(f"Stopping everything ({stop}).")
            code = 130 if stop.signum == signal.SIGINT else 0
        except (LocalNeo4jError, GraphUnavailable, ProgramEnded) as error:
            raise CommandError(str(error)) from error
        finally:
            launch.down()
        sys.exit(code)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

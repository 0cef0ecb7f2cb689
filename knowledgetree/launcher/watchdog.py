"""The watchdog of ``manage.py run``: restarts a local Neo4j that has failed or hangs, and sends alarms.

It runs in a thread, because a Neo4j that hangs or a webhook that does not answer must not delay Ctrl-C.
"""

import logging
import shutil
import threading
from pathlib import Path

import django.db
from django.db import connections
from neo4j.exceptions import AuthError

from knowledgetree.launcher.neo4j_local import server
from knowledgetree.launcher.neo4j_local.installation import Installation
from knowledgetree.launcher.supervisor import Supervisor
from syncing.schedules import alarms
from tree import queries
from tree.exceptions import ForeignGraph, GraphFailed, GraphOverloaded, GraphTimedOut, GraphUnavailable

LOOK_SECONDS = 10.0
LOOKS_A_MINUTE = 6
FAILED_LOOKS = 2  # in a row, before a database that has failed is restarted
NEEDED_BYTES = 128 * 2**20  # Neo4j makes its files larger by up to 64 MB at a time
_CLOSED = "Neo.TransientError.General.DatabaseUnavailable"  # also while it starts, but not for a minute
logger = logging.getLogger(__name__)


class Watchdog:
    """Looks after the local Neo4j, unless that is None, and after the workers.

    ``foreign_owner``: the command that started this Neo4j, if it is not ours to restart; then its faults are only told.
    """

    def __init__(self, programs: Supervisor, neo4j: Installation | None, foreign_owner: str = "") -> None:
        self.foreign_owner = foreign_owner
        self._programs = programs
        self._neo4j = neo4j
        self._failures = 0
        self._answered: int | None = None  # the process that has answered last
        self._is_told = False
        self._told: list[str] = []
        self._stop = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def stop(self) -> None:
        """Do not look any more. A look that has begun is not waited for."""
        self._stop.set()

    def _watch(self) -> None:
        looks = 0
        while not self._stop.wait(LOOK_SECONDS):
            looks += 1
            if self._neo4j is not None:
                self.look_at_neo4j(self._neo4j)
            if looks % LOOKS_A_MINUTE == 0:
                self.send_alarms()

    def look_at_neo4j(self, neo4j: Installation) -> None:
        """Have Neo4j restarted if its database has failed and its disk is not full (any more), or if it hangs."""
        found = server.running(neo4j)
        try:
            queries.ping()
        except GraphFailed as error:
            self._failures += LOOKS_A_MINUTE // FAILED_LOOKS
            reason = str(error.__cause__)
        except GraphOverloaded as error:
            self._failures += 1 if error.code == _CLOSED else 0
            reason = str(error.__cause__)
        except GraphUnavailable as error:
            self._failures = self._failures + 1 if self._is_silent(found, error) else 0
            reason = f"it has not answered for {LOOKS_A_MINUTE * LOOK_SECONDS:.0f} s"
        else:
            self._failures, self._answered = 0, found.pid if found else None
            if self._is_told:
                self._is_told = False
                self._programs.say("neo4j answers again.")
        if self._failures >= LOOKS_A_MINUTE and (found is None or has_space(neo4j.home)):
            self._failures = 0
            self._act(found, reason)

    def _is_silent(self, found: server.Running | None, error: GraphUnavailable) -> bool:
        """Whether Neo4j hangs or is gone. One that has not answered yet is still starting, which may take long."""
        if isinstance(error, ForeignGraph | GraphTimedOut) or isinstance(error.__cause__, AuthError):
            return False
        if found is None:
            return bool(self.foreign_owner)  # the supervisor starts ours again
        return found.pid == self._answered

    def _act(self, found: server.Running | None, reason: str) -> None:
        if not self.foreign_owner:
            self._programs.restart("neo4j", reason)
        elif not self._is_told:
            self._is_told = True
            what = f"process {found.pid}: {reason}" if found else "it has ended"
            self._programs.say(
                f"neo4j is in trouble ({what}). `{self.foreign_owner}` started it, so it is not restarted here. "
                "Use `manage.py neo4j stop` and `manage.py neo4j start`."
            )

    def send_alarms(self) -> None:
        """Send what the workers cannot say themselves, and which programs are not started any more."""
        try:
            alarms.watch_workers()
        except django.db.Error as error:
            logger.warning("The workers cannot be watched: %s", error)
        finally:
            connections.close_all()
        for name in self._programs.given_up:
            text = f"The program {name} keeps crashing and is no longer restarted. Look at the log."
            if name not in self._told and not alarms.send("program_given_up", text, program=name):
                self._told.append(name)


def has_space(folder: Path) -> bool:
    """Whether Neo4j can go on with the disk of this folder."""
    return shutil.disk_usage(folder).free >= NEEDED_BYTES

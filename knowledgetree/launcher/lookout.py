"""The lookout of ``manage.py run``: restarts a local Neo4j whose database has failed, and sends alarms.

It runs in a thread, because a Neo4j that hangs or a webhook that does not answer must not delay Ctrl-C.
"""

import logging
import shutil
import threading
from pathlib import Path

import django.db
from django.db import connections

from knowledgetree.launcher.supervisor import Supervisor
from syncing.schedules import alarms
from tree import queries
from tree.exceptions import GraphFailed, GraphOverloaded, GraphUnavailable

LOOK_SECONDS = 10.0
LOOKS_A_MINUTE = 6
FAILED_LOOKS = 2  # in a row, before a database that has failed is restarted
NEEDED_BYTES = 128 * 2**20  # Neo4j makes its files larger by up to 64 MB at a time
_CLOSED = "Neo.TransientError.General.DatabaseUnavailable"  # also while it starts, but not for a minute
logger = logging.getLogger(__name__)


class Lookout:
    """Looks after the local Neo4j in ``neo4j_home``, unless that is None, and after the workers."""

    def __init__(self, programs: Supervisor, neo4j_home: Path | None) -> None:
        self._programs = programs
        self._neo4j_home = neo4j_home
        self._failures = 0
        self._told: list[str] = []
        self._stop = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._look_again_and_again, name="lookout", daemon=True).start()

    def stop(self) -> None:
        """Do not look any more. A look that has begun is not waited for."""
        self._stop.set()

    def _look_again_and_again(self) -> None:
        looks = 0
        while not self._stop.wait(LOOK_SECONDS):
            looks += 1
            if self._neo4j_home is not None:
                self.look_at_neo4j(self._neo4j_home)
            if looks % LOOKS_A_MINUTE == 0:
                self.send_alarms()

    def look_at_neo4j(self, home: Path) -> None:
        """Have Neo4j restarted if its database has failed and its disk is not full (any more)."""
        try:
            queries.ping()
        except GraphFailed as error:
            self._failures += LOOKS_A_MINUTE // FAILED_LOOKS
            reason = str(error.__cause__)
        except GraphOverloaded as error:
            self._failures += 1 if error.code == _CLOSED else 0
            reason = str(error.__cause__)
        except GraphUnavailable:  # it hangs, or is being started
            self._failures = 0
        else:
            self._failures = 0
        if self._failures >= LOOKS_A_MINUTE and has_space(home):
            self._failures = 0
            self._programs.restart("neo4j", reason)

    def send_alarms(self) -> None:
        """Send what the workers cannot say themselves, and which programs are not started any more."""
        try:
            alarms.watch_workers()
        except django.db.Error as error:
            logger.warning("The workers cannot be watched: %s", error)
        finally:
            connections.close_all()
        for name in self._programs.given_up:
            text = f"The program {name} ends again and again and is not started any more. Look at the log."
            if name not in self._told and not alarms.send("program_given_up", text, program=name):
                self._told.append(name)


def has_space(folder: Path) -> bool:
    """Whether Neo4j can go on with the disk of this folder."""
    return shutil.disk_usage(folder).free >= NEEDED_BYTES

"""Backup of the graph to a file, and restore. Neo4j Community can do neither while its server is running."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from knowledgetree.basics.private_files import owner_only
from knowledgetree.launcher.neo4j_local import server
from knowledgetree.launcher.neo4j_local.exceptions import LocalNeo4jError
from knowledgetree.launcher.neo4j_local.installation import DATABASE, Installation, prepare, run_admin


def back_up(neo4j: Installation, file: Path) -> None:
    """Write the graph to ``file``, readable by its owner only. A running server is restarted.

    Raises LocalNeo4jError if ``file`` exists or cannot be written, there is no graph yet, or the command that started
    the server is still running.
    """
    if not neo4j.was_started_before:
        raise LocalNeo4jError(f"There is nothing to back up: the local Neo4j in {neo4j.home} never ran.")
    try:
        target = open(file, "xb", opener=owner_only)  # noqa: SIM115
    except FileExistsError as error:
        raise LocalNeo4jError(f"{file} exists already and is not overwritten; name another file.") from error
    except OSError as error:
        raise LocalNeo4jError(f"Cannot write {file}: {error.strerror}.") from error
    done = False
    try:
        with target, _stopped(neo4j):
            run_admin(neo4j, "database", "dump", DATABASE, "--to-stdout", stdout=target.fileno())
        done = True
    finally:
        if not done:
            file.unlink()


def restore(neo4j: Installation, file: Path) -> None:
    """Replace the graph by that in ``file``; if that fails, the present graph is kept.

    A running server is restarted. Raises LocalNeo4jError if ``file`` is not a backup, or the command that started the
    server is still running.
    """
    _require_backup(neo4j, file)
    with _stopped(neo4j), _set_aside(neo4j), file.open("rb") as source:
        run_admin(neo4j, "database", "load", DATABASE, "--from-stdin", stdin=source.fileno())


def _require_backup(neo4j: Installation, file: Path) -> None:
    if server.running(neo4j) is None:
        prepare(neo4j)  # neo4j-admin reads neo4j.conf, which a new installation does not have yet
    try:
        with file.open("rb") as source:
            run_admin(neo4j, "database", "load", DATABASE, "--from-stdin", "--info", stdin=source.fileno())
    except OSError as error:
        raise LocalNeo4jError(f"Cannot read {file}: {error.strerror}.") from error
    except LocalNeo4jError as error:
        raise LocalNeo4jError(f"{file} is not a backup of a Neo4j database. {error}") from error


@contextmanager
def _stopped(neo4j: Installation) -> Iterator[None]:
    found = server.running(neo4j)
    if found and found.is_attended:
        raise LocalNeo4jError(
            f"The local Neo4j is in use by `{found.owner}` (process {found.owner_pid}). "
            "Stop that first with Ctrl-C, then run this again."
        )
    server.stop(neo4j)
    try:
        yield
    finally:
        if found:
            server.start(neo4j, found.owner)


@contextmanager
def _set_aside(neo4j: Installation) -> Iterator[None]:
    """Move the present graph out of the way, and back if the body of the ``with`` statement fails."""
    stores = [neo4j.home / "data" / folder / DATABASE for folder in ("databases", "transactions")]
    with TemporaryDirectory(dir=neo4j.home / "data", prefix="before-restore-") as aside:
        moved = [(store, Path(aside) / store.parent.name) for store in stores if store.exists()]
        for store, place in moved:
            store.rename(place)
        try:
            yield
        except BaseException:
            for store, place in moved:
                shutil.rmtree(store, ignore_errors=True)
                place.rename(store)
            raise

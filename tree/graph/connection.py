"""The Neo4j driver of this process: created on first use, recreated after a fork, shared with neomodel.

neomodel would open a driver for every thread, and a driver must not cross a fork (django-q2 forks).
So neomodel's ``config.DRIVER`` is a ``ProcessDriver`` too. Nothing connects at import or in ``ready()``.
"""

import atexit
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeVar

from django.conf import settings
from neo4j import READ_ACCESS, WRITE_ACCESS, Driver, GraphDatabase, ManagedTransaction, Query, Session, unit_of_work
from neo4j.exceptions import (
    AuthError,
    ClientError,
    DriverError,
    Neo4jError,
    TransientError,
)
from tenacity import RetryCallState, Retrying, retry, retry_if_exception, stop_after_delay, wait_random_exponential

from tree.exceptions import GraphFailed, GraphOverloaded, GraphTimedOut, GraphUnavailable
from tree.graph.ignored import let_ignored_statements_fail
from tree.graph.limits import without_limits

READ_TIMEOUT_SECONDS = 5.0  # of a page, whose reader waits
WRITE_TIMEOUT_SECONDS = 60.0  # also the longest time that locks of a stopped process last
CONNECT_TIMEOUT_SECONDS = 1.5
ACQUISITION_SECONDS = 4  # to acquire a connection, which normally takes a few milliseconds
SCHEMA_PATIENCE_SECONDS = 60  # to find a moment without writers, of which even a busy tree has many
RETRY_SECONDS = 1.5  # a page must respond with 503 soon; long-running writers retry by themselves


T = TypeVar("T")
_read_seconds = ContextVar("read_seconds", default=READ_TIMEOUT_SECONDS)
_RESOLVED = re.compile(r" to Resolved\w*Address\(\([^.]*(?:\.\d+)*[^.]*")
_BROKEN = re.compile(r"Failed to (?:read|write)\b")
_RETRIED = (
    "Neo.TransientError.Transaction.DeadlockDetected",
    "Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists",
)
_TIMED_OUT = (
    "Neo.ClientError.Transaction.TransactionTimedOut",
    "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration",
    "Neo.ClientError.Transaction.LockClientStopped",  # while it waited for a lock
)
_NO_INDEX = "Neo.ClientError.Procedure.ProcedureCallFailed"


class ProcessDriver:
    """Looks like a neo4j Driver to neomodel; keeps one real driver for each process id."""

    def __init__(self, uri: str, **options: Any) -> None:
        self._uri, self._options = uri, options
        self._lock = threading.Lock()
        self._pid: int | None = None
        self._driver: Driver | None = None
        self._inherited: list[Driver] = []  # kept, because closing a parent's driver would close the parent's sockets

    def get(self) -> Driver:
        """The driver of this process. Creating it opens no connection."""
        with self._lock:
            if self._driver is None or self._pid != os.getpid():
                if self._driver is not None:
                    self._inherited.append(self._driver)
                self._driver = GraphDatabase.driver(self._uri, **self._options)
                self._pid = os.getpid()
            return self._driver

    def session(self, **options: Any) -> Session:
        return self.get().session(**options)

    def abandon(self) -> None:
        """Close the connections even if other threads are using them; the next use creates a new driver."""
        with self._lock:
            broken, self._driver = self._driver, None
        if broken is not None and self._pid == os.getpid():
            with suppress(BufferError, DriverError, OSError):  # a connection in use cannot be closed cleanly
                broken.close()

    def close(self) -> None:
        with self._lock:
            if self._driver is not None and self._pid == os.getpid():
                self._driver.close()
            self._driver = self._pid = None


@cache
def graph_driver() -> ProcessDriver:
    """The driver for ``settings.NEO4J``, not connected yet. It is closed when the process exits."""
    let_ignored_statements_fail()
    driver = ProcessDriver(
        settings.NEO4J.uri,
        auth=(settings.NEO4J.user, settings.NEO4J.password),
        connection_timeout=CONNECT_TIMEOUT_SECONDS,
        connection_acquisition_timeout=ACQUISITION_SECONDS,
        max_transaction_retry_time=0,  # ``_retried`` does it
        keep_alive=True,
        notifications_min_severity="OFF",
        user_agent="KnowledgeTree",
    )
    atexit.register(driver.close)
    return driver


def open_session(access: str) -> Session:
    """A session on the configured database, with the driver's own errors."""
    return graph_driver().session(database=settings.NEO4J.database, default_access_mode=access)


@contextmanager
def graph_session(access: str = READ_ACCESS) -> Iterator[Session]:
    """A session on the configured database.

    Raises GraphUnavailable for the driver's connection errors, GraphTimedOut when Neo4j ended the transaction,
    GraphOverloaded for what may succeed later, GraphFailed when the database must be restarted.
    """
    with _told_in_words(), open_session(access) as session:
        yield session


@contextmanager
def _told_in_words() -> Iterator[None]:
    try:
        yield
    except (Neo4jError, DriverError, OSError, ValueError, BufferError) as error:
        told = _told(error)
        if told is None:
            raise
        raise told from error


def _told(error: Exception) -> GraphUnavailable | None:
    """The error for people; None if the query is at fault, which is a bug, or a rule of the graph."""
    match error:
        case AuthError():
            return GraphUnavailable(
                f"Neo4j at {settings.NEO4J.uri} refuses the user {settings.NEO4J.user!r} or the password. "
                f"Correct neo4j_user and neo4j_password ({settings.NEO4J.source})."
            )
        case ClientError():
            return _refusal(error)
        case TransientError():
            reason = f"Neo4j at {settings.NEO4J.uri} could not do this at the moment: {error.message} Try again."
            return GraphOverloaded(reason, str(error.code))
        case Neo4jError():
            return GraphFailed(_failure(error))
        case ValueError() if not str(error).startswith("Cannot resolve address"):  # that is a failed DNS lookup
            return None
    return GraphUnavailable(unreachable(error))


def _refusal(error: ClientError) -> GraphUnavailable | None:
    """The error if Neo4j refuses this client or database, or took too long; None if the query is at fault."""
    if error.code in _TIMED_OUT:
        return GraphTimedOut(
            f"Neo4j at {settings.NEO4J.uri} took too long and has ended the transaction; nothing of it was "
            "written. Try again; if it stays so, look at the load and the memory of that machine."
        )
    if error.code == "Neo.ClientError.Database.DatabaseNotFound":
        return GraphUnavailable(
            f"Neo4j at {settings.NEO4J.uri} has no database {settings.NEO4J.database!r}. "
            "Correct NEO4J_DATABASE or neo4j_database."
        )
    if error.code == "Neo.ClientError.Security.AuthenticationRateLimit":
        return GraphUnavailable(
            f"Neo4j at {settings.NEO4J.uri} takes no password for the moment, after too many wrong ones. "
            f"Correct neo4j_user and neo4j_password ({settings.NEO4J.source}), wait ten seconds, and try again."
        )
    return None


def _failure(error: Neo4jError) -> str:
    remedy = (
        "`manage.py run` restarts it when the disk has space again; otherwise use `manage.py neo4j stop` and `start`."
        if settings.NEO4J.is_local
        else "Give its disk space if that is full, and restart it."
    )
    return f"The database of Neo4j at {settings.NEO4J.uri} has failed: {error.message} {remedy}"


def unreachable(error: Exception) -> str:
    """One line with the address, the setting that it comes from, the reason and what to do."""
    what_to_do = (
        "Start it with `manage.py neo4j start` or `make run`."
        if settings.NEO4J.is_local
        else "Is it running, is the address right, does a firewall stand between?"
    )
    lines = str(error).splitlines() or [type(error).__name__]
    reason = lines[-1].rpartition("(reason ")[2].rstrip(").") + "."  # the driver's last line has the system's reason
    reason = _RESOLVED.sub("", reason)  # the sentence already names the address
    if _BROKEN.match(reason) or isinstance(error, BufferError):  # the driver may find its own buffer still in use then
        reason = "It fell silent, or the connection broke."
    return f"Cannot reach Neo4j at {settings.NEO4J.uri} ({settings.NEO4J.source}): {reason} {what_to_do}"


def read(cypher: str, /, **parameters: Any) -> list[dict[str, Any]]:
    """The rows of a read query, as dicts. Queries must return columns, never nodes.

    A query may take READ_TIMEOUT_SECONDS, or as long as ``reads_may_take`` says. Raises GraphUnavailable,
    GraphTimedOut.
    """
    # A transaction of the driver's would go to Neo4j and back three times; this one goes once.
    asked = Query(without_limits(cypher, parameters), timeout=_read_seconds.get())

    def ask() -> list[dict[str, Any]]:
        with open_session(READ_ACCESS) as session:
            return [dict(record) for record in session.run(asked, parameters)]

    with _told_in_words():
        return _retried(ask)


def read_index(cypher: str, /, **parameters: Any) -> list[dict[str, Any]] | None:
    """Like ``read``, for a query of a full-text index; None while that is missing, as during a first sync."""
    try:
        return read(cypher, **parameters)
    except ClientError as error:
        if error.code != _NO_INDEX:
            raise
        return None


@contextmanager
def reads_may_take(seconds: float) -> Iterator[None]:
    """Give the reads inside more time than a page has: to commands that can wait for a Neo4j that has just started."""
    token = _read_seconds.set(seconds)
    try:
        yield
    finally:
        _read_seconds.reset(token)


def stream(cypher: str, /, **parameters: Any) -> Iterator[dict[str, Any]]:
    """Stream the rows of a read query without a time limit: for commands, never for a page."""
    with graph_session(READ_ACCESS) as session:
        for record in session.run(cypher, parameters):
            yield record.data()


def write(work: Callable[[ManagedTransaction], Any], seconds: float | None = None) -> Any:
    """Run ``work`` in a managed write transaction and return its result.

    The transaction may take ``seconds``, by default WRITE_TIMEOUT_SECONDS. Raises GraphUnavailable, GraphTimedOut.
    """
    with graph_session(WRITE_ACCESS) as session:
        return _retried(lambda: session.execute_write(unit_of_work(timeout=seconds or WRITE_TIMEOUT_SECONDS)(work)))


def _retried(transact: Callable[[], T]) -> T:
    """Retry what the driver calls retryable, for RETRY_SECONDS.

    The driver would try writes twice, and twice the silence of a Neo4j that hangs (four seconds each) is too long
    for a page. So the time counts from the beginning if the connection failed. It counts from the first failure if
    Neo4j has answered, because a deadlock may be noticed late.
    """
    failed_at: list[float] = []

    def stop(state: RetryCallState) -> bool:
        now = time.monotonic()
        failed_at.append(now)
        is_answer = state.outcome is not None and isinstance(state.outcome.exception(), Neo4jError)
        return now - (failed_at[0] if is_answer else state.start_time) > RETRY_SECONDS

    retrying = Retrying(
        retry=retry_if_exception(lambda e: isinstance(e, DriverError | Neo4jError) and e.is_retryable()),
        stop=stop,
        wait=wait_random_exponential(multiplier=0.2, max=1),
        reraise=True,
    )
    return retrying(transact)


def run_schema(cypher: str) -> None:
    """Run one schema statement in a transaction of its own, as Neo4j requires. Raises GraphUnavailable."""
    try:
        _run_schema(cypher)
    except GraphOverloaded as error:
        raise GraphUnavailable(f"The indexes of Neo4j were not changed. {error}") from error


@retry(
    retry=retry_if_exception(lambda error: getattr(error, "code", None) in _RETRIED),
    stop=stop_after_delay(SCHEMA_PATIENCE_SECONDS),
    wait=wait_random_exponential(multiplier=0.1, max=2),
    reraise=True,
)
def _run_schema(cypher: str) -> None:
    """Run the statement, with retries.

    The statement locks its labels one by one, and writers do so in another order: a deadlock is retried. A rule that
    another process creates at the same moment is retried too, because IF NOT EXISTS checks before it has the lock.
    """
    with graph_session(WRITE_ACCESS) as session:
        session.run(Query(cypher)).consume()

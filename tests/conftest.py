"""Fixtures that several folders share. ``graph`` is the one for every test that needs Neo4j."""

import gc
import shutil
import signal
import threading
from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from knowledgetree.audit import log
from knowledgetree.basics import time_limits
from knowledgetree.webhooks import events
from tests import answering, isolation
from tests.people import client_of
from tests.syncing.processes import wait_until
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme
from tree.files import inspection
from tree.graph import connection, schema
from tree.text import rendering

PATIENCE_SECONDS = 120.0
GARBAGE_FROM = 50_000  # objects; at Python's 700, looking for garbage takes a twelfth of the time of the tests
T = TypeVar("T")
pytest_plugins = ["tests.services.fixtures", "tests.selection"]


@pytest.fixture(autouse=True)
def _ctrl_c() -> Iterator[None]:
    """Ctrl-C works in every test, and in the programs that it starts, as at a terminal.

    A job that a shell starts in the background, or under nohup, ignores SIGINT, and so does what it starts.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def graph(started_graph: Graph) -> Graph:
    """A graph with nothing in it but what ``setup_graph`` makes, and no stored files of tests before.

    Those would be bytes without a record: ``check_graph`` tells of them once they are an hour old.
    """
    shutil.rmtree(settings.UPLOADS_DIR, ignore_errors=True)
    started_graph.empty()
    if not started_graph.made_again():
        schema.set_up()
        started_graph.remember()
    return started_graph


@pytest.fixture
def acme(graph: Graph) -> Acme:
    return Acme()


@pytest.fixture
def technician(db: None) -> Client:
    return client_of("technician")


@pytest.fixture
def billing(db: None) -> Client:
    return client_of("billing")


@pytest.fixture
def admin(db: None) -> Client:
    return client_of("admin")


@pytest.fixture
def live_server(live_server: LiveServer, transactional_db: None) -> Iterator[LiveServer]:
    """That of pytest-django. It is done with all requests, and has written the audit log, when tables are emptied."""
    yield live_server
    wait_until(lambda: not answering.is_going_on())


@pytest.fixture(autouse=True)
def _no_graph_is_waited_for(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that starts no Neo4j is told at once that there is none."""
    if request.node.get_closest_marker("quick"):
        monkeypatch.setattr(connection, "RETRY_SECONDS", 0.0)


@pytest.fixture(scope="session", autouse=True)
def _graph_without_sql() -> None:
    """A test or fixture of the graph alone may not use the SQL database; it writes no log and tells no webhook."""
    write, endpoints = log._write, events._endpoints
    log._write = lambda entries: _unless_forbidden(lambda: write(entries), None)
    events._endpoints = lambda: _unless_forbidden(endpoints, [])


def _unless_forbidden(ask: Callable[[], T], otherwise: T) -> T:
    try:
        return ask()
    except RuntimeError as error:
        if "Database access not allowed" not in str(error):  # the words of pytest-django
            raise
        return otherwise


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    """On a busy machine, a text is formatted and a file is read late, not refused. Tests of a limit set their own.

    A child that has given way to others gets the processor very late there, and is not taken for one that hangs.
    """
    time_limits._HANGS_SECONDS = PATIENCE_SECONDS
    for child in (rendering._children, inspection._children):
        child._seconds = PATIENCE_SECONDS


def pytest_configure() -> None:
    """Refuse any settings but the isolated ones, and let SIGTERM end the session as Ctrl-C does, with what failed."""
    if isolation.folder != settings.INSTANCE_DIR:
        raise pytest.UsageError("The tests run with tests.settings only; leave out --ds.")
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: pytest.exit("SIGTERM"))
    answering.watch()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Python does not look for garbage while tests are collected, and then less often, and not among them: all stay."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(GARBAGE_FROM)
        gc.enable()


def pytest_unconfigure() -> None:
    """Remove the instance folder of this session."""
    if isolation.folder:
        shutil.rmtree(isolation.folder, ignore_errors=True)

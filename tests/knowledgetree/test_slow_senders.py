"""Peers that send or read slowly hold no thread, get no more time than they need, and fill no disk.

And what the server has to see to besides: a response to HEAD has no body.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest
import requests
from django.conf import settings
from waitress import wasyncore
from waitress.adjustments import Adjustments

from knowledgetree import buffering_worker
from knowledgetree.buffering_worker import BODY_SECONDS, HEAD_SECONDS, LARGEST_BODY_BYTES, Nothing, Parser, Server
from knowledgetree.launcher.supervisor import read_procfile
from tests.isolation import free_ports

THREADS = 8  # of both processes
PEERS = 5 * THREADS
LARGE = "large.bin"
TOKEN = "t" * 32
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
ATTACKS = {
    "sends its head slowly": "GET /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    "sends its body slowly": "POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    f"Cookie: {settings.CSRF_COOKIE_NAME}={TOKEN}\r\n{FORM}Content-Length: 5000\r\n\r\nusername=",
    "reads a large file slowly": f"GET /static/{LARGE} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
}


@pytest.fixture(scope="module")
def site(neo4j_jars: object) -> Iterator[str]:
    """The address of the pages, served by the command of the Procfile. Other programs and tables are not needed."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    (settings.STATIC_ROOT / LARGE).write_bytes(os.urandom(2**23))
    with served() as (_, address):
        yield address


@contextmanager
def served() -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    [port] = free_ports(1)
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PORT": str(port),
        "DEBUG": "true",  # style sheets without collectstatic
    }
    command = f"exec {read_procfile(settings.BASE_DIR / 'Procfile')['web']}"
    web = subprocess.Popen(command, shell=True, cwd=settings.BASE_DIR, env=environment)  # noqa: S602 - as the launcher
    address = f"http://127.0.0.1:{port}"
    try:
        while web.poll() is None:
            try:
                requests.get(f"{address}/health/live", timeout=60)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield web, address
    finally:
        web.terminate()
        web.wait()


@contextmanager
def peers(address: str, sent: str) -> Iterator[list[socket.socket]]:
    """Connections on each of which this was sent, and nothing more happens."""
    port = int(address.rpartition(":")[2])
    with ExitStack() as opened:
        connections = [opened.enter_context(socket.socket()) for _ in range(PEERS)]
        for connection in connections:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", port))
            connection.sendall(sent.encode())
        yield connections


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_pages_answer_while_many_peers_are_slow(site: str, attack: str) -> None:
    with peers(site, ATTACKS[attack]):
        for _ in range(THREADS):
            assert requests.get(f"{site}/accounts/login/", timeout=60).status_code == 200


def test_sigterm_ends_the_pages_with_slow_peers(site: str) -> None:
    with served() as (web, address), peers(address, ATTACKS["sends its body slowly"]):
        family = psutil.Process(web.pid).children(recursive=True)
        web.send_signal(signal.SIGTERM)
        assert web.wait() == 0
        assert not [process for process in family if process.is_running() and process.status() != "zombie"]


def test_a_body_that_is_refused_is_read_to_its_end_so_that_the_refusal_arrives(site: str) -> None:
    too_large = b"x" * (settings.REQUEST_LIMIT_BYTES + 1)
    answer = requests.post(f"{site}/accounts/login/", too_large, timeout=60)
    assert answer.status_code == 413
    assert "This is too large" in answer.text
    answer = requests.post(f"{site}/node/root/files/", b"x" * 2**20, timeout=60, allow_redirects=False)
    assert answer.headers["Location"] == "/accounts/login/?next=/node/root/files/"


def test_a_response_to_head_ends_behind_its_head(site: str) -> None:
    with closing(HTTPConnection(site.removeprefix("http://"), timeout=60)) as connection:
        for path in ("/accounts/login/", f"/static/{LARGE}", "/api/v1/nodes/root"):
            connection.request("HEAD", path)
            head = connection.getresponse()
            head.read()
            connection.request("GET", path)
            assert len(connection.getresponse().read()) == int(head.headers["Content-Length"])


def parsed(head: str) -> Parser:
    parser = Parser(Adjustments(max_request_body_size=LARGEST_BODY_BYTES))
    parser.received(head.replace("\n", "\r\n").encode())
    return parser


SESSION = f"Cookie: a=b; {settings.SESSION_COOKIE_NAME}=x\n"


@pytest.mark.parametrize(
    ("head", "is_kept"),
    [
        ("POST /accounts/login/ HTTP/1.1\nContent-Length: 65536\n\n", True),
        ("POST /accounts/login/ HTTP/1.1\nContent-Length: 65537\n\n", False),
        ("POST /accounts/login/ HTTP/1.1\nTransfer-Encoding: chunked\n\n", False),
        (f"POST /node/root/files/ HTTP/1.1\n{SESSION}Content-Length: {settings.REQUEST_LIMIT_BYTES}\n\n", True),
        (f"POST /node/root/files/ HTTP/1.1\n{SESSION}Content-Length: {settings.REQUEST_LIMIT_BYTES + 1}\n\n", False),
        (f"POST /exchange/import/ HTTP/1.1\n{SESSION}Content-Length: {settings.REQUEST_LIMIT_BYTES + 1}\n\n", True),
        (f"POST /exchange/import/ HTTP/1.1\n{SESSION}Content-Length: {2 * settings.IMPORT_LIMIT_BYTES}\n\n", False),
        ("POST /exchange/import/ HTTP/1.1\nContent-Length: 65537\n\n", False),
        ("POST /api/upload/root HTTP/1.1\nAuthorization: Bearer kt_x\nContent-Length: 65537\n\n", True),
    ],
)
def test_nothing_is_kept_that_will_be_refused(head: str, is_kept: bool) -> None:
    parser = parsed(head)
    assert (type(parser.body_rcv.buf) is not Nothing) == is_kept
    assert parser.error is None


def test_a_disk_that_gets_full_refuses_what_is_written_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    parser = parsed(f"POST /node/root/files/ HTTP/1.1\n{SESSION}Content-Length: 5000000\n\n")
    monkeypatch.setattr(buffering_worker, "SPACE_LEFT_BYTES", 2**62)
    parser.received(b"x" * 400_000)
    assert not parser.completed  # still in memory
    parser.received(b"x" * 400_000)
    parser.received(b"x" * 400_000)
    assert (parser.completed, parser.error.code) == (True, 507)


@contextmanager
def one_connection(sent: str) -> Iterator[tuple[Server, socket.socket]]:
    """A server in this process that has read what a peer sent."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(None, _sock=listening, adj=Adjustments(), sockinfo=(0, 0, 0, 0), bind_socket=False)
    try:
        with socket.create_connection(listening.getsockname()) as peer:
            peer.sendall(sent.replace("\n", "\r\n").encode())
            while not any(channel.request for channel in server.active_channels.values()):
                wasyncore.loop(timeout=1, map=server._map, count=1)
            yield server, peer
    finally:
        server.task_dispatcher.shutdown()
        wasyncore.close_all(server._map)


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        ("GET / HTTP/1.1\nHost: x", HEAD_SECONDS),
        ("POST / HTTP/1.1\nContent-Length: 9000\n\n" + 500 * "x", BODY_SECONDS + 1),
    ],
)
def test_who_sends_too_slowly_is_cut_off(sent: str, seconds: int) -> None:
    with one_connection(sent) as (server, _):
        [channel] = server.active_channels.values()
        server.maintenance(channel.began_at + seconds - 0.5)
        assert not channel.will_close
        channel.last_activity = channel.began_at + seconds  # a byte now and then
        server.maintenance(channel.began_at + seconds + 0.5)
        assert channel.will_close

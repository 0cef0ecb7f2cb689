"""Asking a service that signs people in: slow ones are cut, and nobody else's credentials are sent."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from knowledgetree.accounts.sso import bounded_http
from knowledgetree.accounts.sso.bounded_http import NoAnswer, answer_of

HEAD, BODY = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n", b'{"a": 1}' + b" " * 60


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """The address of a server that answers one request so, and what it got."""
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                got.append(connection.recv(65_536))
                answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/keys", got
        thread.join(60)


def dripping(quickly: bytes, slowly: bytes, is_cut: threading.Event) -> Callable[[socket.socket], None]:
    """A valid answer, whose second part takes seconds."""

    def answer(connection: socket.socket) -> None:
        try:
            connection.sendall(quickly)
            for byte in slowly:
                is_cut.wait(0.05)
                connection.sendall(bytes([byte]))
        except OSError:
            is_cut.set()

    return answer


@pytest.mark.parametrize(
    ("quickly", "slowly"),
    [(b"", HEAD + b"\r\n" + BODY), (HEAD + b"\r\n", BODY), (HEAD + b"Content-Length: 68\r\n\r\n", BODY)],
    ids=["head", "body", "body with a length"],
)
def test_who_drips_is_cut(quickly: bytes, slowly: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_http, "WHOLE_SECONDS", 0.3)
    is_cut = threading.Event()
    with answering(dripping(quickly, slowly, is_cut)) as (url, _), pytest.raises(NoAnswer):
        answer_of("GET", url)
    assert is_cut.is_set()


def test_a_netrc_file_is_sent_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password of-another-service\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for headers, sent in (({}, b"Authorization"), ({"Authorization": "Bearer at-1"}, b"Basic")):
        with answering(lambda connection: connection.sendall(HEAD + b"\r\n" + BODY)) as (url, got):
            assert answer_of("GET", url, headers=headers) == (200, {"a": 1})
        assert sent not in got[0]
    assert b"Authorization: Bearer at-1" in got[0]

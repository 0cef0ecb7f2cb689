"""A limit on the time of a whole exchange over HTTP. The time-outs of sockets are for each read alone."""

import http.client
import socket
import threading
from contextlib import suppress
from typing import Any


class CutOff:
    """A context that cuts connections when the time is up, however slowly the other side goes on sending.

    Reading then fails, or ends as if that were all: ask ``has_cut``.
    """

    def __init__(self, seconds: float) -> None:
        self.has_cut = False
        self._connections: list[http.client.HTTPConnection] = []
        self._sockets: list[Any] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def watch(self, connection: http.client.HTTPConnection) -> None:
        """Cut this connection, too, which has not begun to connect."""
        connect = connection.connect

        def connect_and_keep() -> None:
            connect()
            self._sockets.append(connection.sock)  # a connection forgets it while the body of a last response is read
            if self.has_cut:
                raise TimeoutError

        connection.connect = connect_and_keep  # type: ignore[method-assign]
        self._connections.append(connection)

    def _cut(self) -> None:
        self.has_cut = True
        for sock in [*self._sockets, *(connection.sock for connection in self._connections)]:
            if isinstance(sock, socket.socket):
                with suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)  # below TLS, which may be reading

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

"""The workers of gunicorn, with waitress inside: it buffers requests and responses, so that slow peers hold no thread.

gunicorn's own threads read a request from the network themselves, and as many half-sent requests as there are threads
stop the site. Here a loop reads requests whole, and writes responses, for all connections of the process; a thread
works on a request that is there. gunicorn still opens the socket, starts the processes, and replaces one that ends.
"""

import io
import os
import resource
import tempfile
import time
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.urls import reverse
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.utilities import Error

CONNECTIONS = 1_000  # of a process
FILES_PER_CONNECTION = 3  # its socket, and a temporary file each for request and response
LARGEST_HEAD_BYTES = 2**16
IN_MEMORY_BYTES = 2**19  # of a request or response; the rest is in a temporary file
WAITING_RESPONSE_BYTES = 2**26  # a longer response waits, with its thread, for its reader; files are never buffered
ANONYMOUS_BODY_BYTES = 2**16  # of a request with neither session nor token, which can only be a login
SPACE_LEFT_BYTES = 2**26  # on the disk, for all that is not a temporary file
LARGEST_BODY_BYTES = 2**33  # of bodies that are read to be refused, too; more if IMPORT_LIMIT_MB needs it
# As Apache's mod_reqtimeout has it: https://httpd.apache.org/docs/2.4/mod/mod_reqtimeout.html
HEAD_SECONDS, BODY_SECONDS, BODY_BYTES_PER_SECOND = 20, 40, 500
IDLE_SECONDS = 60
LOOK_EVERY_SECONDS = 5
BEAT_SECONDS = 0.5


class InsufficientStorage(Error):
    """The response when the disk has no space for a request."""

    code = 507
    reason = "Insufficient Storage"


class Nothing(OverflowableBuffer):
    """Takes a body and keeps nothing of it."""

    def append(self, data: bytes) -> None:
        pass

    def getfile(self) -> io.BytesIO:
        return io.BytesIO()


class Parser(HTTPRequestParser):
    """Reads a request. Keeps no body that the middleware will refuse by the head of the request.

    A peer that is still sending would miss the refusal, so the body is read to its end.
    """

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.body_rcv is not None and not self._is_wanted():
            self.body_rcv.buf = Nothing(0)

    def received(self, data: bytes) -> int:
        if self.body_bytes_received > IN_MEMORY_BYTES and not _has_space():
            return self._refuse(data)
        try:
            return int(super().received(data))
        except OSError:  # the disk is full, or the limit of open files is reached
            return self._refuse(data)

    def _is_wanted(self) -> bool:
        has_session = f"{settings.SESSION_COOKIE_NAME}=" in self.headers.get("COOKIE", "")
        if not has_session and "AUTHORIZATION" not in self.headers:
            return bool(not self.chunked and self.content_length <= ANONYMOUS_BODY_BYTES)
        more = settings.IMPORT_LIMIT_BYTES if self.path == reverse("import") else 0
        return bool(self.content_length <= settings.REQUEST_LIMIT_BYTES + more)

    def _refuse(self, data: bytes) -> int:
        self.error = InsufficientStorage("The disk of the server is full. Nothing was saved.")
        self.completed = True
        return len(data)


class Channel(HTTPChannel):
    """A connection. ``began_at``: when its unfinished request began."""

    parser_class = Parser
    began_at = 0.0

    def received(self, data: bytes) -> bool:
        before = self.request
        is_read = bool(super().received(data))
        if self.request is not before:
            self.began_at = time.time()
        return is_read

    def is_too_slow(self, now: float) -> bool:
        request = self.request
        if request is None:
            return False
        if not request.headers_finished:
            return now - self.began_at > HEAD_SECONDS
        allowed: float = BODY_SECONDS + request.body_bytes_received / BODY_BYTES_PER_SECOND
        return now - self.began_at > allowed


class Server(TcpWSGIServer):
    """Reads and writes for all connections of the process."""

    channel_class = Channel

    def maintenance(self, now: float) -> None:
        """Close idle connections, and those that send too slowly."""
        super().maintenance(now)
        for channel in self.active_channels.values():
            if channel.is_too_slow(now):
                channel.will_close = True

    def has_work(self) -> bool:
        """Whether a request is being worked on, or a response is being sent."""
        return any(channel.requests or channel.total_outbufs_len for channel in self.active_channels.values())


class BufferingWorker(Worker):
    """A process of gunicorn; its ``--threads`` work on requests."""

    def run(self) -> None:
        tempfile.tempdir = str(settings.INSTANCE_DIR)  # /tmp may be in memory
        connections = _connections()
        adjustments = Adjustments(
            threads=self.cfg.threads,
            sockets=[self.sockets[0].sock],
            connection_limit=connections,
            asyncore_use_poll=True,
            max_request_header_size=LARGEST_HEAD_BYTES,
            max_request_body_size=max(LARGEST_BODY_BYTES, 2 * settings.IMPORT_LIMIT_BYTES),
            inbuf_overflow=IN_MEMORY_BYTES,
            outbuf_overflow=IN_MEMORY_BYTES,
            outbuf_high_watermark=WAITING_RESPONSE_BYTES,
            recv_bytes=2**16,
            channel_timeout=IDLE_SECONDS,
            cleanup_interval=LOOK_EVERY_SECONDS,
            clear_untrusted_proxy_headers=False,  # knowledgetree/middleware/proxies.py knows whom to trust
            log_socket_errors=False,
            ident=None,
        )
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(adjustments.threads)
        socket = adjustments.sockets[0]
        server = Server(
            without_body_for_head(self.wsgi),
            _sock=socket,
            dispatcher=dispatcher,
            adj=adjustments,
            sockinfo=(socket.family, socket.type, socket.proto, socket.getsockname()),
            bind_socket=False,
        )
        while self.alive and os.getppid() == self.ppid:
            self.notify()
            _serve(server, BEAT_SECONDS)
        self._finish(server)

    def _finish(self, server: Server) -> None:
        """Accept no more, and let the present requests end, for at most ``--graceful-timeout`` seconds."""
        server.accepting = False
        give_up_at = time.monotonic() + self.cfg.graceful_timeout
        while server.has_work() and time.monotonic() < give_up_at:
            _serve(server, BEAT_SECONDS)


def without_body_for_head(application: WSGIApplication) -> WSGIApplication:
    """The application, without the body of a response to HEAD, which waitress would send and no peer expects."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = application(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return body
        if close := getattr(body, "close", None):
            close()
        return []

    return answer


def _serve(server: Server, seconds: float) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        wasyncore.loop(timeout=left, use_poll=True, map=server._map, count=1)


def _has_space() -> bool:
    disk = os.statvfs(settings.INSTANCE_DIR)
    return disk.f_bavail * disk.f_frsize > SPACE_LEFT_BYTES


def _connections() -> int:
    """The number of connections that the process may have, after raising its limit of open files as far as allowed."""
    wanted = CONNECTIONS * FILES_PER_CONNECTION + 200
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        soft = allowed
    usable = wanted if soft == resource.RLIM_INFINITY else soft
    return max(min((usable - 200) // FILES_PER_CONNECTION, CONNECTIONS), 50)

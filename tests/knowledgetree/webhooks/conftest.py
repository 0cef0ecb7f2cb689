"""A receiver of webhooks: a real HTTP server on 127.0.0.1 that keeps what it gets."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from knowledgetree.basics.marks import marks
from knowledgetree.webhooks.event_types import EventType
from knowledgetree.webhooks.models import Endpoint
from knowledgetree.webhooks.secrets import encrypted, new_secret


@dataclass
class Receiver:
    """``statuses``: what it answers, one after the other, and then 204. ``got``: headers and body of each request."""

    url: str = ""
    secret: str = field(default_factory=new_secret)
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)

    def endpoint(self, *events: EventType, **more: Any) -> Endpoint:
        """An endpoint that is told of these events, or of all, here."""
        chosen = [event.value for event in events or EventType]
        given: dict[str, Any] = {"name": "Board", "url": f"{self.url}/hook?a=1", "events": chosen}
        return Endpoint.objects.create(**given | {"secret": encrypted(self.secret)} | more)


@contextmanager
def serving(kept: Receiver, certificate: Path | None = None) -> Iterator[None]:
    """Serve this receiver, at ``https://localhost`` if there is a file with a key and a certificate."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            kept.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(kept.statuses.pop(0) if kept.statuses else 204)
            for name, value in kept.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept.url = f"http://127.0.0.1:{server.server_address[1]}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            kept.url = kept.url.replace("http://127.0.0.1", "https://localhost")
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield
        server.shutdown()


@pytest.fixture
def receiver(settings: LazySettings) -> Iterator[Receiver]:
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    marks.clear()
    kept = Receiver()
    with serving(kept):
        yield kept

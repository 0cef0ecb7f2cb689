"""A proxy that treats requests and pages as HiveMatrix's Nexus does, in front of a server of ours.

It hands GET and POST on, with one value for each name of the query, replaces ``Authorization`` by the person's token of
Core, and parses each page anew: what stands in the body moves into an element of its own, beside a panel with links and
scripts.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
from bs4 import BeautifulSoup

PREFIX = "/knowledgetree"
SECONDS = 120
_OF_THE_CONNECTION = {"connection", "content-encoding", "content-length", "host", "transfer-encoding", "keep-alive"}
_PANEL = """
<nav class="side-panel"><a id="to-codex" href="/codex/">Codex</a></nav>
<script>document.documentElement.dataset.theme = "dark"; window.nexusRan = true;</script>
"""
_CODEX = b"<!doctype html><title>Codex</title><h1>Codex itself</h1>"


@contextmanager
def nexus(server: str, token: str) -> Iterator[str]:
    """The address of a running Nexus, whose visitor has this token of Core. ``server``: the address of ours."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._hand_on()

        def do_POST(self) -> None:
            self._hand_on()

        def log_message(self, *args: object) -> None:
            pass

        def _hand_on(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if not parts.path.startswith(PREFIX):
                self._send(200, {"Content-Type": "text/html"}, _CODEX)
                return
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_THE_CONNECTION}
            headers |= {
                "Authorization": f"Bearer {token}",
                "X-Forwarded-For": self.client_address[0],
                "X-Forwarded-Host": self.headers["Host"],
                "X-Forwarded-Proto": "http",
                "X-Forwarded-Prefix": PREFIX,
            }
            query: dict[str, str] = {}
            for name, value in parse_qsl(parts.query, keep_blank_values=True):
                query.setdefault(name, value)
            answer = requests.request(
                self.command,
                server + unquote(parts.path.removeprefix(PREFIX)),
                params=query,
                data=body,
                headers=headers,
                timeout=SECONDS,
                allow_redirects=False,
            )
            kept = [(n, v) for n, v in answer.raw.headers.items() if n.lower() not in _OF_THE_CONNECTION]
            is_page = answer.headers.get("Content-Type", "").startswith("text/html")
            self._send(answer.status_code, kept, _changed(answer.content) if is_page else answer.content)

        def _send(self, status: int, headers: dict[str, str] | list[tuple[str, str]], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items() if isinstance(headers, dict) else headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


def _changed(page: bytes) -> bytes:
    soup = BeautifulSoup(page, "html.parser")
    if soup.body is None:
        return page
    content = soup.new_tag("div", attrs={"class": "hivematrix-content"})
    for child in list(soup.body.children):
        content.append(child.extract())
    soup.body.append(BeautifulSoup(_PANEL, "html.parser"))
    soup.body.append(content)
    return str(soup).encode()

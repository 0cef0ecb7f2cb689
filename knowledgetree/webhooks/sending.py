"""One signed request, to a checked address, within a time limit; redirects are not followed."""

import http.client
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from urllib.parse import urlsplit

import certifi
from standardwebhooks import Webhook

from knowledgetree.basics.cut_off import CutOff
from knowledgetree.webhooks.addresses import AddressRefused, NameUnknown, checked_url, resolved

TIMEOUT_SECONDS = 10.0
_READ_BYTES = 4096
_GONE = 410


@dataclass(frozen=True)
class Outcome:
    """How a try ended. ``status`` is 0 without a response; ``problem`` is empty if the event was taken."""

    status: int
    problem: str
    ms: int

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants nothing any more."""
        return self.status == _GONE


def send(url: str, secret: str, event_id: str, body: str, now: datetime) -> Outcome:
    """Send an event. Nothing of the response is kept but its status."""
    began = time.monotonic()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "KnowledgeTree-Webhooks",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, now, body),
    }
    status, problem = 0, ""
    try:
        status = _post(url, body.encode(), headers)
    except (AddressRefused, NameUnknown) as error:
        problem = str(error)
    except TimeoutError:
        problem = f"No response within {TIMEOUT_SECONDS:.0f} seconds."
    except ssl.SSLError as error:
        problem = f"The connection is not safe: {error.reason or type(error).__name__}."
    except (OSError, ValueError, http.client.HTTPException) as error:
        problem = f"It could not be reached ({type(error).__name__})."
    if status and not 200 <= status < 300:
        problem = f"It answered {status}."
    return Outcome(status, problem, round((time.monotonic() - began) * 1000))


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of the response. Raises OSError, ValueError, HTTPException, AddressRefused, NameUnknown."""
    parts = urlsplit(checked_url(url))
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = resolved(host, port)
    kind = _PinnedHTTPS if parts.scheme == "https" else _Pinned
    connection = kind(host, port, address)
    cut_off = CutOff(TIMEOUT_SECONDS)
    cut_off.watch(connection)
    with cut_off:
        try:
            connection.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
            response = connection.getresponse()
            with suppress(OSError, http.client.HTTPException):  # the status has come
                response.read(_READ_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise TimeoutError if cut_off.has_cut else error from error
        finally:
            connection.close()
    return response.status


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, whatever its host's name stands for."""

    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=TIMEOUT_SECONDS)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)


class _PinnedHTTPS(_Pinned):
    """The same with TLS; the certificate must be of the host's name."""

    default_port = 443

    def connect(self) -> None:
        super().connect()
        safe = _tls().wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
        self.sock = safe  # before the handshake, so that this can be cut, too
        safe.do_handshake()


@cache
def _tls() -> ssl.SSLContext:
    """It trusts whom this host and certifi trust. Loading that takes longer than a request."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context

"""HTTP to the services that sign people in, with limits on time and size."""

import json
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from knowledgetree.basics.cut_off import CutOff

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 2, 3, 5
MOST_BYTES = 256 * 1024


class NoAnswer(Exception):
    """The service gave no answer that can be used."""


def answer_of(method: str, url: str, **sent: Any) -> tuple[int, Any]:
    """The status and the JSON of the answer, None if it is not JSON. ``sent``: arguments of ``requests.request``.

    Raises NoAnswer if the service cannot be reached, or its answer is too slow or too large. A redirect is not
    followed, because a token or secret that was sent there must not go elsewhere.
    """
    limits: Any = {"timeout": (CONNECT_SECONDS, READ_SECONDS), "allow_redirects": False, "stream": True}
    cut_off = CutOff(WHOLE_SECONDS)
    try:
        with (
            cut_off,
            _session(cut_off) as session,
            session.request(method, url, auth=_nobody_else, **limits, **sent) as response,
        ):
            content = b""
            for piece in response.iter_content(8192):
                content += piece
                if len(content) > MOST_BYTES:
                    raise NoAnswer(f"The answer of {url} is too large.")
    except requests.RequestException as error:
        raise NoAnswer(f"{url} does not answer: {type(error).__name__}.") from error
    if cut_off.has_cut:
        raise NoAnswer(f"The answer of {url} is too slow.")
    return response.status_code, _decoded(content)


def _nobody_else(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Without ``auth``, requests would send the credentials of ~/.netrc, even in place of a token."""
    return request


def _session(cut_off: CutOff) -> requests.Session:
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Cuttable(cut_off))
    return session


class _Cuttable(HTTPAdapter):
    """Has its connections cut when the time is up."""

    def __init__(self, cut_off: CutOff) -> None:
        super().__init__()
        self._cut_off = cut_off

    def get_connection_with_tls_context(self, *arguments: Any, **more: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*arguments, **more)
        kind = pool.ConnectionCls

        def connection(**given: Any) -> Any:
            made = kind(**given)
            self._cut_off.watch(made)
            return made

        pool.ConnectionCls = connection
        return pool


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None

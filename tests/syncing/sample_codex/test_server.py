"""The server itself: keep-alive, prefix, log, and being gone when it is stopped."""

import pytest
import requests

from syncing.sample_codex import faults
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import API_KEY, MakeCodex, fake_codex
from tests.syncing.sample_codex.conftest import Ask

HEADERS = {"Authorization": f"Bearer {API_KEY}"}


def test_one_connection_serves_many_requests(codex: SampleCodex) -> None:
    with requests.Session() as session:
        for path in ("/api/companies", "/api/companies/bulk", "/nothing", "/api/companies"):
            assert session.get(codex.url + path, headers=HEADERS, timeout=20).content

    assert codex.connections == 1


def test_it_listens_on_loopback_only(codex: SampleCodex) -> None:
    assert codex.url == f"http://127.0.0.1:{codex.port}"


@pytest.mark.parametrize("prefix", ["/codex", "codex/", "a/b"])
def test_everything_is_below_the_prefix(make_codex: MakeCodex, ask: Ask, prefix: str) -> None:
    codex = make_codex(prefix=prefix)

    assert codex.url.endswith("/" + prefix.strip("/"))
    assert ask(codex, "/api/companies").status_code == 200
    assert ask(codex, "/.well-known/jwks.json").status_code == 200
    root = requests.get(f"http://127.0.0.1:{codex.port}/api/companies", headers=HEADERS, timeout=20)
    assert root.status_code == 404


def test_the_log_has_every_request_and_no_token(codex: SampleCodex, ask: Ask) -> None:
    ask(codex, "/api/companies")
    ask(codex, "/api/tickets?limit=5", token=None)

    entries = [(e.method, e.path, e.query, e.has_token, e.status) for e in codex.requests()]
    assert entries == [
        ("GET", "/api/companies", "", True, 200),
        ("GET", "/api/tickets", "limit=5", False, 401),
    ]
    assert [e.path for e in codex.requests("/api/tickets")] == ["/api/tickets"]
    assert API_KEY not in repr(codex.log)
    assert codex.log[0].time <= codex.log[1].time


def test_stopped_it_refuses_and_drops_open_connections(codex: SampleCodex, ask: Ask) -> None:
    with requests.Session() as session:
        session.get(f"{codex.url}/health", timeout=20)
        codex.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(f"{codex.url}/health", timeout=20)

    codex.start()
    assert ask(codex, "/health").status_code == 200


def test_stop_twice_is_fine(codex: SampleCodex) -> None:
    codex.stop()
    codex.stop()


def test_stop_does_not_wait_for_a_slow_answer(make_codex: MakeCodex, ask: Ask) -> None:
    codex = make_codex()
    codex.faults.add(faults.delay(600))
    with pytest.raises(requests.ReadTimeout):
        ask(codex, "/health", timeout=0.2)

    codex.stop()


def test_a_taken_port_is_an_os_error(codex: SampleCodex) -> None:
    second = SampleCodex(codex.world, api_key=None, port=codex.port)

    with pytest.raises(OSError, match="in use"):
        second.start()


def test_fake_codex_is_gone_after_the_with() -> None:
    with fake_codex() as codex:
        url = codex.url
        assert requests.get(f"{url}/health", timeout=20).status_code == 200

    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/health", timeout=20)

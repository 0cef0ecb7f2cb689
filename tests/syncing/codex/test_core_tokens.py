"""Tokens of Core: renewed when they run out, asked for once more when refused, never more often."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from syncing.codex.client import CodexClient
from syncing.exceptions import CodexError, CodexRefused, CodexUnavailable
from syncing.models import RequestBudget
from syncing.sample_codex import faults
from syncing.sample_codex.answer import Answer
from syncing.sample_codex.faults import ALWAYS, Call
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import MakeCodex
from tests.graph_assertions import graph_hash
from tests.syncing.conftest import Sync, Use
from tests.throwaway_neo4j import Graph

TOKEN = "/service-token"


@pytest.fixture
def with_core(make_codex: MakeCodex, use: Use) -> SampleCodex:
    """An old Codex that takes tokens only: many requests a run."""
    return use(make_codex(api_key=None, bulk=False), core=True)


def test_one_token_serves_a_run(with_core: SampleCodex, sync: Sync) -> None:
    assert sync("sync_codex").code == 0
    assert len(with_core.requests(TOKEN)) == 1


def test_a_token_that_runs_out_is_renewed_before(with_core: SampleCodex, sync: Sync) -> None:
    with_core.core.token_seconds = 31  # our margin is 30: it is good for a second, so each request may need another
    assert sync("sync_codex").code == 0
    with_core.core.token_seconds = 5
    assert sync("sync_codex").code == 0
    assert len(with_core.requests(TOKEN)) > 5
    assert all(entry.status != 401 for entry in with_core.requests())


def test_a_token_that_is_refused_in_mid_run_is_renewed_once(with_core: SampleCodex, sync: Sync) -> None:
    with_core.faults.add(faults.unauthorized(), "/api/companies/*/assets", times=1)
    assert sync("sync_codex").code == 0
    assert len(with_core.requests(TOKEN)) == 2


def test_always_401_costs_two_tokens_and_changes_nothing(with_core: SampleCodex, sync: Sync, graph: Graph) -> None:
    assert sync("sync_codex").code == 0
    before = graph_hash(graph, stamps=True)
    with_core.log.clear()
    with_core.faults.add(faults.unauthorized(), "/api/*", times=ALWAYS)
    failed = sync("sync_codex")
    assert failed.code == 1
    assert len(with_core.requests(TOKEN)) == 2
    assert "SERVICE_NAME" in failed.run.reason
    assert graph_hash(graph, stamps=True) == before


def test_403_is_not_tried_with_another_token(with_core: SampleCodex, sync: Sync, graph: Graph) -> None:
    with_core.faults.add(faults.status(403), "/api/*", times=ALWAYS)
    assert sync("sync_codex").code == 1
    assert len(with_core.requests(TOKEN)) == 1


CORE_FAULTS: dict[str, tuple[faults.Responder, str]] = {
    "500": (faults.status(500), "Core answers 500"),
    "HTML": (faults.html(), "holds no token. Check that core.url"),
    "no token": (faults.body(b"{}"), "holds no token"),
    "null": (faults.body(b'{"token": null}'), "holds no token"),
    "a list": (faults.body(b"[]"), "holds no token"),
    "no JWT": (faults.body(b'{"token": "abc"}'), "no JWT with an end. Check that core.url"),
    "deep": (faults.nested(100_000), "holds no token"),
    "unknown": (faults.error(400, "Unknown service"), "Is SERVICE_NAME a service that Core knows?"),
    "reset": (faults.reset(), "Cannot connect to Core"),
}


@pytest.mark.parametrize("name", CORE_FAULTS)
def test_core_is_ill(name: str, with_core: SampleCodex, sync: Sync, graph: Graph) -> None:
    respond, expected = CORE_FAULTS[name]
    with_core.faults.add(respond, TOKEN, times=ALWAYS)
    failed = sync("sync_codex")
    assert failed.code == 1
    assert expected in failed.run.reason
    assert len(failed.err.strip().splitlines()) == 1
    assert len(with_core.requests(TOKEN)) <= 5


def test_core_is_down(with_core: SampleCodex, use: Use, sync: Sync, graph: Graph) -> None:
    use(with_core, core=True, core_url="http://127.0.0.1:9")
    failed = sync("sync_codex")
    assert failed.code == 1
    assert "Cannot connect to Core at http://127.0.0.1:9/service-token" in failed.run.reason


def test_troubles_of_core_are_told_as_those_of_core(with_core: SampleCodex, use: Use, sync: Sync, graph: Graph) -> None:
    use(with_core, core=True, core_source="CORE_SERVICE_URL")
    assert sync("sync_codex").code == 0
    with_core.core.token_seconds = 1  # so each request needs a new one
    for respond, times in ((faults.status(503), ALWAYS), (faults.reset(), ALWAYS), (faults.html(), ALWAYS)):
        with_core.log.clear()
        with_core.faults.add(respond, TOKEN, first=4, times=times)
        failed = sync("sync_codex")
        assert failed.code == 1, "no list of Codex is at fault"
        assert f"Core at {with_core.url}/service-token (CORE_SERVICE_URL)" in failed.run.reason
        assert "Codex runs" not in failed.run.reason
        assert len(with_core.requests(TOKEN)) <= 3 + 5
        with_core.faults.clear()


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("Unknown calling_service", "stand in its own services.json: add 'knowledgetree' there"),
        ("Unknown target_service", "add 'codex' there"),
        ("Invalid calling_service format", "SERVICE_NAME may have lower-case letters"),
    ],
)
def test_what_core_refuses_is_explained(
    said: str, advice: str, with_core: SampleCodex, transactional_db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with_core.faults.add(faults.error(400, said), TOKEN, times=ALWAYS)
    with pytest.raises(SystemExit):
        call_command("check_codex")
    shown = capsys.readouterr().out
    assert said in shown
    assert advice in shown


def test_check_codex_says_why_codex_is_degraded(
    with_core: SampleCodex, transactional_db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    checks = {
        "database": {"status": "healthy"},
        "disk": {"status": "degraded", "message": "3 % free"},
        "dependencies": {"core": {"status": "unhealthy", "error": "timed out"}, "keycloak": {"status": "healthy"}},
    }
    report = json.dumps({"status": "degraded", "checks": checks}).encode()
    with_core.faults.add(faults.body(report), "/health", times=ALWAYS)
    call_command("check_codex")
    shown = capsys.readouterr().out
    assert "Health: degraded (disk: degraded, 3 % free; dependencies: core: unhealthy, timed out)" in shown


def test_a_real_hivematrix_takes_no_api_key(
    with_core: SampleCodex, use: Use, transactional_db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    use(with_core)
    with pytest.raises(SystemExit):
        call_command("check_codex")
    shown = capsys.readouterr().out
    assert "refuses us with 401" in shown
    assert "takes no API key at all" in shown


def test_core_comes_back(with_core: SampleCodex, sync: Sync, graph: Graph) -> None:
    with_core.faults.add(faults.status(503), TOKEN, times=3)
    assert sync("sync_codex").code == 0


@pytest.mark.parametrize("core", [False, True], ids=["key", "tokens"])
def test_a_netrc_file_replaces_no_key_and_goes_to_nobody(
    core: bool,
    make_codex: MakeCodex,
    use: Use,
    transactional_db: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password of-another-service\n")
    monkeypatch.setenv("NETRC", str(netrc))
    codex = use(make_codex(), core=core)
    sent: dict[str, str | None] = {}

    def look(call: Call) -> Answer:
        sent[call.request.path] = call.request.authorization
        return call.answer()

    codex.faults.add(look, times=ALWAYS)
    with CodexClient() as client:
        client.health()
        assert len(client.companies()) == 3
    assert (sent.pop("/api/companies") or "").startswith("Bearer ")
    assert set(sent) == ({"/health", "/service-token"} if core else {"/health"})
    assert set(sent.values()) == {None}


def test_an_unknown_service_name(with_core: SampleCodex, use: Use, transactional_db: None) -> None:
    use(with_core, core=True, service_name="stranger")
    with CodexClient() as client, pytest.raises(CodexRefused, match="'stranger'"):
        client.companies()


def test_a_codex_behind_a_path(make_codex: MakeCodex, use: Use, sync: Sync, graph: Graph) -> None:
    codex = use(make_codex(prefix="/codex"))
    assert codex.url.endswith("/codex")
    assert sync("sync_codex").code == 0


def test_check_codex_is_clear_about_an_outage(
    with_core: SampleCodex, use: Use, capsys: pytest.CaptureFixture[str], transactional_db: None
) -> None:
    call_command("check_codex")
    assert "Holds 3 companies" in capsys.readouterr().out
    with_core.stop()
    with pytest.raises(SystemExit) as ending:
        call_command("check_codex")
    assert ending.value.code == 1
    shown = capsys.readouterr().out
    assert "Not usable: Cannot connect to Codex" in shown
    assert "codex.url in services.json" in shown


def test_health_translates_every_fault(with_core: SampleCodex, transactional_db: None) -> None:
    for respond in (faults.reset(), faults.html(), faults.nested(100_000)):
        with_core.faults.clear()
        with_core.faults.add(respond, "/health", times=ALWAYS)
        with CodexClient() as client, pytest.raises(CodexError):
            client.health()


def test_an_unhealthy_codex_tells_its_health(with_core: SampleCodex, transactional_db: None) -> None:
    with_core.faults.add(faults.body(b'{"status": "unhealthy"}', 503), "/health")
    with CodexClient() as client:
        assert client.health() == {"status": "unhealthy"}


def test_a_health_report_takes_a_turn_and_is_counted(with_core: SampleCodex, transactional_db: None) -> None:
    with_core.faults.add(faults.status(503), "/health", times=1)
    before = RequestBudget.objects.filter(name="minute").count()
    with CodexClient() as client:
        client.health()
        assert client.requests == 1
    assert (before, RequestBudget.objects.filter(name="minute").count()) == (0, 1)


@pytest.mark.parametrize("path", ["/health", TOKEN])
def test_small_answers_have_a_size_and_an_end_too(
    path: str, with_core: SampleCodex, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask() -> None:
        with CodexClient() as client:
            client.health()
            client.companies()

    for respond in (faults.gzip_bomb(60), faults.endless()):
        with_core.faults.add(respond, path, times=ALWAYS)
        with pytest.raises(CodexError, match="larger than 1 MB"):
            ask()
        with_core.faults.clear()
    monkeypatch.setattr("syncing.codex.request_retries.ATTEMPTS", 2)
    monkeypatch.setattr("syncing.codex.responses.REQUEST_DEADLINE_SECONDS", 0.3)
    with_core.faults.add(faults.drip(5, 0.05), path, times=ALWAYS)
    with pytest.raises(CodexUnavailable, match="takes too long"):
        ask()

"""Complete or exception: whatever is wrong with Codex, the graph stays as it was and one line says why."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from syncing.codex import snapshot
from syncing.codex.client import CodexClient
from syncing.codex.throttle import wait_for_turn
from syncing.exceptions import CodexFailing
from syncing.models import SyncRun
from syncing.sample_codex import faults
from syncing.sample_codex.answer import Answer, Framing
from syncing.sample_codex.faults import ALWAYS, Responder
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import MakeCodex
from tests.graph_assertions import graph_hash
from tests.isolation import free_ports
from tests.syncing.conftest import Breaches, Finished, Sync, Use
from tests.throwaway_neo4j import Graph

pytestmark = pytest.mark.usefixtures("no_turns")
COMMANDS = ("sync_codex", "sync_tickets")
ELSEWHERE = "http://127.0.0.1:9/elsewhere"

BROKEN: dict[str, tuple[Responder, str]] = {
    "401": (faults.unauthorized(), "refuses us with 401"),
    "403": (faults.status(403), "refuses us with 403"),
    "always 500": (faults.status(500), "answers 500"),
    "always 503 with HTML": (faults.html(503), "answers 503"),
    "always 429": (faults.status(429, Retry_After="0"), "answers 429"),
    "a login page": (faults.html(), "instead of JSON"),
    "a redirect": (faults.redirect(ELSEWHERE), "Give codex.url the address it leads to"),
    "no content": (faults.body(b"", 204), "answers 204"),
    "a teapot": (faults.status(418), "Look into the log of Codex"),
    "unnamed type": (faults.content_type(None), "an unnamed type instead of JSON"),
    "null": (faults.body(b"null"), "manage.py check_codex"),
    "an object": (faults.body(b'{"companies": []}'), "/api/companies"),
    "a text": (faults.body(b'"[]"'), "/api/companies"),
    "nothing at all": (faults.body(b""), "/api/companies"),
    "a mark before": (faults.body(b"\xef\xbb\xbf[]"), "/api/companies"),
    "bad UTF-8": (faults.body(b'["\xff"]'), "/api/companies"),
    "NaN": (faults.body(b"[NaN]"), "/api/companies"),
    "something after": (faults.body(b"[] []"), "/api/companies"),
    "100,000 lists in each other": (faults.nested(100_000), "/api/companies"),
    "reset": (faults.reset(), "Cannot connect to Codex"),
    "reset in the middle": (faults.reset(after=500), "/api/companies"),
    "cut, by length": (faults.cut(300), "/api/companies"),
    "cut, chunked": (faults.cut(300, Framing.CHUNKED), "/api/companies"),
    "cut, until closed": (faults.cut(300, Framing.CLOSE), "/api/companies"),
    "too long": (faults.wrong_length(+50), "/api/companies"),
    "too short": (faults.wrong_length(-50), "/api/companies"),
}


@pytest.fixture
def unchanged(graph: Graph, mirrored: SampleCodex) -> Callable[[Finished], None]:
    """Proves that a failed run wrote nothing and said why in one line."""
    before = graph_hash(graph, stamps=True)

    def prove(failed: Finished) -> None:
        assert failed.code == 1, failed
        assert failed.run.status == SyncRun.Status.FAILED
        assert failed.run.finished_at is not None
        assert failed.written == 0
        assert graph_hash(graph, stamps=True) == before
        assert len(failed.run.reason.splitlines()) == 1
        assert len(failed.err.strip().splitlines()) == 1, failed.err

    return prove


ONLY_WITHOUT_BULK = ("always 500", "always 503 with HTML")  # the lists are read one by one instead


@pytest.mark.parametrize("path", ["/api/companies", "/api/companies/bulk"])
def test_a_broken_list_changes_nothing(
    path: str, mirrored: SampleCodex, sync: Sync, unchanged: Callable[[Finished], None], subtests: pytest.Subtests
) -> None:
    mirrored.limit.per_minute = 100_000  # hundreds of requests are sent here
    for name, (respond, expected) in BROKEN.items():
        if path.endswith("bulk") and name in ONLY_WITHOUT_BULK:
            continue
        mirrored.faults.clear()
        mirrored.faults.add(respond, path, times=ALWAYS)
        for command in COMMANDS:
            with subtests.test(name, command=command):
                failed = sync(command)
                unchanged(failed)
                assert expected in failed.run.reason


def test_404_on_the_list_of_companies(mirrored: SampleCodex, sync: Sync, unchanged: Callable[[Finished], None]) -> None:
    mirrored.faults.add(faults.status(404), "/api/companies", times=ALWAYS)
    for command in COMMANDS:
        unchanged(sync(command))


def test_codex_is_down(mirrored: SampleCodex, sync: Sync, unchanged: Callable[[Finished], None]) -> None:
    mirrored.stop()
    failed = sync("sync_codex")
    unchanged(failed)
    for told in (mirrored.url, "codex.url in services.json", "refused", "Tried 5 times", "check_codex"):
        assert told in failed.run.reason


def test_a_wrong_port(mirrored: SampleCodex, sync: Sync, use: Use, unchanged: Callable[[Finished], None]) -> None:
    url = f"http://127.0.0.1:{free_ports(1)[0]}"
    use(mirrored, url=url)
    failed = sync("sync_tickets")
    unchanged(failed)
    assert url in failed.run.reason


def test_an_unknown_host(mirrored: SampleCodex, sync: Sync, use: Use, unchanged: Callable[[Finished], None]) -> None:
    use(mirrored, url="http://codex.invalid:5010")
    failed = sync("sync_codex")
    unchanged(failed)
    assert "http://codex.invalid:5010" in failed.run.reason


def test_another_key_is_refused_with_advice_and_without_naming_the_key(
    mirrored: SampleCodex, sync: Sync, use: Use, unchanged: Callable[[Finished], None]
) -> None:
    use(mirrored, api_key="an-old-key-of-somebody")
    failed = sync("sync_codex")
    unchanged(failed)
    assert "codex.api_key in services.json" in failed.run.reason
    assert "an-old-key" not in failed.run.reason + failed.err + failed.run.log


def test_401_and_403_are_not_tried_again(mirrored: SampleCodex, sync: Sync) -> None:
    for code in (401, 403):
        mirrored.log.clear()
        mirrored.faults.add(faults.status(code), times=ALWAYS)
        sync("sync_codex")
        assert len(mirrored.requests()) == 1


PASSING: dict[str, Responder] = {
    "429, at once": faults.status(429, Retry_After="0"),
    "429, in the past": faults.status(429, Retry_After="-5"),
    "429, a date": faults.status(429, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"),
    "500": faults.status(500),
    "502 with HTML": faults.html(502),
    "reset": faults.reset(),
    "reset in the middle": faults.reset(after=100),
    "cut, by length": faults.cut(200),
    "cut, chunked": faults.cut(200, Framing.CHUNKED),
}


@pytest.mark.parametrize("path", ["/api/companies", "/api/companies/bulk"])
def test_a_fault_that_passes_does_no_harm(
    path: str, world_codex: SampleCodex, sync: Sync, breaches: Breaches, subtests: pytest.Subtests
) -> None:
    """The first load, and then syncs that have a tenth of all to write."""
    for name, respond in PASSING.items():
        with subtests.test(name):
            fault = world_codex.faults.add(respond, path, times=2)
            assert sync("sync_codex").code == 0
            assert fault.fired == 2
            assert sync("sync_codex").written == 0
            assert breaches() == []
        world_codex.faults.clear()
        world_codex.world.change(10)


def test_codex_that_asks_for_a_day_is_not_waited_for(
    mirrored: SampleCodex, sync: Sync, unchanged: Callable[[Finished], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    mirrored.faults.add(faults.status(429, Retry_After="86400"), times=ALWAYS)
    failed = sync("sync_codex")
    unchanged(failed)
    assert "1,440 minutes" in failed.run.reason
    assert sum(slept) < 300


def test_as_many_tries_as_said(mirrored: SampleCodex, sync: Sync) -> None:
    mirrored.log.clear()
    mirrored.faults.add(faults.status(500), times=ALWAYS)
    failed = sync("sync_codex")
    assert len(mirrored.requests()) == 5
    assert failed.run.requests == 5


def test_an_answer_of_any_size_is_refused_in_time(
    mirrored: SampleCodex,
    sync: Sync,
    unchanged: Callable[[Finished], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("syncing.codex.client.RESPONSE_BYTES", 2 * 2**20)
    monkeypatch.setattr("syncing.codex.client.BULK_BYTES", 2 * 2**20)
    for path in ("/api/companies", "/api/companies/bulk"):
        for respond in (faults.gzip_bomb(60), faults.endless()):
            mirrored.faults.add(respond, path, times=ALWAYS)
            failed = sync("sync_codex")
            unchanged(failed)
            assert "larger than 2 MB; refused. Check its address" in failed.run.reason
            mirrored.faults.clear()


def test_a_slow_drip_ends_at_the_deadline(
    mirrored: SampleCodex,
    sync: Sync,
    unchanged: Callable[[Finished], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("syncing.codex.request_retries.ATTEMPTS", 2)
    monkeypatch.setattr("syncing.codex.responses.REQUEST_DEADLINE_SECONDS", 0.3)
    monkeypatch.setattr("syncing.codex.client.BULK_DEADLINE_SECONDS", 0.3)
    for path in ("/api/companies", "/api/companies/bulk"):
        mirrored.faults.add(faults.drip(20, 0.02), path, times=ALWAYS)
        failed = sync("sync_codex")
        unchanged(failed)
        assert "takes too long" in failed.run.reason or "broke off" in failed.run.reason
        mirrored.faults.clear()


def test_the_deadline_is_seen_between_two_bytes(
    mirrored: SampleCodex, sync: Sync, unchanged: Callable[[Finished], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow_and_then_cut(call: faults.Call) -> Answer:
        return replace(call.answer(), piece=1, pause=0.02, cut_after=60)

    monkeypatch.setattr("syncing.codex.request_retries.ATTEMPTS", 2)
    monkeypatch.setattr("syncing.codex.responses.REQUEST_DEADLINE_SECONDS", 0.3)
    mirrored.faults.add(slow_and_then_cut, "/api/companies", times=ALWAYS)
    failed = sync("sync_codex")
    unchanged(failed)
    assert "takes too long" in failed.run.reason


def test_a_stall_ends_at_the_time_out(
    mirrored: SampleCodex,
    sync: Sync,
    unchanged: Callable[[Finished], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("syncing.codex.request_retries.ATTEMPTS", 2)
    monkeypatch.setattr("syncing.codex.responses.READ_SECONDS", 0.2)
    mirrored.faults.add(faults.stall(100, 30), "/api/companies", times=ALWAYS)
    unchanged(sync("sync_codex"))


# An older Codex: one request a list, so that one bad list costs that list


def one_scope(result: Finished, message: str) -> None:
    assert result.code == 3
    assert result.run.status == SyncRun.Status.PARTIAL
    [refused] = result.run.refused.filter(is_notice=False)
    assert message in refused.reason
    assert refused.fault == ("list_missing" if message.startswith("no list") else "list_unreadable")


SCOPE_FAULTS: dict[str, tuple[Responder, str]] = {
    "404": (faults.error(404, "Company not found"), "could not be read"),
    "500": (faults.status(500), "answers 500"),
    "HTML": (faults.html(), "instead of JSON"),
    "null": (faults.body(b"null"), "null at "),
    "an object": (faults.body(b"{}"), "an object at "),
    "cut": (faults.cut(20, Framing.CLOSE), "not complete JSON"),
}


@pytest.mark.parametrize("what", ["contacts", "assets", "tickets"])
def test_a_bad_list_costs_that_list_only(
    what: str, mirrored: SampleCodex, sync: Sync, graph: Graph, subtests: pytest.Subtests
) -> None:
    mirrored.api.bulk = False
    world = mirrored.world
    bad, good = list(world.accounts)[:2]
    command = "sync_tickets" if what == "tickets" else "sync_codex"
    for name, (respond, message) in SCOPE_FAULTS.items():
        with subtests.test(name):
            mirrored.faults.clear()
            before = graph_hash(graph, stamps=True)
            mirrored.faults.add(respond, f"/api/companies/{bad}/{what}", times=ALWAYS)
            one_scope(sync(command), message)
            assert graph_hash(graph, stamps=True) == before

            for account in (bad, good):
                listed = world.account(account)
                changed = f"Changed before: {name}"
                listed.contacts[1].title = listed.assets[1].operating_system = listed.tickets[1].subject = changed
            result = sync(command)
            one_scope(result, message)
            kind = {"contacts": "User", "assets": "Asset", "tickets": "Ticket"}[what]
            assert result.counts[kind]["updated"] == 1
            if what != "tickets":
                other = {"contacts": "Asset", "assets": "User"}[what]
                assert result.counts[other]["updated"] == 2
            mirrored.faults.clear()
            assert sync(command).code == 0


def test_a_codex_that_fails_everywhere_is_given_up_early(
    mirrored: SampleCodex, sync: Sync, unchanged: Callable[[Finished], None]
) -> None:
    mirrored.api.bulk = False
    mirrored.faults.add(faults.status(500), "/api/companies/*/*", times=ALWAYS)
    failed = sync("sync_codex")
    unchanged(failed)
    assert "5 failures in a row" in failed.run.reason


def test_many_failures_that_are_not_in_a_row_cost_their_lists_only(make_codex: MakeCodex, use: Use, sync: Sync) -> None:
    codex = use(make_codex(companies=6, contacts=1, assets=1, tickets=0, bulk=False))
    codex.faults.add(faults.status(500), "/api/companies/*/contacts", times=ALWAYS)
    result = sync("sync_codex")
    assert result.code == 3, result.run.reason
    assert len(result.reasons) == 6 > snapshot.FAILURES_IN_A_ROW
    assert result.counts["Asset"]["created"] == 6


# One broken record makes the bulk response of Codex fail for good


@pytest.mark.parametrize("what", ["contacts", "assets", "locations", "tickets"])
def test_a_broken_record_in_codex_costs_its_list_only(
    what: str, mirrored: SampleCodex, sync: Sync, graph: Graph
) -> None:
    world = mirrored.world
    bad, good = list(world.accounts)[:2]
    world.add_location(good, "Annex")
    for account in (bad, good):
        listed = world.account(account)
        listed.contacts[1].title = listed.assets[1].operating_system = listed.tickets[1].subject = "Changed"
    before = nodes_of(graph, bad, what)
    mirrored.faults.break_record(bad, what)
    result = sync("sync_tickets" if what == "tickets" else "sync_codex")
    one_scope(result, f"The {what} of {bad} could not be read")
    assert "one record of the list is broken" in result.reasons[0]
    assert nodes_of(graph, bad, what) == before
    updated = {kind: actions.get("updated", 0) for kind, actions in result.counts.items()}
    if what == "tickets":
        assert updated["Ticket"] == 1
        return
    lost = {"contacts": "User", "assets": "Asset"}.get(what)
    assert {kind: updated[kind] for kind in ("User", "Asset")} == {
        kind: 1 if kind == lost else 2 for kind in ("User", "Asset")
    }
    assert result.counts["Location"]["created"] == 1


def test_lists_that_are_read_one_by_one_take_turns_and_report_progress(
    world_codex: SampleCodex, transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[float] = []
    monkeypatch.setattr("syncing.codex.client.wait_for_turn", lambda: turns.append(wait_for_turn()))
    [account, *_] = world_codex.world.accounts
    world_codex.faults.break_record(account, "assets")
    steps: list[tuple[int, int, str]] = []
    with (
        CodexClient() as client,
        snapshot.fetch(client, ["assets", "contacts"], (), tmp_path, lambda *step: steps.append(step)) as fetched,
    ):
        bundles = list(fetched.bundles())
        assert len(turns) == client.requests == len(world_codex.requests())
    assert [set(bundle.lists) for bundle in bundles] == [{"contacts"}, *[{"assets", "contacts"}] * 2]
    assert [(done, total) for done, total, _ in steps] == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_a_codex_that_fails_in_bulk_and_in_its_lists_is_given_up(
    mirrored: SampleCodex, unchanged: Callable[[Finished], None], sync: Sync
) -> None:
    mirrored.faults.add(faults.status(500), "/api/companies/*", times=ALWAYS)
    failed = sync("sync_codex")
    unchanged(failed)
    assert "5 failures in a row" in failed.run.reason


class Clock:
    """Time that passes only while somebody sleeps."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_retries_outlast_the_limit_of_codex(
    make_codex: MakeCodex, use: Use, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others at our address have used up what a route allows; the limit lasts 60 s and says nothing of itself."""
    codex, clock = use(make_codex()), Clock()
    codex.limit.clock, codex.limit.per_minute = clock, 1
    monkeypatch.setattr("syncing.codex.request_retries.RETRY_SECONDS", 1.0)
    monkeypatch.setattr(time, "sleep", clock.sleep)
    with CodexClient() as client:
        client.companies()
        assert len(client.companies()) == 3
        assert 60 <= clock.now - 1000 < 120
        assert len(codex.requests("/api/companies")) <= 6


def test_a_route_that_fails_for_good_is_waited_for_once(
    make_codex: MakeCodex, use: Use, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    codex, clock = use(make_codex()), Clock()
    codex.faults.add(faults.status(500), "/api/companies/*/assets", times=ALWAYS)
    monkeypatch.setattr("syncing.codex.request_retries.RETRY_SECONDS", 1.0)
    monkeypatch.setattr(time, "sleep", clock.sleep)
    waits = []
    with CodexClient() as client:
        for account in codex.world.accounts:
            before = clock.now
            with pytest.raises(CodexFailing):
                client.company_list(account, "assets")
            waits.append(clock.now - before)
    assert waits[0] > 60
    assert max(waits[1:]) <= 1 + 2 + 4 + 8


def test_a_broken_record_is_not_waited_for_like_a_limit(
    make_codex: MakeCodex, use: Use, transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Codex answers others like it, so it is no limit: neither the bulk response nor the list is waited for."""
    codex, clock = use(make_codex()), Clock()
    first, second, last = codex.world.accounts
    monkeypatch.setattr("syncing.codex.request_retries.RETRY_SECONDS", 1.0)
    monkeypatch.setattr(time, "sleep", clock.sleep)
    for bad in (first, second, last):
        codex.faults.clear()
        codex.faults.break_record(bad, "assets")
        before = clock.now
        with (
            CodexClient() as client,
            snapshot.fetch(client, ["assets"], (), tmp_path, lambda *_: None) as fetched,
        ):
            bundles = list(fetched.bundles())
        assert [len(bundle.problems) for bundle in bundles] == [account == bad for account in codex.world.accounts]
        assert clock.now - before <= 2 * (1 + 2)


def nodes_of(graph: Graph, account: str, what: str) -> list[dict[str, Any]]:
    """The nodes of one list of a company, with all their properties."""
    label = {"contacts": "User", "assets": "Asset", "locations": "Location", "tickets": "Ticket"}[what]
    rows = graph.rows("MATCH (n:ContextItem {account_number: $account}) RETURN properties(n) AS n", account=account)
    kind = label.lower()
    return sorted((row["n"] for row in rows if row["n"]["codex_key"].startswith(kind)), key=lambda n: n["codex_key"])


def test_a_bad_list_inside_the_bulk_answer(
    mirrored: SampleCodex, sync: Sync, graph: Graph, subtests: pytest.Subtests
) -> None:
    before = graph_hash(graph, stamps=True)
    for value in (None, {}, "[]", 7, faults.MISSING):
        with subtests.test(value=value):
            mirrored.faults.add(faults.set_field((1, "assets"), value), "/api/companies/bulk")
            one_scope(sync("sync_codex"), "no list of assets")
            assert graph_hash(graph, stamps=True) == before


def test_a_company_that_the_bulk_answer_leaves_out_stays_whole(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    before = graph_hash(graph, stamps=True)
    for command in COMMANDS:
        mirrored.faults.add(faults.edit(lambda rows: rows[1:]), "/api/companies/bulk")
        left_out = sync(command)
        assert left_out.code == 3
        assert left_out.faults.count("companies_missing") == 1
    assert graph_hash(graph, stamps=True) == before

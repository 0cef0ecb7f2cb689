"""Each scripted fault as a client sees it over HTTP."""

import http.client
import json
import math
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from syncing.sample_codex import faults
from syncing.sample_codex.answer import Framing
from syncing.sample_codex.faults import ALWAYS, MISSING
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import MakeCodex
from tests.syncing.sample_codex.conftest import Ask

COMPANIES = "/api/companies"
BULK = "/api/companies/bulk"


def statuses(codex: SampleCodex, ask: Ask, count: int, path: str = COMPANIES) -> list[int]:
    return [ask(codex, path).status_code for _ in range(count)]


# Which call


def test_once_then_never_again(codex: SampleCodex, ask: Ask) -> None:
    fault = codex.faults.add(faults.status(500), COMPANIES)

    assert statuses(codex, ask, 3) == [500, 200, 200]
    assert (fault.seen, fault.fired) == (3, 1)


def test_from_the_nth_call_for_so_many_times(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.status(503), COMPANIES, first=2, times=2)

    assert statuses(codex, ask, 5) == [200, 503, 503, 200, 200]


def test_every_third_call_for_ever(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.status(502), COMPANIES, first=3, every=3, times=ALWAYS)

    assert statuses(codex, ask, 7) == [200, 200, 502, 200, 200, 502, 200]


def test_patterns_of_path_method_and_query(codex: SampleCodex, ask: Ask) -> None:
    number = next(iter(codex.world.accounts))
    codex.faults.add(faults.status(500), "/api/companies/*/tickets", times=ALWAYS)
    codex.faults.add(faults.status(501), "/service-token", method="POST", times=ALWAYS)
    codex.faults.add(faults.status(502), "/api/tickets", query="offset=10", times=ALWAYS)

    assert statuses(codex, ask, 1, f"{COMPANIES}/{number}/tickets") == [500]
    assert statuses(codex, ask, 1, f"{COMPANIES}/{number}/assets") == [200]
    assert ask(codex, "/service-token", method="POST").status_code == 501
    assert statuses(codex, ask, 1, "/api/tickets?limit=10&offset=10") == [502]
    assert statuses(codex, ask, 1, "/api/tickets?limit=10") == [200]


def test_clear_ends_all_faults(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.status(500), times=ALWAYS)
    codex.faults.clear()

    assert statuses(codex, ask, 1) == [200]


# Other answers


def test_status_with_headers(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.status(429, "Slow down.", Retry_After="3"))
    answer = ask(codex, COMPANIES)

    assert (answer.status_code, answer.headers["Retry-After"], answer.json()["detail"]) == (429, "3", "Slow down.")


def test_error_of_a_view(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.error(404, "Company not found"))

    assert ask(codex, COMPANIES).json() == {"error": "Company not found"}


def test_html_page(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.html(502, "<h1>Bad gateway</h1>"))
    answer = ask(codex, COMPANIES)

    assert (answer.status_code, answer.text) == (502, "<h1>Bad gateway</h1>")
    assert answer.headers["Content-Type"].startswith("text/html")


def test_any_bytes(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.body(b"\xef\xbb\xbf[\xff]", content_type=None))
    answer = ask(codex, COMPANIES)

    assert answer.content == b"\xef\xbb\xbf[\xff]"
    assert "Content-Type" not in answer.headers


def test_unauthorized(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.unauthorized())

    assert statuses(codex, ask, 2) == [401, 200]


def test_redirect_to_another_host(make_codex: MakeCodex, ask: Ask) -> None:
    codex, other = make_codex(), make_codex()
    codex.faults.add(faults.redirect(other.url + COMPANIES))
    ask(codex, COMPANIES, allow_redirects=True)

    assert [(entry.path, entry.status) for entry in codex.requests()] == [(COMPANIES, 302)]
    assert [entry.path for entry in other.requests()] == [COMPANIES]


def test_gzip_bomb_is_small_on_the_wire_and_valid_json(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.gzip_bomb(20))
    answer = ask(codex, COMPANIES, stream=True)
    packed = b"".join(iter(lambda: answer.raw.read(65_536, decode_content=False), b""))
    codex.faults.add(faults.gzip_bomb(20))

    assert len(packed) < 100_000
    assert len(ask(codex, COMPANIES).content) == 20_000_002
    codex.faults.add(faults.gzip_bomb(1))
    assert ask(codex, COMPANIES).json() == []


def test_endless_body(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.endless())
    answer = ask(codex, COMPANIES, stream=True)
    seen = sum(len(answer.raw.read(65_536)) for _ in range(50))
    answer.close()

    assert seen > 1_000_000
    assert statuses(codex, ask, 1) == [200]


def test_nested_lists(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.nested(100_000))

    assert ask(codex, COMPANIES).content == b"[" * 100_000 + b"]" * 100_000


# The right answer, badly sent


def test_delay_outlasts_a_clients_patience(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.delay(60))
    with pytest.raises(requests.ReadTimeout):
        ask(codex, COMPANIES, timeout=0.2)

    assert statuses(codex, ask, 1) == [200]


def test_drip_comes_whole_in_the_end(codex: SampleCodex, ask: Ask) -> None:
    right = ask(codex, COMPANIES).content
    codex.faults.add(faults.drip(500, 0.001))

    assert ask(codex, COMPANIES).content == right


def test_stall_in_the_middle(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.stall(100, 60))
    answer = ask(codex, COMPANIES, stream=True, timeout=0.3)

    assert len(answer.raw.read(100)) == 100
    with pytest.raises(Exception, match="timed out"):
        answer.raw.read(100)


def test_reset_before_anything(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.reset())
    with pytest.raises(requests.ConnectionError, match="reset"):
        ask(codex, COMPANIES)

    assert statuses(codex, ask, 1) == [200]


def test_reset_in_the_middle(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.reset(after=300))
    with pytest.raises(requests.RequestException):
        ask(codex, COMPANIES)


def raw_answer(codex: SampleCodex, path: str) -> tuple[http.client.HTTPResponse, bytes]:
    """What arrived, also when it is too short for its own headers."""
    connection = http.client.HTTPConnection(urlsplit(codex.url).netloc, timeout=20)
    connection.request("GET", path, headers={"Authorization": f"Bearer {codex.api.api_key}"})
    answer = connection.getresponse()
    try:
        return answer, answer.read()
    except http.client.IncompleteRead as error:
        return answer, error.partial


@pytest.mark.parametrize("framing", Framing)
@pytest.mark.parametrize("path", [COMPANIES, BULK])
def test_cut_after_so_many_bytes(codex: SampleCodex, ask: Ask, framing: Framing, path: str) -> None:
    right = ask(codex, path).content
    codex.faults.add(faults.cut(700, framing))
    answer, content = raw_answer(codex, path)

    assert content == right[:700]
    assert answer.headers["Connection"] == "close"
    assert answer.headers["Content-Length"] == (str(len(right)) if framing is Framing.LENGTH else None)
    assert answer.headers["Transfer-Encoding"] == ("chunked" if framing is Framing.CHUNKED else None)


def test_a_cut_list_that_is_valid_json_to_the_client(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.cut(2, Framing.CLOSE))
    codex.world.accounts.clear()

    assert ask(codex, COMPANIES).json() == []


@pytest.mark.parametrize("difference", [-10, 10])
def test_wrong_length(codex: SampleCodex, ask: Ask, difference: int) -> None:
    right = ask(codex, COMPANIES).content
    codex.faults.add(faults.wrong_length(difference))
    answer, content = raw_answer(codex, COMPANIES)

    assert answer.headers["Content-Length"] == str(len(right) + difference)
    assert content == right[: len(right) + difference]


def test_wrong_content_type(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.content_type("text/plain; charset=utf-16"))
    answer = ask(codex, COMPANIES)

    assert answer.headers["Content-Type"] == "text/plain; charset=utf-16"
    assert len(json.loads(answer.content)) == 3


def test_pages_that_shift_while_they_are_read(codex: SampleCodex, ask: Ask) -> None:
    number = next(iter(codex.world.accounts))
    codex.faults.add(faults.before(lambda: codex.world.add_ticket(number, "New")), "/api/tickets", first=2)
    one, two = (ask(codex, f"/api/tickets?limit=10&offset={offset}").json() for offset in (0, 10))

    assert two["total"] == one["total"] + 1
    assert two["tickets"][0] == one["tickets"][-1]


# The right answer, with other contents


def test_empty_list(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.empty())
    answer = ask(codex, COMPANIES)

    assert (answer.status_code, answer.json()) == (200, [])


def test_first_rows(codex: SampleCodex, ask: Ask) -> None:
    right = ask(codex, COMPANIES).json()
    codex.faults.add(faults.first_rows(1))

    assert ask(codex, COMPANIES).json() == right[:1]


def test_first_rows_of_a_list_in_bulk(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.first_rows(2, of="assets"))
    entries = ask(codex, BULK).json()

    assert [(len(entry["assets"]), len(entry["contacts"])) for entry in entries] == [(2, 5)] * 3


@pytest.mark.parametrize(("percent", "left"), [(0, 20), (1, 19), (50, 10), (99, 0), (100, 0)])
def test_percent_short(codex: SampleCodex, ask: Ask, percent: float, left: int) -> None:
    codex.faults.add(faults.percent_short(percent))

    assert len(ask(codex, "/api/tickets").json()["tickets"]) == left


def test_a_row_twice(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.repeat_row(0, name="Conflict"))
    rows = ask(codex, COMPANIES).json()

    assert rows[3] == {**rows[0], "name": "Conflict"}


@pytest.mark.parametrize(
    "value", [None, "", True, 7, -1, 10**20, 1e308, [], {}, "x" * 1_000_000, "\0", "\ud800", "..", "/", "שלום"]
)
def test_a_field_replaced(codex: SampleCodex, ask: Ask, value: Any) -> None:
    codex.faults.add(faults.set_field((1, "name"), value))
    rows = json.loads(ask(codex, COMPANIES).content)

    assert rows[1]["name"] == value
    assert type(rows[1]["name"]) is type(value)


def test_a_field_replaced_deep_in_bulk_and_one_missing(codex: SampleCodex, ask: Ask) -> None:
    codex.faults.add(faults.set_field((2, "contacts", 0, "email"), math.nan))
    assert "NaN" in ask(codex, BULK).text

    codex.faults.add(faults.set_field((0, "account_number"), MISSING))
    rows = ask(codex, COMPANIES).json()
    assert ["account_number" in row for row in rows] == [False, True, True]


@pytest.mark.parametrize("what", ["users", "assets", "tickets"])
def test_a_broken_record_fails_its_list_and_the_bulk_answer_only(codex: SampleCodex, ask: Ask, what: str) -> None:
    bad, good = list(codex.world.accounts)[:2]
    codex.faults.break_record(bad, what)
    asked = {
        path: ask(codex, path).status_code
        for path in (
            BULK,
            f"{BULK}?include_tickets=true",
            *(f"{COMPANIES}/{account}/{name}" for account in (bad, good) for name in ("contacts", "assets", "tickets")),
        )
    }
    failing = {path for path, status in asked.items() if status == 500}
    listed = f"{COMPANIES}/{bad}/{'contacts' if what == 'users' else what}"
    assert failing == {f"{BULK}?include_tickets=true", listed} | (set() if what == "tickets" else {BULK})


def test_own_function(codex: SampleCodex, ask: Ask) -> None:
    turned: Callable[[Any], Any] = lambda rows: rows[::-1]  # noqa: E731
    right = ask(codex, COMPANIES).json()
    codex.faults.add(faults.edit(turned))

    assert ask(codex, COMPANIES).json() == right[::-1]


def test_a_fault_asks_for_the_right_answer_once(make_codex: MakeCodex, ask: Ask) -> None:
    codex = make_codex(requests_per_minute=2)
    codex.faults.add(faults.cut(10_000_000))
    codex.faults.add(faults.wrong_length(0), first=1)

    assert statuses(codex, ask, 3) == [200, 200, 500]

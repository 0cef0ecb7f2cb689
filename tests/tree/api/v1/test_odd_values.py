"""Cursors, limits, ids and headers that nobody sends on purpose: always a 4xx that says why, never a 5xx."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.fault_counts import usual_or_all
from tests.tree.api.v1.calling import Caller, caller, read
from tests.tree.factory import Acme
from tree.api.v1 import cursors
from tree.api.v1.errors import Problem

_FEW = settings(
    max_examples=usual_or_all(25, 1000),
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
_SHOWN = st.characters(min_codepoint=32, max_codepoint=126)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
_PAGED = (
    "/nodes/root/children",
    "/nodes/root/revisions",
    "/search?q=vpn",
    "/tickets",
    "/sync/runs",
    "/sync/quarantine",
)


@pytest.fixture
def ana(db: None) -> Caller:
    return caller("admin")


def test_cursors(acme: Acme, ana: Caller) -> None:
    @_FEW
    @given(text=_TEXTS.filter(bool), path=st.sampled_from(_PAGED))
    def one(text: str, path: str) -> None:
        address = f"{path}{'&' if '?' in path else '?'}cursor={quote(text)}"
        assert read(ana.send("GET", address), 422)["errors"][0]["field"] == "cursor"

    one()


def test_a_cursor_holds_any_place_and_cannot_be_altered() -> None:
    places = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXTS, st.lists, max_leaves=5
    )

    @_FEW
    @given(place=places, at=st.integers(0, 200), purpose=_TEXTS)
    def one(place: Any, at: int, purpose: str) -> None:
        cursor = cursors.written(purpose, place)
        assert cursors.place(purpose, cursor) == place
        altered = cursor[: at % len(cursor)] + ("A" if cursor[at % len(cursor)] != "A" else "B")
        for wrong, of in ((altered + cursor[len(altered) :], purpose), (cursor, purpose + "x")):
            with pytest.raises(Problem):
                cursors.place(of, wrong)

    one()


def test_limits(acme: Acme, ana: Caller) -> None:
    odd = st.integers().filter(lambda number: not 1 <= number <= 1000).map(str) | st.sampled_from(
        ["x", "1.5", "1e3", "٣x"]
    )

    @_FEW
    @given(limit=odd, path=st.sampled_from(_PAGED))
    def one(limit: str, path: str) -> None:
        address = f"{path}{'&' if '?' in path else '?'}limit={quote(limit)}"
        assert read(ana.send("GET", address), 422)["errors"][0]["field"] == "limit"

    one()


def test_ids(acme: Acme, ana: Caller) -> None:
    ids = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1, max_size=60).filter(
        lambda text: text not in (".", "..", "root")
    )

    @_FEW
    @given(uid=ids, path=st.sampled_from(["", "/children", "/revisions", "/files", "/revisions/1"]))
    def one(uid: str, path: str) -> None:
        assert read(ana.send("GET", f"/nodes/{quote(uid, safe='')}{path}"), 404)["status"] == 404

    one()


def test_an_etag_that_is_none_matches_nothing(acme: Acme, ana: Caller) -> None:
    @_FEW
    @given(text=st.text(_SHOWN, max_size=300).filter(lambda text: "*" not in text))
    @example(text="")
    @example(text=f"W/{ana.etag(acme.company)}")
    def one(text: str) -> None:
        headers = {"If-Match": text}
        assert read(ana.send("PATCH", f"/nodes/{acme.company}", {"content": "x"}, headers=headers), 412)["version"] == 1

    one()
    for listed in ("*", f'"1-a" ,{ana.etag(acme.company)}'):  # what comes from Codex stays, also for those who match
        assert ana.patch(f"/nodes/{acme.company}", {"content": "x"}, 403, If_Match=listed)["status"] == 403


def test_any_shown_text_is_an_idempotency_key_unless_it_is_empty_or_too_long(acme: Acme, ana: Caller) -> None:
    def made(key: str, status: int) -> str:
        headers = {"Idempotency-Key": key}
        refused = ana.send("POST", "/nodes", {"parent_id": "none", "name": "x"}, headers=headers)
        return str(read(refused, status)["errors"][0]["field"])

    @_FEW
    @given(key=st.text(_SHOWN, min_size=1, max_size=255).filter(lambda text: text.strip(' "') == text))
    def one(key: str) -> None:
        assert made(key, 422) == made(f'"{key}"', 422) == "parent_id"

    one()
    for wrong in ("", " ", '""', "x" * 256, "é", "a\tb"):
        assert made(wrong, 400) == "Idempotency-Key"


def test_addresses(acme: Acme, ana: Caller) -> None:
    @_FEW
    @given(path=_TEXTS.filter(lambda text: text.strip("/") != "" and text.casefold() != "companies"))
    def one(path: str) -> None:
        assert ana.send("GET", f"/nodes?path={quote(path)}").status_code in (200, 404)
        assert ana.send("GET", f"/search?q={quote(path)}").status_code in (200, 422)

    one()

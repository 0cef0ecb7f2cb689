"""Cursors, limits, ids and headers that nobody sends on purpose: always a 4xx that says why, never a 5xx."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
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
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
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


def test_headers(acme: Acme, ana: Caller) -> None:
    shown = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=300)

    @_FEW
    @given(text=shown)
    def one(text: str) -> None:
        matched = ana.send("PATCH", f"/nodes/{acme.company}", {"content": "x"}, headers={"If-Match": text})
        assert matched.status_code in (403, 412)  # what comes from Codex stays, also for those who match
        made = ana.send("POST", "/nodes", {"parent_id": "none", "name": "x"}, headers={"Idempotency-Key": text})
        assert made.status_code in (400, 422)

    one()


def test_addresses(acme: Acme, ana: Caller) -> None:
    @_FEW
    @given(path=_TEXTS.filter(lambda text: text.strip("/") != "" and text.casefold() != "companies"))
    def one(path: str) -> None:
        assert ana.send("GET", f"/nodes?path={quote(path)}").status_code in (200, 404)
        assert ana.send("GET", f"/search?q={quote(path)}").status_code in (200, 422)

    one()

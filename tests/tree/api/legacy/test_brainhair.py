"""The calls of Brainhair and its tools, as its code makes them: ``requests``, a token of Core for each, real HTTP.

legacy-api §4 lists them. The answers are used as Brainhair uses them: what it reads must be there.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import LazySettings
from pytest_django.live_server_helper import LiveServer

from knowledgetree.accounts.sso.core import claims, keys
from knowledgetree.basics.marks import marks
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import MakeCodex, make_codex
from tests.tree.factory import Acme
from tree.api.legacy.numbers import number_of

__all__ = ["make_codex"]
pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 60


class Brainhair:
    """Its tools: each call asks Core for a token first."""

    def __init__(self, core: str, base: str) -> None:
        self._core, self._base = core, base

    def answer(self, method: str, path: str, **sent: Any) -> requests.Response:
        names = {"calling_service": "brainhair", "target_service": "knowledgetree"}
        token = requests.post(f"{self._core}/service-token", json=names, timeout=SECONDS).json()["token"]
        return requests.request(
            method,
            f"{self._base}{path}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=SECONDS,
            allow_redirects=False,
            **sent,
        )

    def __call__(self, method: str, path: str, expected: int = 200, **sent: Any) -> Any:
        answer = self.answer(method, path, **sent)
        assert answer.status_code == expected, (method, path, answer.text[:200])
        return answer.json()


@pytest.fixture
def brainhair(
    acme: Acme,
    live_server: LiveServer,
    make_codex: MakeCodex,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Brainhair]:
    core: SampleCodex = make_codex(companies=1, contacts=0, assets=0, tickets=0)
    settings.CORE = replace(settings.CORE, url=core.url)
    monkeypatch.setattr(claims, "KEYS", keys.CoreKeys())
    marks.clear()
    yield Brainhair(core.url, live_server.url)
    marks.clear()


def ensure_folder(brainhair: Brainhair, path: str) -> str:
    """``update_knowledge.py``: browse each level, and make what is missing; any answer but 200 means that."""
    uid, at = "root", ""
    for name in path.strip("/").split("/"):
        at += f"/{name}"
        answer = brainhair.answer("get", "/api/browse", params={"path": at})
        if answer.status_code == 200:
            uid = answer.json()["current_node"]["id"]
        else:
            new = {"parent_id": uid, "name": name, "is_folder": True}
            uid = brainhair("post", "/api/node", json=new)["id"]
    return uid


def test_searches(brainhair: Brainhair, acme: Acme) -> None:
    found = brainhair("get", "/api/search", params={"q": "LAPTOP-59"})
    assert isinstance(found, list)
    assert found[0]["id"] == acme.laptop
    assert {"name", "is_folder", "folder_path", "company_compliance_level"} <= found[0].keys()
    assert brainhair("get", "/api/search", params={"query": "LAPTOP-59"})[0]["folder_path"].startswith(
        "Companies / Acme"
    )
    counted = brainhair("get", "/api/search?query=LAPTOP-59&limit=10")
    assert counted["count"] == len(counted["results"]) >= 1
    assert {"id", "title", "summary", "category", "relevance"} <= counted["results"][0].keys()
    assert brainhair("get", "/api/search", params={"query": ""}) == []
    assert brainhair("get", "/api/search", params={"query": "VPN is down"}) == []  # a ticket, which it may not see


def test_browsing_and_reading(brainhair: Brainhair, acme: Acme) -> None:
    root = brainhair("get", "/api/browse", params={"path": "//"})
    assert root["current_node"]["name"] == "KnowledgeTree Root"
    companies = brainhair("get", f"/api/browse?path={root['categories'][0]['path']}")
    company = brainhair("get", f"/api/browse?path={companies['categories'][0]['path']}")
    assert (company["current_node"]["id"], company["company_compliance_level"]) == (acme.company, "hipaa")
    assert "error" not in company
    assets = brainhair("get", "/api/browse", params={"path": "/Companies/Acme Dental/Assets"})
    assert {"id", "title", "summary"} <= assets["articles"][0].keys()
    article = brainhair("get", f"/api/node/{assets['articles'][0]['id']}")
    assert {"title", "category", "created_at", "updated_at", "tags", "related_articles", "content"} <= article.keys()
    by_number = brainhair("get", f"/api/node/{int(assets['articles'][0]['number'])}")
    assert by_number["id"] == article["id"]
    brainhair("get", "/api/node/nothing", 404)
    assert brainhair("get", "/api/browse", 404, params={"path": "/nowhere"})["error"] == "Path not found"


def test_a_note_is_made_updated_found_again_and_deleted(brainhair: Brainhair, acme: Acme) -> None:
    """``manage_knowledge.py``: create, create-folder, update by id and by path, delete."""
    parent = brainhair("get", "/api/browse", params={"path": "/Companies/Acme Dental"})["current_node"]["id"]
    new = {"parent_id": parent, "name": "overview.md", "is_folder": False}
    made = brainhair("post", "/api/node", json=new)
    assert brainhair("put", f"/api/node/{made['id']}", json={"content": "# Overview\n\nTwo sites."})["success"]
    clash = brainhair("post", "/api/node", 409, json=new)
    assert clash["existing_id"] == made["id"]
    by_path = brainhair("get", "/api/browse", params={"path": "/Companies/Acme Dental/overview.md"})
    assert by_path["current_node"]["id"] == made["id"]
    read = brainhair("get", f"/api/node/{made['id']}")
    assert (read["name"], read["content"]) == ("overview.md", "# Overview\n\nTwo sites.")
    assert brainhair("put", f"/api/node/{made['id']}", json={"name": "Overview", "content": "New."})["success"]
    assert brainhair("delete", f"/api/node/{made['id']}")["success"]
    brainhair("get", f"/api/node/{made['id']}", 404)


def test_what_comes_from_codex_is_not_changed(brainhair: Brainhair, acme: Acme) -> None:
    assert "error" in brainhair("put", f"/api/node/{acme.laptop}", 403, json={"content": "mine"})
    assert "error" in brainhair("delete", f"/api/node/{acme.laptop}", 403)


def test_a_path_of_folders_is_made_level_by_level_and_twice_is_once(brainhair: Brainhair, acme: Acme) -> None:
    for _ in range(2):
        uid = ensure_folder(brainhair, "/Companies/Acme Dental/Network & Wi-Fi/Site #1")
    names = brainhair("get", f"/api/node/{uid}/browse")["breadcrumb"]
    assert [name["name"] for name in names][-2:] == ["Network & Wi-Fi", "Site #1"]


def test_the_recorded_calls_get_what_their_clients_read(
    brainhair: Brainhair, acme: Acme, subtests: pytest.Subtests
) -> None:
    """Each call of ``calls.json``: the first 53 are all that Brainhair makes, the others those of the old page.

    ``answer`` is a shape: names of types, ``[shape]`` for a list that is not empty, ``{"=": value}`` for one value,
    ``{name}`` for what an earlier call has kept.
    """
    calls = json.loads((Path(__file__).parent / "calls.json").read_text(encoding="utf-8"))
    assert [call["caller"].partition("/")[0] in ("app", "ai_tools", "claude_tools") for call in calls].count(True) == 53
    kept = {"laptop": acme.laptop, "laptop_number": str(number_of(acme.laptop))}
    for number, call in enumerate(calls, start=1):
        with subtests.test(f"{number}: {call['caller']}"):
            sent: dict[str, Any] = {"params": call["query"]} if "query" in call else {}
            if "json" in call:
                sent["json"] = filled(call["json"], kept)
            if "file" in call:
                sent["files"] = {"file": tuple(call["file"])}
            answer = brainhair.answer(call["method"], filled(call["path"], kept), **sent)
            assert answer.status_code == call["status"], answer.text[:300]
            is_problem = call["status"] in (404, 405) and "instance" in call["answer"]
            form = "application/problem+json" if is_problem else "application/json"
            assert answer.headers["Content-Type"] == form
            assert answer.headers["X-Correlation-ID"]
            assert mismatches(answer.json(), call["answer"], kept) == []
            for name, way in call.get("keep", {}).items():
                kept[name] = reduce(lambda value, key: value[key], way.split("."), answer.json())


def filled(value: Any, kept: dict[str, str]) -> Any:
    """The value with what was kept in place of ``{name}``."""
    if isinstance(value, dict):
        return {name: filled(one, kept) for name, one in value.items()}
    if not isinstance(value, str):
        return value
    return reduce(lambda text, name: text.replace(f"{{{name}}}", kept[name]), kept, value)


TYPES: dict[str, Any] = {
    "str": str, "int": int, "number": (int, float), "bool": bool, "list": list, "object": dict,
}  # fmt: skip


def mismatches(found: Any, shape: Any, kept: dict[str, str], where: str = "answer") -> list[str]:
    """Where the answer differs from the shape."""
    if isinstance(shape, str) and shape in TYPES:
        return [] if isinstance(found, TYPES[shape]) else [f"{where} is {found!r}, not {shape}"]
    if isinstance(shape, str) or (isinstance(shape, dict) and shape.keys() == {"="}):
        wanted = filled(shape, kept) if isinstance(shape, str) else shape["="]
        return [] if found == wanted else [f"{where} is {found!r}, not {wanted!r}"]
    if isinstance(shape, list):
        if not isinstance(found, list) or not found:
            return [f"{where} is no list, or empty"]
        return [fault for n, one in enumerate(found) for fault in mismatches(one, shape[0], kept, f"{where}[{n}]")]
    if not isinstance(found, dict):
        return [f"{where} is no object"]
    missing = [f"{where}.{name} is missing" for name in shape if name not in found]
    inner = [mismatches(found[name], one, kept, f"{where}.{name}") for name, one in shape.items() if name in found]
    return missing + [fault for faults in inner for fault in faults]


def test_nothing_else_is_open_to_it(brainhair: Brainhair, acme: Acme) -> None:
    for path in ("/sync/", "/admin/", "/exchange/", "/", f"/node/{acme.company}/"):
        assert brainhair.answer("get", path).status_code == 403, path

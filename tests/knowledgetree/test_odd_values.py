"""Odd values in every parameter of every route: a refusal or a page, never an error of the program."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any, cast
from urllib.parse import quote

import pytest
from django.http import QueryDict, StreamingHttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.urls.converters import PathConverter, SlugConverter, StringConverter

from knowledgetree.basics.address_forms import NumberConverter
from syncing.models import SyncRun
from tests.fault_counts import in_turn, usual_or_all
from tests.people import person
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme
from tree import operations

# Each stands for a kind that has broken a page somewhere: what folds to nothing, what SQL and Neo4j cannot store,
# what looks like a number, a path, an address, a query or markup.
ODD = (
    "",
    " ",
    "\0",
    "a\0b",
    "\u0301",
    "\u200b",
    "\u037a",
    "\ufc5e",
    "\ufb03\u1e9e",
    "\ud800",
    "a\udfffb",
    "-1",
    "0",
    "00000000000000000000000000000007",
    "9223372036854775808",
    "-9223372036854775809",
    "1" * 5000,
    "1234567890123456789x",
    "1e400",
    "٣",
    "²",
    "NaN",
    "../../etc/passwd",
    "/admin/",
    "//evil.example/x",
    "https://evil.example/",
    "javascript:alert(1)",
    "a/b\\c",
    "%",
    "%00%ff",
    "*",
    "/.*/",
    '"',
    "a:b AND (",
    "'; MATCH (n) DETACH DELETE n //",
    "<script>alert(1)</script>",
    "\u202egpj.exe",
    "x" * 20_000,
    "[]",
    "2026-02-30T25:61:61Z",
    "0001-01-01",
    "9999-12-31",
)
# What stands where an odd value is put into an address.
_PLACE = {NumberConverter: 424242, StringConverter: "placed", SlugConverter: "placed", PathConverter: "placed"}
FORM = "application/x-www-form-urlencoded"
# Of these, each parameter gets two, and the same parameter of another route gets others.
WORST = ("\0", "\ufc5e", "\ud800", "0" * 40 + "7", "9223372036854775808", "/admin/", "x" * 20_000)


def _leaves(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if not pattern.namespace:
                yield from _leaves(pattern)
        else:
            yield str(pattern.name), pattern.pattern.converters


def odd_values(asked: int) -> tuple[str, ...]:
    """Values for the next parameter, after so many requests."""
    return usual_or_all(tuple(WORST[(asked + step) % len(WORST)] for step in (0, 3)), ODD)


class Seen:
    """The parameters that views read from a query string or a form, whatever their spelling in the code."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: set[str] = set()
        for method in ("get", "getlist", "__getitem__", "__contains__"):
            monkeypatch.setattr(QueryDict, method, self._noting(getattr(QueryDict, method)))

    def _noting(self, original: Any) -> Any:
        def noted(query: QueryDict, name: str, *rest: Any, **more: Any) -> Any:
            if not query._mutable:  # Django itself is still filling it otherwise
                self.names.add(name)
            return original(query, name, *rest, **more)

        return noted


class World:
    """What addresses can name: a note below a computer, a run."""

    def __init__(self) -> None:
        self.acme, self.admin = Acme(), person("admin")
        self.run = SyncRun.objects.create(status=SyncRun.Status.COMPLETE)
        self._number = count()

    def client(self) -> Client:
        """The admin's browser; errors come as responses."""
        client = Client(raise_request_exception=False)
        client.force_login(self.admin)
        return client

    def usual(self, note: str) -> dict[str, str]:
        """Values of parameters with which most routes do something."""
        return {
            "id": note,
            "parent": self.acme.assets,
            "asked": "1",
            "q": "printer",
            "query": "printer",
            "name": "A name",
            "content": "Text.",
            "version": "2",
            "kind": "note",
            "limit": "5",
            "company": self.acme.company,
        }

    def names(self) -> dict[str, Any]:
        note = operations.create_note(
            self.acme.laptop, f"Warranty {next(self._number)}", "Until 2027.", author="tester"
        )
        operations.save(note, author="tester", base_version=1, content="Until 2028.")
        return {
            "uid": note,
            "file_id": "none",
            "name": "none.txt",
            "filename": "none.txt",
            "number": 1,
            "run_id": self.run.pk,
            "command": "sync_codex",
            "path": "Companies",
            "listed": "tickets",
            "delivery": 1,
        }


def _encoded(text: str) -> str:
    """Percent-encoded as a program would that does not care whether the text is Unicode."""
    return quote(text, safe="", errors="surrogatepass")


def _status(client: Client, method: str, address: str, body: str = "", kind: str = FORM) -> int:
    """The status, after reading all of a response that streams."""
    response = client.generic(method, address, body, content_type=kind)
    if isinstance(response, StreamingHttpResponse):
        b"".join(cast(Iterator[bytes], response.streaming_content))
    return int(response.status_code)


def _sent(client: Client, method: str, address: str, parameters: dict[str, str]) -> int:
    """The status of a request with these parameters."""
    encoded = "&".join(f"{name}={_encoded(value)}" for name, value in parameters.items())
    if method == "GET":
        return _status(client, method, f"{address}?{encoded}")
    return _status(client, method, address, encoded)


def _address(route: str, names: dict[str, Any], converters: dict[str, Any]) -> str:
    return reverse(route, kwargs={name: names[name] for name in converters})


@pytest.mark.long
@pytest.mark.faults
def test_no_parameter_breaks_a_route(graph: Graph, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    admin = world.client()
    seen = Seen(monkeypatch)
    broken, asked = [], 0
    for route, converters in _leaves(get_resolver()):
        names = world.names()
        address, usual = _address(route, names, converters), world.usual(names["uid"])
        for method in ("GET", "POST"):
            admin.force_login(world.admin)  # one of the routes has logged the admin out
            seen.names.clear()
            _sent(admin, method, address, usual)
            for name in sorted(seen.names - {"csrfmiddlewaretoken", "_method"}):
                for odd in odd_values(asked):
                    asked += 1
                    status = _sent(admin, method, address, usual | {name: odd})
                    if status >= 500:
                        broken.append((route, method, name, odd[:40], status))
    print(asked, "requests")
    assert not broken
    assert asked > 250


@pytest.mark.long
@pytest.mark.faults
def test_no_part_of_an_address_breaks_a_route(graph: Graph, db: None) -> None:
    world = World()
    admin = world.client()
    names = world.names()
    broken, asked = [], 0
    for route, converters in _leaves(get_resolver()):
        admin.force_login(world.admin)
        for name in converters:
            here = str(_PLACE[type(converters[name])])
            around = _address(route, names | {name: _PLACE[type(converters[name])]}, converters)
            for odd in odd_values(asked):
                address = around.replace(here, _encoded(odd))
                for method in ("GET", "POST"):
                    asked += 1
                    status = _status(admin, method, address)
                    if status >= 500:
                        broken.append((route, method, name, odd[:40], status))
    print(asked, "requests")
    assert not broken
    assert asked > 200


@pytest.mark.long
@pytest.mark.faults
def test_no_json_breaks_the_api(graph: Graph, db: None) -> None:
    world = World()
    admin = world.client()
    uid = world.names()["uid"]
    fields = {
        ("POST", "/api/node"): ("parent_id", "name", "is_folder", "content"),
        ("PUT", f"/api/node/{uid}"): ("name", "content", "version", "content_html"),
        ("POST", f"/api/node/{uid}/move"): ("new_parent_id",),
    }
    values: tuple[Any, ...] = (*ODD, None, True, -1, 0, 1.5, 2**63, -(2**63) - 1, 10**400, [], {}, ["x"], {"a": {}})
    broken = []
    fields_before = count()
    for (method, address), names in fields.items():
        for name in names:
            for value in in_turn(list(values), next(fields_before)):
                body = {"parent_id": uid, "name": "x", "version": 2} | {name: value}
                status = _status(admin, method, address, json.dumps(body), "application/json")
                if status >= 500:
                    broken.append((method, address, name, str(value)[:40], status))
    assert not broken

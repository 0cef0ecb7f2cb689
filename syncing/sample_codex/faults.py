"""Replaces responses with faulty ones by script.

    codex.faults.add(status(500), "/api/companies/*/tickets", times=3)
    codex.faults.add(cut(1000), "/api/companies/bulk", first=2)
    codex.faults.add(set_field((0, "company", "name"), None), "/api/companies/bulk")
    codex.faults.break_record(account, "assets")

A responder takes the :class:`Call` and returns an Answer; those below cover the usual faults, and any function with
that signature works. ``call.answer()`` is the correct response of the server.
"""

import itertools
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from syncing.sample_codex.answer import Answer, Framing, Request, as_json, problem

MISSING = object()
ALWAYS = None


@dataclass(frozen=True)
class Call:
    """The question, and the way to the right answer (rate limit, rights and all)."""

    request: Request
    answer: Callable[[], Answer]


Responder = Callable[[Call], Answer]


@dataclass
class Fault:
    """From the ``first`` matching call on, every ``every``-th one, ``times`` times (ALWAYS: no end).

    ``path`` is a pattern of ``fnmatch`` for the path below the prefix, ``query`` a part of the query
    string. ``seen`` counts the calls that matched, ``fired`` those that went wrong.
    """

    respond: Responder
    path: str = "*"
    method: str = "*"
    query: str = ""
    first: int = 1
    times: int | None = 1
    every: int = 1
    seen: int = 0
    fired: int = 0

    def matches(self, request: Request) -> bool:
        method_fits = self.method in ("*", request.method)
        return method_fits and self.query in request.query and fnmatchcase(request.path, self.path)

    def fires(self) -> bool:
        """Count one matching call and return whether it fails."""
        self.seen += 1
        due = self.seen >= self.first and (self.seen - self.first) % self.every == 0
        if due and (self.times is None or self.fired < self.times):
            self.fired += 1
            return True
        return False


@dataclass
class FaultScript:
    """The faults of one server; the first one that fires for a call wins."""

    faults: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(
        self,
        respond: Responder,
        path: str = "*",
        *,
        method: str = "*",
        query: str = "",
        first: int = 1,
        times: int | None = 1,
        every: int = 1,
    ) -> Fault:
        fault = Fault(respond, path, method, query, first, times, every)
        with self._lock:
            self.faults.append(fault)
        return fault

    def break_record(self, account: str, what: str) -> list[Fault]:
        """Break one record of this list for good, as broken JSON in a row of Codex's database does.

        A real Codex then answers 500 to every request whose answer would contain the record: the company's list
        (``what``, such as "assets") and the bulk response; every other list is fine.
        """
        with_tickets = "include_tickets=true" if what == "tickets" else ""
        names = ("contacts", "users") if what in ("contacts", "users") else (what,)
        failing = status(500, "An unexpected error occurred.")
        return [
            self.add(failing, "/api/companies/bulk", query=with_tickets, times=ALWAYS),
            *(self.add(failing, f"/api/companies/{account}/{name}", times=ALWAYS) for name in names),
        ]

    def clear(self) -> None:
        with self._lock:
            self.faults.clear()

    def take(self, request: Request) -> Fault | None:
        with self._lock:
            matching = [fault for fault in self.faults if fault.matches(request)]
            return next((fault for fault in matching if fault.fires()), None)


# Other answers


def status(code: int, detail: str = "Something went wrong.", **headers: str) -> Responder:
    """A problem of the framework; headers with underscores: ``status(429, Retry_After="3")``."""

    def respond(call: Call) -> Answer:
        answer = problem(code, detail, call.request.path)
        answer.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return answer

    return respond


def error(code: int, message: str) -> Responder:
    """An error of Codex's own views: ``{"error": message}``."""
    return lambda call: as_json({"error": message}, code)


def body(content: bytes, code: int = 200, content_type: str | None = "application/json") -> Responder:
    """Just these bytes."""
    return lambda call: Answer(code, content, content_type)


def html(code: int = 200, page: str = "<!doctype html><title>Log in</title><h1>Please log in</h1>") -> Responder:
    """A page of a proxy in between."""
    return body(page.encode(), code, "text/html; charset=utf-8")


def unauthorized(detail: str = "Invalid or expired token") -> Responder:
    return status(401, detail)


def redirect(url: str, code: int = 302) -> Responder:
    return lambda call: Answer(code, b"", "text/html", {"Location": url})


def gzip_bomb(megabytes: int) -> Responder:
    """A valid empty list with that much white space in it, sent as gzip: about a thousandth on the wire."""
    return lambda call: Answer(200, _gzipped(megabytes), headers={"Content-Encoding": "gzip"})


def endless() -> Responder:
    """A list that never ends, 64 KB at a time."""
    return lambda call: Answer(200, itertools.chain([b"["], itertools.repeat(b"0," * 32_768)))


def nested(depth: int) -> Responder:
    """This number of lists nested inside each other."""
    return body(b"[" * depth + b"]" * depth)


# The right answer, badly sent


def delay(seconds: float) -> Responder:
    return lambda call: replace(call.answer(), wait=seconds)


def drip(piece: int, pause: float) -> Responder:
    """``piece`` bytes at a time, with a ``pause`` in seconds after each."""
    return lambda call: replace(call.answer(), piece=piece, pause=pause)


def stall(after: int, seconds: float) -> Responder:
    """Falls silent in the middle, then goes on."""
    return lambda call: replace(call.answer(), stall_after=max(after, 1), stall=seconds)


def reset(after: int | None = None) -> Responder:
    """Connection reset, before anything is sent or after so many bytes of the body."""
    return lambda call: replace(call.answer(), cut_after=after, reset=True)


def cut(after: int, framing: Framing = Framing.LENGTH) -> Responder:
    """Ends after so many bytes of the body; how the end was promised is told by ``framing``."""

    def respond(call: Call) -> Answer:
        right = call.answer()
        return replace(right, body=right.whole_body(), cut_after=after, framing=framing)

    return respond


def wrong_length(difference: int) -> Responder:
    """Content-Length is that much more (or, below zero, less) than what is sent."""

    def respond(call: Call) -> Answer:
        right = call.answer()
        whole = right.whole_body()
        return replace(right, body=whole, declared_length=len(whole) + difference)

    return respond


def content_type(name: str | None) -> Responder:
    return lambda call: replace(call.answer(), content_type=name)


def before(action: Callable[[], object]) -> Responder:
    """Does something first, such as a change to the world between two pages; then answers rightly."""

    def respond(call: Call) -> Answer:
        action()
        return call.answer()

    return respond


# The right answer, with other contents


def edit(change: Callable[[Any], Any]) -> Responder:
    """The answer's JSON as ``change`` returns it."""

    def respond(call: Call) -> Answer:
        right = call.answer()
        changed = as_json(change(right.json()))
        return replace(right, body=changed.body)

    return respond


def empty() -> Responder:
    """``[]`` with status 200."""
    return body(b"[]")


def first_rows(count: int, of: str | None = None) -> Responder:
    """Only so many rows; ``of``: of that list inside each row of a bulk response, such as "assets"."""
    return edit(lambda rows: _shortened(rows, of, lambda listed: listed[:count]))


def percent_short(percent: float, of: str | None = None) -> Responder:
    """This share of the rows is missing at the end, rounded up to whole rows."""

    def shorter(listed: list[Any]) -> list[Any]:
        return listed[: int(len(listed) * (100 - percent) / 100)]

    return edit(lambda rows: _shortened(rows, of, shorter))


def repeat_row(place: int = 0, **fields: Any) -> Responder:
    """A row comes again at the end, with ``fields`` put in: the same id twice, equal or conflicting."""
    return edit(lambda rows: [*rows, {**rows[place], **fields}])


def set_field(path: Sequence[str | int], value: Any) -> Responder:
    """One value of the JSON replaced, or with MISSING taken out: ``set_field((3, "id"), "seven")``."""

    def change(answered: Any) -> Any:
        target = answered
        for step in path[:-1]:
            target = target[step]
        if value is MISSING:
            del target[path[-1]]
        else:
            target[path[-1]] = value
        return answered

    return edit(change)


def _shortened(rows: Any, of: str | None, shorter: Callable[[list[Any]], list[Any]]) -> Any:
    if isinstance(rows, dict):  # a page of /api/tickets
        return {**rows, "tickets": shorter(rows["tickets"])}
    if of is None:
        return shorter(rows)
    return [{**row, of: shorter(row[of])} for row in rows]


def _gzipped(megabytes: int) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=31)
    yield packer.compress(b"[")
    blank = b" " * 1_000_000
    for _ in range(megabytes):
        yield packer.compress(blank)
    yield packer.compress(b"]") + packer.flush()

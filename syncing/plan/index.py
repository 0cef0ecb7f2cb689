"""Builds the index of a stored plan, a small SQLite file beside the plan's JSON lines.

The index knows the position of each change in the files and the order in which a page shows them. The changes
themselves are read from the files, which the plan's hash covers. So the index cannot misrepresent the plan, and it can
be built again from the files at any time (reading.py).

    rows       the changes in the order of the page: removals first, then by company, action, kind and name
    texts      the text that a search looks in, one row for each row of ``rows``
    companies  the names of the companies, in order
    numbers    the number of rows of each company, kind and action
    below      the number of nodes that are archived with a row, by kind
    noted      the number of rows to archive with staff notes below, and of rows for which that number is known
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from syncing.kinds import COMPANIES, LABELS
from syncing.kinds.declaration.key import Key
from tree.graph.checksums import BOOKKEEPING
from tree.graph.sibling_keys import sort_key

if TYPE_CHECKING:
    from syncing.plan.plan_files import Change

NAME = "rows.sqlite3"
UNSEEN = BOOKKEEPING | {"fingerprint", "codex_key", "latest_at"}  # properties that are not facts of the record
_ROWS_AT_ONCE = 2000
_VALUE_CHARACTERS = 200
_ACTIONS = {"archive": 0, "move": 1, "restore": 2, "update": 3, "create": 4}
_KINDS = {label: rank for rank, label in enumerate(LABELS)}
_SCHEMA = """
CREATE TABLE found (
    file TEXT, start INTEGER, length INTEGER, action TEXT, kind TEXT, account TEXT, id TEXT,
    rank INTEGER, name TEXT, text TEXT
);
CREATE TABLE companies (account TEXT PRIMARY KEY, name TEXT, place INTEGER);
CREATE TABLE below (held INTEGER, kind TEXT, number INTEGER);
"""
_FINISH = """
CREATE TABLE rows AS
    SELECT file, start, length, action, kind, account, id, file = 'held' AS held, NULL AS notes, found.rowid AS source
    FROM found JOIN companies USING (account)
    ORDER BY CASE WHEN file = 'held' THEN 0 WHEN action = 'archive' THEN 1 ELSE 2 END,
             companies.place, rank, found.name;
CREATE TABLE texts AS SELECT found.text AS text FROM rows JOIN found ON found.rowid = rows.source ORDER BY rows.rowid;
CREATE TABLE numbers AS
    SELECT account, kind, action, held, count(*) AS number FROM rows GROUP BY account, kind, action, held;
CREATE TABLE noted (some INTEGER, asked INTEGER);
DROP TABLE found;
"""
Entry = tuple[int, str, str, str, str, str, int, str, str, dict[str, int]]  # as ``entry_of`` returns it


def shown_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """(name, before, after) of the facts that a change alters; a change may also write facts that stay the same."""
    return [(n, before.get(n), value) for n, value in after.items() if n not in UNSEEN and before.get(n) != value]


def entry_of(change: Change, length: int) -> Entry:
    """The index entry of a change whose line has this many bytes."""
    kinds = len(_KINDS) + 1  # the last one is any other
    rank = _ACTIONS.get(change.action, len(_ACTIONS)) * kinds + _KINDS.get(change.kind, kinds - 1)
    name = change.set.get("sort_key") or sort_key(change.name, False)
    account = change.account or Key.parse(change.key).account  # plans of older versions have neither for a company
    company = change.company or (change.name if change.kind == COMPANIES.label else account)
    return length, change.action, change.kind, account, change.id, company, rank, name, _text(change), change.below


def _text(change: Change) -> str:
    parts = [change.name, change.place, change.key, change.account]
    if change.action == "create":
        found = (change.set.get(name) for name in _searched_facts(change.kind))
        parts += [str(value)[:_VALUE_CHARACTERS] for value in found if value]
    else:
        for values in (change.before, change.set):
            parts += [str(v)[:_VALUE_CHARACTERS] for n, v in values.items() if n not in UNSEEN and n != "content"]
    return "\n".join(parts).casefold()


@cache
def _searched_facts(kind: str) -> tuple[str, ...]:
    """The properties by which a search of the tree finds such a node, except its name and its text."""
    from tree.kinds import searched_names  # imported here because rendering processes start faster without neomodel

    return tuple(name for name in searched_names(kind) if name not in ("name", "content"))


@contextmanager
def index_writer(folder: Path) -> Iterator[IndexWriter]:
    """Write the index to a temporary file, which replaces the index at the end and is deleted on an error.

    Raises sqlite3.Error, for example if the disk is full; the plan is valid without an index.
    """
    number, name = tempfile.mkstemp(prefix=f"{NAME}.", dir=folder)  # several requests may build it at the same time
    os.close(number)
    new = Path(name)
    try:
        with closing(sqlite3.connect(new, isolation_level=None)) as database:
            writer = IndexWriter(database)
            yield writer
            writer.finish()
        new.replace(folder / NAME)
    finally:
        new.unlink(missing_ok=True)


class IndexWriter:
    """Writes the entries of an index; ``finish`` sorts them."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._pending: list[tuple[str, int, int, str, str, str, str, int, str, str]] = []
        self._ends: dict[str, int] = {}
        self._companies: dict[str, str] = {}
        self._below: Counter[tuple[bool, str]] = Counter()
        database.executescript(
            f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; {_SCHEMA} BEGIN;"
        )

    def add(self, file: str, entry: Entry) -> None:
        """Add the entry of the next line of one of the plan's files."""
        start = self._ends.get(file, 0)
        length, action, kind, account, uid, company, rank, name, text, below = entry
        if kind == COMPANIES.label or account not in self._companies:
            self._companies[account] = company
        self._pending.append((file, start, length, action, kind, account, uid, rank, name, text))
        self._ends[file] = start + length
        for label, number in below.items():
            self._below[file == "held", label] += number
        if len(self._pending) >= _ROWS_AT_ONCE:
            self._write()

    def finish(self) -> None:
        """Sort the entries once all of them are known."""
        self._write()
        companies = sorted(self._companies.items(), key=lambda c: (sort_key(c[1], False), c[0]))
        rows = [(account, name, place) for place, (account, name) in enumerate(companies)]
        self._database.executemany("INSERT INTO companies VALUES (?, ?, ?)", rows)
        self._database.executemany("INSERT INTO below VALUES (?, ?, ?)", [(*k, n) for k, n in self._below.items()])
        self._database.executescript(_FINISH)  # executescript() commits before it begins

    def _write(self) -> None:
        self._database.executemany("INSERT INTO found VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._pending)
        self._pending = []

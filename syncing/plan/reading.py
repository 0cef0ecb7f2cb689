"""Reads pages of a stored plan: the rows that match a filter, with their fields before and after.

The index (index.py) finds the rows; the changes are read from the plan's files. A missing index is built again.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from knowledgetree.basics.batches import in_batches
from syncing.exceptions import PlanNotUsable
from syncing.plan.index import NAME, entry_of, index_writer, shown_fields
from syncing.plan.plan_files import FILES, Change

_ROWS_AT_ONCE = 1000
_WORDS = 6  # words of a search; further ones are ignored
_FITS = """
WHERE (:action = '' OR rows.action = :action) AND (:kind = '' OR rows.kind = :kind)
    AND (:company IS NULL OR rows.account = :company) AND (:held = -1 OR rows.held = :held)
    AND (NOT :noted OR rows.notes > 0)
"""
_HAS_WORDS = """
    AND instr(texts.text, :word0) > 0 AND instr(texts.text, :word1) > 0 AND instr(texts.text, :word2) > 0
    AND instr(texts.text, :word3) > 0 AND instr(texts.text, :word4) > 0 AND instr(texts.text, :word5) > 0
"""
_COLUMNS = """
SELECT file, start, length, held, rows.account, coalesce(companies.name, ''), notes
FROM rows LEFT JOIN companies USING (account)
"""
_TEXTS = " JOIN texts ON texts.rowid = rows.rowid "
_END = " ORDER BY rows.rowid LIMIT :limit OFFSET :offset"
_NUMBER = "SELECT count(*) FROM rows"
_COUNT = {False: _NUMBER + _FITS, True: _NUMBER + _TEXTS + _FITS + _HAS_WORDS}
_WHOLE = _COLUMNS + " WHERE rows.rowid > :offset ORDER BY rows.rowid LIMIT :limit"  # rowids are in that order
_PAGE = {False: _COLUMNS + _FITS + _END, True: _COLUMNS + _TEXTS + _FITS + _HAS_WORDS + _END}
_SUM = """
SELECT total(number) FROM numbers AS rows
WHERE (:action = '' OR rows.action = :action) AND (:kind = '' OR rows.kind = :kind)
    AND (:company IS NULL OR rows.account = :company) AND (:held = -1 OR rows.held = :held)
"""
_NUMBERS = "SELECT kind, action, held, sum(number) FROM numbers GROUP BY 1, 2, 3"
_COMPANIES = """
SELECT account, name, sum(number) FROM companies JOIN numbers USING (account) GROUP BY account ORDER BY place
"""
_HELD_NOTED = "SELECT total(notes > 0), count(notes) FROM rows WHERE action = 'archive' AND held"
_DECODER = msgspec.json.Decoder(Change)
NotesBelow = Callable[[Sequence[str]], Mapping[str, int]]


class Filter(Struct, frozen=True):
    """Selects rows of a plan; an empty field matches every row.

    ``company``: an account number, "" for rows that belong to no company, None for all. ``held``: "1" or "0".
    ``words``: all of them must occur.
    """

    action: str = ""
    kind: str = ""
    company: str | None = None
    held: str = ""
    noted: bool = False  # only nodes with staff notes below them
    words: str = ""

    def values(self) -> dict[str, Any]:
        """The parameters of the SQL statements above."""
        words = (self.words.casefold().split() + [""] * _WORDS)[:_WORDS]
        held = int(self.held) if self.held else -1
        return {
            "action": self.action,
            "kind": self.kind,
            "company": self.company,
            "held": held,
            "noted": self.noted,
            **{f"word{number}": word for number, word in enumerate(words)},
        }


class PlanRow(Struct):
    """A change for people. ``fields``: (name, before, after). ``notes``: the number of staff notes below, if known."""

    change: Change
    held: bool
    account: str
    company: str
    notes: int | None
    fields: list[tuple[str, Any, Any]]

    def as_json(self) -> dict[str, Any]:
        change = self.change
        return {
            "action": change.action,
            "held": self.held,
            "kind": change.kind,
            "company": self.company,
            "account": self.account,
            "place": change.place,
            "name": change.name,
            "codex_key": change.key,
            "node": change.id,
            "staff_notes": self.notes,
            "below": change.below,
            "fields": {name: {"before": before, "after": after} for name, before, after in self.fields},
        }


class PlanRows:
    """Reads the plan in this folder. Use it as a context manager. Raises PlanNotUsable if its files were altered."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.exists = any((folder / f"{name}.jsonl").exists() for name in FILES)
        self._database = sqlite3.connect(":memory:") if not self.exists else _open(folder)
        if not self.exists:
            self._database.executescript(
                "CREATE TABLE numbers (account, kind, action, held, number); CREATE TABLE companies (account, name, "
                "place); CREATE TABLE rows (file, start, length, action, kind, account, id, held, notes, source);"
                "CREATE TABLE texts (text); CREATE TABLE below (held, kind, number); CREATE TABLE noted (some, asked);"
            )

    def __enter__(self) -> "PlanRows":
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def check_sizes(self) -> None:
        """Check the files against the lengths in the index. Raises PlanNotUsable."""
        for file, end in self._all("SELECT file, max(start + length) FROM rows GROUP BY file", {}):
            path = self._folder / f"{file}.jsonl"
            if not path.exists() or path.stat().st_size != end:
                raise _broken(self._folder)

    def numbers(self) -> list[tuple[str, str, int, int]]:
        """The numbers of rows of the whole plan as (kind, action, held, number)."""
        return self._all(_NUMBERS, {})

    def below(self) -> list[tuple[int, str, int]]:
        """The numbers of nodes that are archived because they hang below rows to archive, as (held, kind, number)."""
        return self._all("SELECT held, kind, number FROM below", {})

    def companies(self) -> list[tuple[str, str, int]]:
        """The companies of the plan as (account, name, number of rows), sorted by name."""
        return self._all(_COMPANIES, {})

    def with_notes(self) -> tuple[int, int]:
        """The number of rows to archive with staff notes below, and of rows to archive for which that is known."""
        rows = self._all("SELECT some, asked FROM noted", {})
        return rows[0] if rows else (0, 0)

    def held_with_notes(self) -> tuple[int, int]:
        """The same as ``with_notes``, for held rows only."""
        [(some, asked)] = self._all(_HELD_NOTED, {})
        return int(some), asked

    def count(self, wanted: Filter) -> int:
        """The number of rows that match."""
        if not (wanted.words or wanted.noted):
            return int(self._all(_SUM, wanted.values())[0][0])
        return int(self._all(_COUNT[bool(wanted.words)], wanted.values())[0][0])

    def page(self, wanted: Filter, offset: int, limit: int) -> list[PlanRow]:
        """A page of the rows that match, removals first, then by company."""
        return list(self._rows(wanted, limit, offset))

    def all(self, wanted: Filter) -> Iterator[PlanRow]:
        """Iterate over all rows that match."""
        return self._rows(wanted, limit=-1, offset=0)

    def _rows(self, wanted: Filter, limit: int, offset: int) -> Iterator[PlanRow]:
        values = wanted.values() | {"limit": limit, "offset": offset}
        statement = _WHOLE if wanted == Filter() else _PAGE[bool(wanted.words)]
        return self._read(self._database.execute(statement, values))

    def _read(self, found: Iterator[Sequence[Any]]) -> Iterator[PlanRow]:
        files: dict[str, Any] = {}
        try:
            for file, start, length, held, account, company, notes in found:
                if file not in files:
                    files[file] = open(self._folder / f"{file}.jsonl", "rb")  # noqa: SIM115 (closed below)
                files[file].seek(start)
                change = _DECODER.decode(files[file].read(length))
                yield PlanRow(change, bool(held), account, company, notes, shown_fields(change.before, change.set))
        except (OSError, msgspec.DecodeError, sqlite3.DatabaseError) as error:
            raise _broken(self._folder) from error
        finally:
            for opened in files.values():
                opened.close()

    def _all(self, sql: str, values: dict[str, Any]) -> list[Any]:
        try:
            return self._database.execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise _broken(self._folder) from error


def prepare(folder: Path, notes_below: NotesBelow) -> None:
    """Build a plan's index and add the number of staff notes below the nodes that the plan archives.

    ``notes_below`` maps ids of nodes to {id: number of staff notes below it}, without nodes that have none. Raises
    PlanNotUsable and the exceptions of ``notes_below``.
    """
    index_of(folder)
    try:
        _note_staff_notes(folder, notes_below)
    except sqlite3.Error as error:
        raise _no_room(folder, error) from error


def index_of(folder: Path) -> None:
    """Build the index of a plan from its files. Raises PlanNotUsable."""
    try:
        with index_writer(folder) as writer:
            for name in FILES:
                path = folder / f"{name}.jsonl"
                if path.exists():
                    with open(path, "rb") as lines:
                        for line in lines:
                            writer.add(name, entry_of(_DECODER.decode(line), len(line)))
    except msgspec.DecodeError as error:
        raise _broken(folder) from error
    except sqlite3.Error as error:
        raise _no_room(folder, error) from error


def _note_staff_notes(folder: Path, notes_below: NotesBelow) -> None:
    """Store the number of staff notes below each node that the plan archives."""
    with closing(sqlite3.connect(folder / NAME)) as database:
        found = database.execute("SELECT rowid, id FROM rows WHERE action = 'archive'").fetchall()
        for some in in_batches(found, _ROWS_AT_ONCE):
            notes = notes_below([uid for _, uid in some])
            rows = [(notes.get(uid, 0), rowid) for rowid, uid in some]
            database.executemany("UPDATE rows SET notes = ? WHERE rowid = ?", rows)
        if found:
            database.execute(
                "INSERT INTO noted SELECT total(notes > 0), count(notes) FROM rows WHERE action = 'archive'"
            )
        database.commit()


def _open(folder: Path) -> sqlite3.Connection:
    path = folder / NAME
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    if not path.exists():
        index_of(folder)
    try:
        database = sqlite3.connect(address, uri=True)
        database.execute("SELECT EXISTS (SELECT 1 FROM rows), EXISTS (SELECT 1 FROM below)").fetchall()
    except sqlite3.DatabaseError:  # truncated, overwritten or of an older version: it is built again, once
        path.unlink(missing_ok=True)
        index_of(folder)
        database = sqlite3.connect(address, uri=True)
    return database


def _no_room(folder: Path, error: sqlite3.Error) -> PlanNotUsable:
    return PlanNotUsable(f"The plan cannot be shown: SQLite cannot write its index in {folder}: {error}.")


def _broken(folder: Path) -> PlanNotUsable:
    return PlanNotUsable(
        f"The plan's files in {folder} were altered on disk: they can be neither shown nor applied. Check again."
    )

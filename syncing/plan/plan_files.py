"""Stores a plan on disk: the changes that a run will write, as JSON lines in a folder of its own.

    archives.jsonl    removals that are not held; they are applied first, so that their names become free
    top.jsonl         companies and their folders, which are written before the nodes below them
    placements.jsonl  moves, renames and restores, which are written before the rest needs the names
    rest.jsonl        creations and plain updates, with the rows of each company together
    held.jsonl        removals, and updates that empty fields, that wait for an admin
    rows.sqlite3      the index for the plan's page (index.py); not part of the plan

``graph/apply.py`` reads the files; ``reading.py`` reads pages of them for people.
"""

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec
from django.conf import settings
from msgspec import Struct, field

FILES = ("archives", "top", "placements", "rest", "held")
READING_ORDER = ("held", "archives", "placements", "top", "rest")
ACTIONS = ("create", "update", "move", "archive", "restore")
COUNTED = {"create": "created", "update": "updated", "move": "moved", "archive": "archived", "restore": "restored"}


class Change(Struct, omit_defaults=True, gc=False):
    """One change of one node. ``set``: the properties to write (null removes one); ``before``: their previous values.

    ``base``: the fingerprint of the node at the comparison; if it has another one when the plan is applied, the row is
    skipped. ``account`` and ``company``: number and name of the company that the node belongs to. ``place``: the names
    of the nodes above it, for people. ``below``: of a removal, the number of nodes below that are archived with it, by
    kind.
    """

    action: str
    kind: str
    key: str
    id: str
    name: str
    account: str
    place: str
    parent_id: str
    company: str = ""
    base: str = ""
    set: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    below: dict[str, int] = field(default_factory=dict)


class PlanFiles:
    """The folder of one plan, emptied at the start. Write with ``add``, then ``close``; ``hash`` names the content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)  # left by a run with the same number in an earlier database
        self._open: dict[str, IO[bytes]] = {}
        self.numbers = dict.fromkeys(FILES, 0)
        self._digests = {name: hashlib.sha256() for name in FILES}
        self._encoder = msgspec.json.Encoder()

    def add(self, file: str, change: Change) -> None:
        """Add one change to one of FILES."""
        self.add_lines(file, self._encoder.encode(change) + b"\n", 1)

    def add_lines(self, file: str, lines: bytes, number: int) -> None:
        """Add this number of encoded changes, each with its line ending, to one of FILES."""
        if file not in self._open:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._open[file] = open(self.folder / f"{file}.jsonl", "wb")  # noqa: SIM115 (open until close())
        self._open[file].write(lines)
        self._digests[file].update(lines)
        self.numbers[file] += number

    def close(self) -> None:
        """Close the files; nothing more is added."""
        for file in self._open.values():
            file.close()
        self._open = {}

    def total(self) -> int:
        """The number of changes to apply, without the held ones."""
        return sum(number for file, number in self.numbers.items() if file != "held")

    def hash(self, *files: str) -> str:
        """The hash of these files (by default of all): 16 hex digits."""
        together = "".join(self._digests[file].hexdigest() for file in files or FILES)
        return hashlib.sha256(together.encode()).hexdigest()[:16]

    def read(self, file: str) -> Iterator[Change]:
        """Iterate over the changes of one of FILES; they are complete only after ``close``."""
        return read_file(self.folder / f"{file}.jsonl")


def plan_folder(run_id: int) -> Path:
    """The folder that holds the plan of this run."""
    return Path(settings.INSTANCE_DIR) / "plans" / f"run-{run_id}"


def first_changes(folder: Path, limit: int = 100) -> list[tuple[Change, bool]]:
    """The first changes of the plan in this folder, removals first, and whether each one is held."""
    changes = ((change, file == "held") for file in READING_ORDER for change in read_file(folder / f"{file}.jsonl"))
    return list(islice(changes, limit))


def file_hash(folder: Path, *files: str) -> str:
    """The hash of a stored plan, computed from its files (see PlanFiles.hash)."""
    digests = []
    for name in files or FILES:
        path = folder / f"{name}.jsonl"
        if not path.exists():
            digests.append(hashlib.sha256().hexdigest())
            continue
        with open(path, "rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    return hashlib.sha256("".join(digests).encode()).hexdigest()[:16]


def read_file(path: Path) -> Iterator[Change]:
    """Iterate over the changes of one file; there are none if the plan has no such file."""
    decoder = msgspec.json.Decoder(Change)
    if not path.exists():
        return
    with open(path, "rb") as lines:
        for line in lines:
            yield decoder.decode(line)


def add_counts(counts: dict[str, dict[str, int]], more: dict[str, dict[str, int]]) -> None:
    """Add ``more`` to ``counts``, both {kind: {"created": number, …}}."""
    for kind, actions in more.items():
        mine = counts.setdefault(kind, {})
        for action, number in actions.items():
            mine[action] = mine.get(action, 0) + number


def counts_of(changes: Iterable[Change]) -> dict[str, dict[str, int]]:
    """The number of changed nodes as {kind: {"created": number, …}}, with those that are archived with another."""
    counts: dict[str, dict[str, int]] = {}
    for change in changes:
        counted = COUNTED[change.action]
        by_action = counts.setdefault(change.kind, {})
        by_action[counted] = by_action.get(counted, 0) + 1
        if change.below:
            add_counts(counts, {kind: {counted: number} for kind, number in change.below.items()})
    return counts

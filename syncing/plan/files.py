"""The comparison: desired against existing, company by company, as changes on disk.

Nothing is written to the graph here. The plan is files in a folder of its own (one JSON object a line):

    archives.jsonl    what leaves, after the check for mass removal; first, so that its names are free
    top.jsonl         companies and their folders: created, updated, restored before what hangs below them
    placements.jsonl  moves, renames, restores: changes of a name or place, before the rest needs the names
    rest.jsonl        creations and plain updates, the rows of one company together
    held.jsonl        removals that wait for an admin
    rows.sqlite3      where each change stands, for the page (index.py); not part of the plan

``apply`` reads the files; ``rows`` gives people pages of them.
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
    """One change of one node. ``set``: properties to write, null removes one; ``before``: what they replace.

    ``base`` is the fingerprint that the node has now: when it is another one at the time of writing, the row is
    skipped. ``account`` and ``company``: number and name of the company that the node belongs to; ``place``: the names
    on the way to the node, for people.
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


class PlanFiles:
    """The folder of one plan, emptied at first. Write with ``add``, then ``close``; ``hash`` names the content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)  # of a run of this number in a database that is gone
        self._open: dict[str, IO[bytes]] = {}
        self.numbers = dict.fromkeys(FILES, 0)
        self._digests = {name: hashlib.sha256() for name in FILES}
        self._encoder = msgspec.json.Encoder()

    def add(self, file: str, change: Change) -> None:
        """One change, as a line of one of FILES."""
        self.add_lines(file, self._encoder.encode(change) + b"\n", 1)

    def add_lines(self, file: str, lines: bytes, number: int) -> None:
        """So many changes that are encoded already, each with its line end."""
        if file not in self._open:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._open[file] = open(self.folder / f"{file}.jsonl", "wb")  # noqa: SIM115 (open until close())
        self._open[file].write(lines)
        self._digests[file].update(lines)
        self.numbers[file] += number

    def close(self) -> None:
        """No more is added."""
        for file in self._open.values():
            file.close()
        self._open = {}

    def total(self) -> int:
        """Changes that are to be applied, the held ones left out."""
        return sum(number for file, number in self.numbers.items() if file != "held")

    def hash(self, *files: str) -> str:
        """Names the content of these files (all of them by default); 16 hex digits."""
        together = "".join(self._digests[file].hexdigest() for file in files or FILES)
        return hashlib.sha256(together.encode()).hexdigest()[:16]

    def read(self, file: str) -> Iterator[Change]:
        """The changes of one of FILES, one at a time; all of them only after ``close``."""
        return read_file(self.folder / f"{file}.jsonl")


def plan_folder(run_id: int) -> Path:
    """Where the plan of this run is kept."""
    return Path(settings.INSTANCE_DIR) / "plans" / f"run-{run_id}"


def first_changes(folder: Path, limit: int = 100) -> list[tuple[Change, bool]]:
    """The first changes of the plan in this folder, removals first; and whether each is held back."""
    changes = ((change, file == "held") for file in READING_ORDER for change in read_file(folder / f"{file}.jsonl"))
    return list(islice(changes, limit))


def file_hash(folder: Path, *files: str) -> str:
    """The hash of a stored plan, computed anew from its files (see PlanFiles.hash)."""
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
    """The changes of one file, one at a time; none when the plan has no such file."""
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
    """{kind: {"created": number, …}}."""
    counts: dict[str, dict[str, int]] = {}
    for change in changes:
        by_action = counts.setdefault(change.kind, {})
        by_action[COUNTED[change.action]] = by_action.get(COUNTED[change.action], 0) + 1
    return counts

"""The value types that queries return: plain dataclasses, never driver or neomodel objects."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tree.kinds import KINDS, NODE_CLASS, Company, Folder
from tree.kinds.titles import title_of
from tree.vocabulary import ORIGIN_CODEX, ORIGIN_STAFF, ROOT_ID

# The statuses of closed tickets, however they are written: ``Closed``, ``RESOLVED ``, ``closed - no reply``. This
# matches the whole text, in the syntax that Python and Neo4j (Java) share.
CLOSED_STATUS = r"(?is)\s*(?:closed|resolved|deleted)(?![a-z0-9]).*"
# The statuses of open tickets that wait for somebody else: ``pending``, ``Waiting on customer``, ``Awaiting Parts``.
WAITING_STATUS = r"(?is)\s*(?:pending|waiting|awaiting|on[ _-]?hold|paused)(?![a-z0-9]).*"
_CLOSED_STATUS = re.compile(CLOSED_STATUS)


def kind_of(labels: Iterable[str]) -> str:
    """The kind among a node's labels; Folder if there is none, as in older graphs."""
    return next((label for label in labels if label in KINDS), Folder.kind())


def display_name(uid: str, name: str) -> str:
    """The name to display. The root's stored name is a constant of the old application and is not displayed."""
    return "KnowledgeTree" if uid == ROOT_ID else name


def read_only_reason(uid: str, title: str, properties: Mapping[str, Any]) -> str:
    """Why staff may not change this node, as a message to them; empty if they may.

    A node without an origin comes from the old application and belongs to staff, unless it is marked read-only.
    """
    origin = properties.get("origin")
    if origin == ORIGIN_STAFF or (origin is None and not properties.get("read_only") and uid != ROOT_ID):
        return ""
    if origin == ORIGIN_CODEX:
        return f"“{title}” comes from Codex and is changed there. Write a note below it instead."
    return f"“{title}” is part of the tree's frame: it can be neither changed, moved nor deleted."


@dataclass(frozen=True)
class Crumb:
    """One node on the path from the root. ``title`` is what people read, ``name`` a part of paths.

    ``is_card``: it is the card of the person above it (see ``tree.queries.records.cards``). ``is_ticket``: it is a
    ticket, or the folder of what waits for one. A company has an account number and, unless it is unknown, a
    compliance level.
    """

    uid: str
    name: str
    kind: str
    title: str
    is_card: bool = False
    is_ticket: bool = False
    account_number: str = ""
    compliance_level: str = ""


@dataclass(frozen=True)
class Row:
    """A node in a list. ``fields`` holds the listed properties, ``count`` the number of live children.

    ``title`` is what people read, ``name`` a part of paths.
    """

    uid: str
    name: str
    kind: str
    count: int = 0
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return title_of(self.kind, self.name, self.fields)

    @property
    def account_number(self) -> str:
        return str(self.fields.get("account_number") or "")

    @property
    def compliance_level(self) -> str:
        return str(self.fields.get("compliance_level") or "")

    @property
    def is_archived(self) -> bool:
        return bool(self.fields.get("archived_at"))

    @property
    def is_of_staff(self) -> bool:
        """Whether staff created it and so may move and delete it."""
        return self.fields.get("origin") == ORIGIN_STAFF

    @property
    def is_open_ticket(self) -> bool:
        return is_open(self.fields)

    @property
    def summary(self) -> list[str]:
        """The facts to show below its name, as far as they are known."""
        values = (self.fields.get(name) for name in NODE_CLASS[self.kind].about.summary)
        return [str(value) for value in values if value]


@dataclass(frozen=True)
class Placed:
    """A node in a list that is not about one place. ``path``: the nodes above it, from the root."""

    row: Row
    path: tuple[Crumb, ...]

    @property
    def place(self) -> Crumb | None:
        """What tells where it is: its client, or else what it lies in; None for a client, and beside the clients."""
        client = next((crumb for crumb in self.path if crumb.kind == Company.kind()), None)
        return client or (self.path[-1] if len(self.path) > 1 and self.row.kind != Company.kind() else None)

    @property
    def way(self) -> str:
        """The names from the top down to it, as people read them."""
        return " / ".join([*(crumb.title for crumb in self.path[1:]), self.row.title])


@dataclass(frozen=True)
class Page:
    """A page of a longer list. ``last`` is the id after which the next page begins, None on the last page.

    ``last_key`` is what sorts that node among its siblings, if the page has children in order.
    """

    rows: tuple[Row, ...]
    has_more: bool = False
    last_key: str = ""

    @property
    def last(self) -> str | None:
        return self.rows[-1].uid if self.has_more and self.rows else None


@dataclass(frozen=True)
class Relation:
    """A relation outside the tree structure, as seen from one node. ``name`` is the relation's type."""

    name: str
    outgoing: bool
    evidence: str
    row: Row


@dataclass(frozen=True)
class WarningNote:
    """A note that staff marked as a warning. ``place`` is the node that it lies below and warns of.

    ``text`` holds the first lines of its text, without markup.
    """

    uid: str
    title: str
    text: str
    place: Crumb


@dataclass(frozen=True)
class Node:
    """A node with all its properties, its path from the root (itself last) and its relations.

    ``title`` is what people read, ``name`` a part of paths.
    ``ticket_count`` is the number of live tickets that this person requested, ``mentioned_by`` the number of live
    tickets that mention the node. ``warnings`` are the marked notes below the node and below any node above it, the
    nearest first, without the node itself. ``is_way``: the reader may know its name alone, because it
    lies above companies that they may read.
    """

    uid: str
    name: str
    kind: str
    properties: Mapping[str, Any]
    path: tuple[Crumb, ...]
    relations: tuple[Relation, ...] = ()
    ticket_count: int = 0
    mentioned_by: int = 0
    warnings: tuple[WarningNote, ...] = ()
    is_way: bool = False

    @property
    def title(self) -> str:
        return title_of(self.kind, self.name, self.properties)

    @property
    def account_number(self) -> str:
        return str(self.properties.get("account_number") or "")

    @property
    def compliance_level(self) -> str:
        return str(self.properties.get("compliance_level") or "")

    @property
    def content(self) -> str:
        return str(self.properties.get("content") or "")

    @property
    def version(self) -> int:
        return int(self.properties.get("version") or 1)

    @property
    def read_only_reason(self) -> str:
        """Why staff may not change this node; empty if they may."""
        return read_only_reason(self.uid, self.title, self.properties)

    @property
    def crumbs(self) -> tuple[Crumb, ...]:
        """The nodes above it that have a page of their own."""
        return tuple(crumb for crumb in self.path[:-1] if not crumb.is_card)

    @property
    def is_card(self) -> bool:
        """Whether it is the card of the person above it, and so has no page of its own."""
        return bool(self.path) and self.path[-1].is_card

    @property
    def place(self) -> str:
        """The id of the parent; for the root, its own id."""
        return self.path[-2].uid if len(self.path) > 1 else self.uid

    @property
    def is_trashed(self) -> bool:
        return bool(self.properties.get("trashed_at"))

    @property
    def trashed_with(self) -> Crumb | None:
        """The node on the path, perhaps this one, that was put into the trash; None for a live node."""
        top = self.properties.get("trashed_with")
        return next((crumb for crumb in self.path if crumb.uid == top), None)

    @property
    def is_attached(self) -> bool:
        return bool(self.properties.get("is_attached"))

    @property
    def is_in_ticket(self) -> bool:
        """Whether it is a ticket or lies below one."""
        return any(crumb.is_ticket for crumb in self.path)

    @property
    def holds_tickets(self) -> bool:
        """Whether it is the Tickets folder of a company or person, not a staff folder that is named Tickets."""
        return str(self.properties.get("codex_key") or "").endswith(":tickets")

    @property
    def is_open_ticket(self) -> bool:
        return is_open(self.properties)

    @property
    def company(self) -> Crumb | None:
        return next((crumb for crumb in self.path if crumb.kind == Company.kind()), None)


def is_open(fields: Mapping[str, Any]) -> bool:
    """Whether a ticket with these properties is open."""
    return not fields.get("closed_at") and not is_closed_status(fields.get("status"))


def is_closed_status(status: Any) -> bool:
    """Whether this status of a ticket is one of closed tickets."""
    return _CLOSED_STATUS.fullmatch(str(status or "")) is not None


@dataclass(frozen=True)
class File:
    """A file of a node. ``name`` is the display name, ``filename`` the name on disk, ``holder`` the node's id in lists.

    ``ways``: the nodes from the root to each live node that holds it, of a file that was looked up by itself.
    ``size`` is in bytes, ``width`` and ``height`` are in pixels. ``removed_at`` is the time at which it was removed
    from the node that it is listed for, or empty. ``is_locked`` says that a password keeps its content from us.
    """

    uid: str
    name: str
    filename: str
    content_type: str
    size: int
    sha256: str = ""
    created_at: str = ""
    created_by: str = ""
    width: int = 0
    height: int = 0
    removed_at: str = ""
    removed_by: str = ""
    holder: str = field(default="", compare=False)
    is_locked: bool = False
    ways: tuple[tuple[Crumb, ...], ...] = field(default=(), compare=False)

    @property
    def extension(self) -> str:
        """The extension of the display name, without the dot."""
        return self.name.rpartition(".")[2]

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/") and bool(self.width)


@dataclass
class Branch:
    """A node in the tree pane, with its visible children if it is expanded."""

    row: Row
    level: int
    is_open: bool = False
    is_selected: bool = False
    children: "BranchPage | None" = None


@dataclass
class BranchPage:
    """Siblings in the tree pane. ``more_before`` and ``more_after`` are the ids from which to load more, if any."""

    parent: str
    branches: list[Branch]
    more_before: str | None = None
    more_after: str | None = None


@dataclass(frozen=True)
class PersonOverview:
    """The overview of a person's page: the first tickets that they requested, open ones first."""

    tickets: tuple[Row, ...]


@dataclass(frozen=True)
class Client:
    """A company, as a search is narrowed to it."""

    uid: str
    name: str
    account: str


@dataclass(frozen=True)
class Hit:
    """One search result. ``text`` is the beginning of its content, or of the matching file, which ``file`` names.

    ``facts`` are its properties without its text.
    """

    row: Row
    path: tuple[Crumb, ...]
    text: str
    file: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def crumbs(self) -> tuple[Crumb, ...]:
        """The nodes above it that have a page of their own."""
        return tuple(crumb for crumb in self.path if not crumb.is_card)


@dataclass(frozen=True)
class Hits:
    """A page of search results. ``kinds`` counts the best results by kind.

    ``waiting`` names the kinds ("tickets") that cannot be found yet, because their index is still being built: by an
    initial sync, or by ``setup_graph`` after an update. ``clients``: those that the search was narrowed to because
    their name was among the words. ``accounts`` counts the best results by account number, ``statuses`` the open and
    closed tickets among them. ``is_similar``: no node has what was typed, and these are similar. ``is_by_name``: the
    first one is called so, or has it as its number or address. ``faults``: what of the filters could not be understood,
    in words.
    """

    hits: tuple[Hit, ...] = ()
    has_more: bool = False
    kinds: Mapping[str, int] = field(default_factory=dict)
    is_capped: bool = False
    waiting: str = ""
    clients: tuple[Client, ...] = ()
    accounts: Mapping[str, int] = field(default_factory=dict)
    statuses: Mapping[str, int] = field(default_factory=dict)
    is_similar: bool = False
    is_by_name: bool = False
    faults: tuple[str, ...] = ()

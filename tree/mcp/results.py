"""The structured results of the tools. Their output schemas are made of these types."""

from typing_extensions import TypedDict


class Placed(TypedDict):
    """A node and where it is. ``company_id``: null for what belongs to no company.

    ``withheld``: the keys that are empty because of the compliance level, not because there is nothing.
    """

    id: str
    kind: str
    title: str
    path: str
    url: str
    company_id: str | None
    company: str
    compliance_level: str
    archived: bool
    withheld: list[str]


class Found(Placed):
    """A search result. ``summary``: facts that tell it from others; ``snippet``: where it matches."""

    summary: str
    snippet: str


class Search(TypedDict):
    """``similar``: nothing has what was asked for, and these are similar. ``message``: what is to be known of them.

    ``never_told``: what this caller is never told of, so that nothing found does not mean that there is nothing.
    """

    results: list[Found]
    next_cursor: str | None
    truncated: bool
    similar: bool
    never_told: list[str]
    message: str


class Fact(TypedDict):
    label: str
    values: list[str]


class Linked(TypedDict):
    """A node that this one is linked to, and how."""

    id: str
    kind: str
    title: str
    relation: str


class File(TypedDict):
    name: str
    url: str
    bytes: int


class Fetched(Placed):
    """A node. ``text`` is the part of its Markdown from ``offset`` on, of ``characters`` in all.

    ``base_version`` is what a proposal to change the text is based on; null where staff cannot change it.
    """

    origin: str
    changed_at: str | None
    base_version: int | None
    facts: list[Fact]
    warnings: list[str]
    linked: list[Linked]
    files: list[File]
    text: str
    characters: int
    offset: int
    next_cursor: str | None
    truncated: bool


class Child(Placed):
    """A node in a list of children. ``children``: how many it has itself."""

    children: int
    summary: str


class Tree(TypedDict):
    """The children of a node in their order: folders first."""

    node: Placed
    children: list[Child]
    next_cursor: str | None
    truncated: bool
    never_told: list[str]
    message: str


class Packed(Placed):
    """A node that a pack contains, and as what."""

    section: str
    tokens: int


class Context(TypedDict):
    """A context pack. ``left_out``: how many nodes belong to it and did not fit."""

    text: str
    tokens: int
    budget: int
    contains: list[Packed]
    left_out: int
    truncated: bool
    next_cursor: str | None
    never_told: list[str]


class Whoami(TypedDict):
    """Who calls and what it may do. ``proposals_url``: where people decide on proposals."""

    name: str
    role: str
    way: str
    token: str | None
    scopes: list[str]
    may: list[str]
    never_told: list[str]
    companies: list[str] | None
    proposals_url: str
    url: str


class Proposed(TypedDict):
    """A proposal. Nothing has changed: a technician decides at ``url``. ``repeated``: it had been made already."""

    proposal: int
    state: str
    repeated: bool
    url: str
    node: Placed
    base_version: int | None
    current_version: int | None
    message: str


Structured = Search | Fetched | Tree | Context | Whoami | Proposed

"""What the API v1 takes and gives, as its OpenAPI document describes it.

Bodies are validated with these classes. Responses are written without them, which is faster; tests compare the two.
"""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

EXAMPLE_ID = "3f1c9c5e-8a55-4a4e-9a8e-6f3a5a1b2c3d"
_COMPANY_ID = "9d3f0a7b5c1e2d4f6a8b0c1d"
_TIME = "2026-11-20T08:00:00+00:00"
_LEVELS = {"company_id": _COMPANY_ID, "compliance_level": "hipaa", "company_compliance_level": "hipaa", "withheld": []}
_URL = "https://knowledgetree.example/node/" + EXAMPLE_ID + "/"

Level = Literal["standard", "hipaa", "cjis"]
Name = Annotated[str, Field(min_length=1, max_length=1000, description="The name, unique among its siblings.")]
NodeIdField = Annotated[str, Field(min_length=1, max_length=300, description="The id of a node.")]


def example(**values: Any) -> ConfigDict:
    """The configuration of a class with this example."""
    return ConfigDict(json_schema_extra={"examples": [values]})


class Body(Schema):
    """The base of bodies: a field that is not known is an error of typing, and is refused."""

    model_config = ConfigDict(extra="forbid")


class NewNode(Body):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"parent_id": "root", "name": "VPN set-up", "content": "# VPN\n\nAsk for the token."}]
        },
    )
    parent_id: NodeIdField
    name: Name
    kind: Literal["note", "folder"] = "note"
    content: str = Field("", description="Markdown; only of notes.")
    is_warning: bool = Field(False, description="Whether the note warns of the node that it lies below.")


class ChangedNode(Body):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"content": "# VPN\n\nAsk Ana for the token."}]}
    )
    name: Name | None = None
    content: str | None = Field(None, description="Markdown.")
    is_warning: bool | None = None
    message: str = Field("", max_length=300, description="What was changed and why, for the history.")


class Place(Body):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"parent_id": "root"}]})
    parent_id: NodeIdField


class PlaceOrOld(Body):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}]})
    parent_id: NodeIdField | None = Field(None, description="Where to restore it to; its old place if left out.")


class Crumb(Schema):
    id: str
    kind: str
    name: str
    title: str


class Relation(Schema):
    type: str
    is_outgoing: bool
    evidence: str
    id: str
    kind: str
    title: str


class _OfACompany(Schema):
    company_id: str | None = Field(description="The id of the nearest company above it, or of itself.")
    compliance_level: Level
    company_compliance_level: Level
    withheld: list[str] = Field(description="The keys that are empty because of the compliance level.")


class Node(_OfACompany):
    model_config = example(
        id=EXAMPLE_ID,
        kind="Note",
        name="VPN set-up",
        title="VPN set-up",
        parent_id=_COMPANY_ID,
        path=[{"id": "root", "kind": "Folder", "name": "KnowledgeTree", "title": "KnowledgeTree"}],
        is_folder=False,
        is_warning=False,
        is_read_only=False,
        content="# VPN\n\nAsk for the token.",
        version=3,
        created_at=_TIME,
        created_by="tess",
        updated_at=_TIME,
        updated_by="tess",
        archived_at=None,
        trashed_at=None,
        properties={},
        relations=[],
        **_LEVELS,
        url=_URL,
    )
    id: str
    kind: str
    name: str
    title: str = Field(description="What people read instead of the name.")
    parent_id: str | None
    path: list[Crumb] = Field(description="The nodes from the root down to this one.")
    is_folder: bool
    is_warning: bool
    is_read_only: bool = Field(description="Whether it comes from Codex, or is part of the tree's frame.")
    content: str = Field(description="Markdown.")
    version: int
    created_at: str | None
    created_by: str | None
    updated_at: str | None
    updated_by: str | None
    archived_at: str | None = Field(description="When it was no longer in Codex.")
    trashed_at: str | None
    properties: dict[str, Any] = Field(
        description="What its kind has: the status of a ticket, the serial of a computer."
    )
    relations: list[Relation]
    url: str = Field(description="Its page.")


class Row(_OfACompany):
    id: str
    kind: str
    name: str
    title: str
    is_read_only: bool
    updated_at: str | None
    archived_at: str | None
    properties: dict[str, Any]
    url: str


class Child(Row):
    number_of_children: int


class ListRow(Row):
    company: str | None = Field(description="The title of the company that it belongs to.")


class SearchHit(Row):
    path: list[Crumb]
    summary: str = Field(description="The beginning of the text that was found.")
    file: str = Field(description="The name of the file that has the words; empty if the node has them.")


_ROW: dict[str, Any] = {
    "id": EXAMPLE_ID,
    "kind": "Ticket",
    "name": "Ticket_40007.md",
    "title": "#40007 VPN is down",
    "is_read_only": True,
    "updated_at": _TIME,
    "archived_at": None,
    "properties": {"ticket_number": "40007", "status": "open", "priority": "high"},
    **_LEVELS,
    "url": _URL,
}
_CURSOR = "WyIyMDI2Il0.c2lnbmF0dXJl"


class _Page(Schema):
    next_cursor: str | None = Field(description="Send it as cursor for the next page; null on the last one.")


class Children(_Page):
    model_config = example(items=[{**_ROW, "number_of_children": 0}], next_cursor=_CURSOR)
    items: list[Child]


class List(_Page):
    model_config = example(items=[{**_ROW, "company": "Acme Dental"}], next_cursor=None)
    items: list[ListRow]


class Facets(Schema):
    kinds: dict[str, int]
    accounts: dict[str, int] = Field(description="The numbers of hits by account number.")
    statuses: dict[str, int]


class Found(_Page):
    model_config = example(
        items=[{**_ROW, "path": [], "summary": "The VPN of the front desk is down.", "file": ""}],
        next_cursor=None,
        facets={"kinds": {"Ticket": 1}, "accounts": {"1002": 1}, "statuses": {"open": 1}},
        is_similar=False,
        is_capped=False,
        clients=[],
    )
    items: list[SearchHit]
    facets: Facets
    is_similar: bool = Field(description="Whether no node has all that was typed, and these are similar.")
    is_capped: bool = Field(description="Whether there are more hits than are counted.")
    clients: list[dict[str, str]] = Field(description="The clients whose name was typed, and that it was narrowed to.")


_REVISION: dict[str, Any] = {
    "number": 2,
    "name": "VPN set-up",
    "author": "tess",
    "message": "New gateway",
    "saved_at": _TIME,
    "size": 26,
    "is_warning": False,
    "way": "token",
    "through": "nightly import",
    **_LEVELS,
    "url": _URL + "history/2/",
}


class Revision(_OfACompany):
    number: int
    name: str
    author: str
    message: str
    saved_at: str
    size: int = Field(description="In characters.")
    is_warning: bool
    way: str = Field(description="How the author came: page, core, token, service, command, import, draft; or empty.")
    through: str = Field(description="The name of the API token or file that it was made through.")
    url: str = Field(description="The page of this version.")


class RevisionWithText(Revision):
    model_config = example(**_REVISION, content="# VPN\n\nAsk for the token.")
    content: str


class Revisions(_Page):
    model_config = example(items=[_REVISION], next_cursor=None)
    items: list[Revision]


class File(_OfACompany):
    model_config = example(
        id=EXAMPLE_ID,
        name="front desk.png",
        content_type="image/png",
        size=48213,
        sha256="6d1f…",
        created_at=_TIME,
        created_by="tess",
        is_locked=False,
        url="https://knowledgetree.example/files/" + EXAMPLE_ID + "/front%20desk.png",
        page=_URL,
        **_LEVELS,
    )
    id: str
    name: str
    content_type: str
    size: int = Field(description="In bytes.")
    sha256: str
    created_at: str | None
    created_by: str | None
    is_locked: bool = Field(description="Whether a password keeps its content from being searched.")
    url: str = Field(description="Where it is downloaded, with the same token.")
    page: str = Field(description="The page of its node.")


class Files(_Page):
    model_config = example(items=[], next_cursor=None, withheld=[])
    items: list[File]
    withheld: list[str] = Field(description="files, if they are left out because of the compliance level.")


class Candidate(Schema):
    id: str
    title: str
    kind: str
    section: str
    tokens: int
    is_in: bool
    why: str = Field(description="Its section if it is in; else budget, repeat of …, or not wanted.")
    company_id: str | None


class Manifest(Schema):
    """What a context holds, and what it does not."""

    tokenizer: str
    budget: int
    tokens: int
    sha256: str = Field(description="Of the text: equal contexts have equal ones.")
    withheld: list[str] = Field(description="What may be missing because of rights or compliance levels, in words.")
    candidates: list[Candidate]


class Context(Schema):
    model_config = example(
        text="# Context: Ticket “#40007 VPN is down” …",
        manifest={
            "tokenizer": "o200k_base",
            "budget": 20000,
            "tokens": 4711,
            "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "withheld": [],
            "candidates": [],
        },
    )
    text: str = Field(description="Markdown.")
    manifest: Manifest


class ProblemField(Schema):
    field: str
    detail: str


class Problem(Schema):
    """An error (RFC 9457)."""

    model_config = example(
        type="about:blank#unprocessable-entity",
        title="Unprocessable Entity",
        status=422,
        detail="limit: It must be at most 1000.",
        instance="/api/v1/nodes/root/children",
        errors=[{"field": "limit", "detail": "It must be at most 1000."}],
    )
    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[ProblemField] = Field([], description="What is wrong with which field of the request.")

"""The tool ``search``."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from knowledgetree.basics.rights.reader import Reader
from tree import queries
from tree.api.compliance import Disclosure
from tree.context.customers import on_one_line
from tree.graph.values import Client, Crumb, Hit, Hits, Row
from tree.kinds import Ticket
from tree.mcp.callers import Caller, caller
from tree.mcp.calls import Answer, Wrong
from tree.mcp.results import Found, Search
from tree.mcp.told import KIND_WORDS, headline, placed, quoted
from tree.mcp.tools.parameters import Cursor, number_in
from tree.queries.records.clients import clients_named
from tree.search.snippets import snippet
from tree.search.typed import Typed, read_typed

MOST = 50


def search(
    query: Annotated[
        str,
        Field(
            min_length=1,
            max_length=300,
            description="Words, a name, phone number, address, hostname or ticket number. Filters narrow it: "
            "status:open, since:7d, by:ana, client:acme.",
        ),
    ],
    company: Annotated[
        str, Field(max_length=300, description="Only this company: its id, account number or name. Empty: all.")
    ] = "",
    kind: Annotated[
        str, Field(description="Only this kind. Empty: all.", json_schema_extra={"enum": ["", *KIND_WORDS]})
    ] = "",
    cursor: Cursor = "",
    limit: Annotated[int, Field(ge=1, le=MOST, description="The most results at once.")] = 10,
    include_archived: Annotated[
        bool,
        Field(description="Whether archived nodes are found, too: records that have left the source, old tickets."),
    ] = False,
) -> Answer:
    """Find nodes by their names, texts, fields and files; the best first."""
    present = caller()
    reader = present.reader
    if kind and kind not in KIND_WORDS:
        raise Wrong("kind", f"there are {', '.join(KIND_WORDS)}.")
    skip = number_in(cursor)
    found = queries.search(
        query,
        kind=KIND_WORDS.get(kind, ""),
        company=_company(company.strip(), reader).uid if company.strip() else "",
        archived=include_archived,
        reader=reader,
        skip=skip,
        limit=limit,
    )
    if found.faults:
        raise Wrong("query", " ".join(found.faults))
    ways: list[tuple[Hit, tuple[Crumb | Row, ...]]] = [(hit, (*hit.path, hit.row)) for hit in found.hits]
    known = present.disclosure(one for _, way in ways for one in way)
    typed = read_typed(query)
    results = [_found(hit, typed, known, present) for hit, way in ways if not known.hides(way)]
    structured: Search = {
        "results": results,
        "next_cursor": str(skip + len(found.hits)) if found.has_more and found.hits else None,
        "truncated": found.has_more,
        "similar": found.is_similar,
        "never_told": present.withheld,
        "message": _message(found, results, present),
    }
    return Answer(structured, _text(structured), list(results))


def _company(named: str, reader: Reader) -> Client:
    """The company with this id, account number or name, if the reader may know of it. Raises Wrong."""
    if by_id := queries.find_name(named, reader=reader):
        return by_id
    seen = clients_named(named, reader=reader)
    if not seen:
        raise Wrong("company", f"no company has this name, number or id: “{on_one_line(named)}”.")
    if len(seen) > 1:
        raise Wrong("company", f"several are meant: {_several(seen)}. Give one of the ids.")
    return seen[0]


def _several(clients: Sequence[Client]) -> str:
    return "; ".join(f"{on_one_line(client.name)} (id {client.uid})" for client in clients[:5])


def _found(hit: Hit, typed: Typed, known: Disclosure, present: Caller) -> Found:
    text = "".join(part.text for part in snippet(hit, typed))
    way: tuple[Crumb | Row, ...] = (*hit.path, hit.row)
    found: Found = placed(
        way,
        known,
        present,
        summary=on_one_line(" · ".join(hit.row.summary)),
        snippet=quoted(text, Ticket.kind() if _is_of_ticket(hit) else hit.row.kind),
    )
    return found


def _is_of_ticket(hit: Hit) -> bool:
    return hit.row.kind == Ticket.kind() or any(crumb.is_ticket for crumb in hit.path)


def _message(found: Hits, results: Sequence[Found], present: Caller) -> str:
    if found.waiting:
        return f"{found.waiting.capitalize()} cannot be found yet, because a first sync is loading them. Try later."
    withheld = " and ".join(present.withheld)
    if found.hits and not results:
        return "What was found is withheld, because of the compliance level of its company."
    if not results:
        return (
            f"Nothing was found. This caller sees no {withheld}; there may be some."
            if withheld
            else ("Nothing was found. Try fewer or other words, or include_archived.")
        )
    return "Nothing has all of this; these are similar." if found.is_similar else ""


def _text(answer: Search) -> str:
    lines = [f"- {headline(one)}{_about(one)}" for one in answer["results"]]
    more = f"More with cursor {answer['next_cursor']}." if answer["next_cursor"] else ""
    return "\n".join(filter(None, [answer["message"], *lines, more]))


def _about(one: Found) -> str:
    return "".join(f"\n{text}" for text in (one["summary"], one["snippet"]) if text)

"""The tools ``fetch`` and ``tree``."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from knowledgetree.basics.rights.withholding import Part
from tree import queries
from tree.api.compliance import CONTACT_KEYS, Disclosure, withheld_by
from tree.api.readable import disclosed, told
from tree.context import tokens
from tree.context.blocks import origin
from tree.context.customers import on_one_line
from tree.context.targets import NO_NODE, id_of
from tree.exceptions import NodeNotFound
from tree.files.serving import file_url
from tree.graph.values import Node, Row
from tree.kinds import NODE_CLASS, Note, Ticket
from tree.kinds.facts import facts
from tree.mcp.callers import Caller, caller
from tree.mcp.calls import Answer
from tree.mcp.results import Child, Fetched, Linked, Placed, Tree
from tree.mcp.told import headline, kind_word, placed, quoted
from tree.mcp.tools.parameters import Cursor, Named, number_in
from tree.vocabulary import COMPANIES_ID, ROOT_ID

PART_TOKENS = 8_000
_PART_CHARACTERS = 40_000  # of which a part is cut
_LINKED, _FILES = 40, 40
_WAY = {"": ROOT_ID, ROOT_ID.casefold(): ROOT_ID, "/companies": COMPANIES_ID, COMPANIES_ID.casefold(): COMPANIES_ID}
MOST_CHILDREN = 100


def fetch(
    id: Named,  # noqa: A002 - the name that assistants expect
    cursor: Cursor = "",
) -> Answer:
    """Read one node: its facts, warnings, links, files, and its text in Markdown, a long one in parts."""
    present = caller()
    node = readable(id, present)
    start = number_in(cursor)
    text = "" if _is_facts(node) else node.content
    part = tokens.beginning(text[start : start + _PART_CHARACTERS], PART_TOKENS)
    end = start + len(part)
    known = present.disclosure(crumb for crumb in node.path)
    without = CONTACT_KEYS if Part.CONTACTS in known.parts(node.path) else ()
    structured: Fetched = placed(
        node.path,
        known,
        present,
        archived=bool(node.properties.get("archived_at")),
        origin=origin(node.kind, node.properties),
        changed_at=str(node.properties.get("updated_at") or "") or None,
        base_version=None if node.read_only_reason else node.version,
        facts=[
            {"label": fact.label, "values": [on_one_line(value) for value in fact.values]}
            for fact in facts(node.kind, node.properties, without)
            if node.kind != Note.kind()
        ],
        warnings=_warnings(node, present),
        linked=_linked(node, present),
        files=[
            {"name": on_one_line(file.name), "url": present.address(file_url(file)), "bytes": file.size}
            for file in queries.get_files(node.uid, reader=present.reader)[:_FILES]
            if not file.removed_at
        ],
        text=quoted(part, Ticket.kind() if node.is_in_ticket else node.kind),
        characters=len(text),
        offset=start,
        next_cursor=str(end) if end < len(text) else None,
        truncated=end < len(text),
    )
    return Answer(structured, as_text(structured))


def readable(named: str, present: Caller) -> Node:
    """The node that is named, if it is live and this caller may read it. Raises NodeNotFound, Forbidden."""
    uid = id_of(named, present.reader)
    try:
        node = disclosed(uid, present.reader, withheld_by(present.identity.via))
    except NodeNotFound as error:
        raise NodeNotFound(NO_NODE.format(named=on_one_line(named))) from error
    if node.is_trashed:
        raise NodeNotFound(f"“{on_one_line(named)}” lies in the trash.")
    return node


def _way_to_companies(named: str, present: Caller) -> Node | None:
    """The root or the folder of the companies, which lead those who read some companies to these."""
    uid = _WAY.get(named.strip().rstrip("/").casefold())
    return queries.get_node(uid, reader=present.reader) if uid else None


def _is_facts(node: Node) -> bool:
    """Whether the text of the node only repeats its facts."""
    return NODE_CLASS[node.kind].about.text_is_facts


def _warnings(node: Node, present: Caller) -> list[str]:
    """Warnings of staff about the node and what it lies in."""
    seen = _told([warning.uid for warning in node.warnings], present)
    return [
        on_one_line(f"{one.title}: {one.text if seen[one.uid] else 'withheld'} (id {one.uid})")
        for one in node.warnings
        if one.uid in seen
    ]


def _linked(node: Node, present: Caller) -> list[Linked]:
    rows = {relation.row.uid: (relation.row, relation.name) for relation in node.relations[:_LINKED]}
    rows |= {
        row.uid: (row, "links here")
        for row in queries.get_backlinks(node.uid, reader=present.reader)[:_LINKED]
        if row.uid not in rows
    }
    seen = _told(rows, present, beside=node)
    return [_link(row, how) for uid, (row, how) in rows.items() if uid in seen]


def _told(ids: Iterable[str], present: Caller, beside: Node | None = None) -> dict[str, bool]:
    return told(ids, present.reader, withheld_by(present.identity.via), beside)


def _link(row: Row, how: str) -> Linked:
    words = how.replace("_", " ").lower()
    return {"id": row.uid, "kind": kind_word(row.kind), "title": on_one_line(row.title), "relation": words}


def as_text(node: Fetched) -> str:
    """The node as Markdown."""
    parts = [
        headline(node),
        f"{node['path']} · by {node['origin']}",
        *(f"WARNING {warning}" for warning in node["warnings"]),
        "\n".join(f"- {fact['label']}: {', '.join(fact['values'])}" for fact in node["facts"]),
        "\n".join(f"- {one['relation']}: {one['kind']} “{one['title']}” (id {one['id']})" for one in node["linked"]),
        "\n".join(f"- file: {one['name']} {one['url']}" for one in node["files"]),
        node["text"],
        f"[withheld because of the compliance level: {', '.join(node['withheld'])}]" if node["withheld"] else "",
        f"[{node['characters']} characters; go on with cursor {node['next_cursor']}]" if node["next_cursor"] else "",
    ]
    return "\n\n".join(filter(None, parts))


def tree(
    id: Named = ROOT_ID,  # noqa: A002
    cursor: Cursor = "",
    limit: Annotated[int, Field(ge=1, le=MOST_CHILDREN, description="The most children at once.")] = 50,
) -> Answer:
    """List what lies directly below a node, folders first. Without an id: the top of the tree."""
    present = caller()
    node = _way_to_companies(id, present) or readable(id, present)
    page = queries.get_children(node.uid, after=cursor.strip() or None, reader=present.reader, limit=limit)
    known = present.disclosure((*node.path, *page.rows))
    children = [_child(node, row, known, present) for row in page.rows if not known.hides((*node.path, row))]
    structured: Tree = {
        "node": placed(node.path, known, present),
        "children": children,
        "next_cursor": page.last,
        "truncated": page.has_more,
        "never_told": present.withheld,
        "message": "" if children else "Nothing lies here that this caller may read.",
    }
    listed: list[Placed] = [*children]
    return Answer(structured, _listed(structured), listed)


def _child(node: Node, row: Row, known: Disclosure, present: Caller) -> Child:
    child: Child = placed(
        (*node.path, row), known, present, children=row.count, summary=on_one_line(" · ".join(row.summary))
    )
    return child


def _listed(answer: Tree) -> str:
    lines = [
        f"- {headline(child)}{' · ' if child['summary'] else ''}{child['summary']} · {child['children']} below"
        for child in answer["children"]
    ]
    more = f"More with cursor {answer['next_cursor']}." if answer["next_cursor"] else ""
    return "\n".join(filter(None, [headline(answer["node"]), answer["message"], *lines, more]))

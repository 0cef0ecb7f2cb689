"""Every read of the tree: one Cypher statement each, few for a page.

Statements give columns or maps, collected into one record (``RETURN collect(…)``): three to five times
faster than a record for each row. A page of children starts ``ORDER BY parent_id, sort_key``, so that it is
one ordered read of the index ``context_item_children``, however many children there are. The index is
named in them, because the planner chooses by statistics, which are old after a first load.
"""

from typing import Any

from neo4j.exceptions import ClientError

from tree.connection import read
from tree.exceptions import NodeNotFound
from tree.lucene import MAX_CHARACTERS, fulltext_queries
from tree.models import COMPANIES_ID
from tree.naming import sibling_key
from tree.nodes import (
    CLOSED_STATUSES,
    Branch,
    BranchPage,
    CompanyOverview,
    Crumb,
    Hit,
    Hits,
    Node,
    Page,
    PersonOverview,
    Relation,
    Row,
    display_name,
    kind_of,
)
from tree.schema import FULLTEXT_INDEX

PAGE_ROWS = 100
BRANCH_ROWS = 200
_BRANCH_ROWS_BEFORE = 40  # above the open node, when the pane is drawn around it
_KIND_WEIGHTS = {"Company": 4.0, "User": 2.0}  # few, and what people mostly look for
_SEARCH_DEPTH = 1000  # results looked at before filters; deeper ones nobody reads

# A row of any list, as a map of columns.
_ROW = """{.id, .name, .archived_at, .email, .title, .active, .hostname, .operating_system, .int_ip_address,
 .online, .subject, .status, .priority, .ticket_number, .requester_name, .opened_at, .last_updated_at,
 .closed_at, .account_number, .compliance_level, .origin, labels: labels(%(n)s)}"""
_LIVE_CHILDREN = "COUNT { (%(n)s)-[:PARENT_OF]->(x) WHERE x.archived_at IS NULL AND x.trashed_at IS NULL }"

_NODE = (
    """
MATCH (n:ContextItem {id: $id})
RETURN properties(n) AS node, labels(n) AS labels,
  COLLECT {
    MATCH way = (n)<-[:PARENT_OF*0..60]-(a:ContextItem)
    RETURN {id: a.id, name: a.name, labels: labels(a)} ORDER BY length(way) DESC
  } AS path,
  COLLECT {
    MATCH (n)-[r:REQUESTED_BY|USED_BY]->(o:ContextItem) WHERE o.trashed_at IS NULL
    RETURN {type: type(r), outgoing: true, evidence: r.evidence, row: o """
    + _ROW % {"n": "o"}
    + """} LIMIT 50
  } + COLLECT {
    MATCH (n)<-[r:USED_BY]-(o:ContextItem) WHERE o.archived_at IS NULL AND o.trashed_at IS NULL
    RETURN {type: type(r), outgoing: false, evidence: r.evidence, row: o """
    + _ROW % {"n": "o"}
    + """} LIMIT 50
  } AS relations,
  COUNT { (n)<-[:REQUESTED_BY]-(t) WHERE t.archived_at IS NULL AND t.trashed_at IS NULL } AS ticket_count
"""
)

_CHILDREN = (
    """
OPTIONAL MATCH (start:ContextItem {id: $after})
WITH coalesce(start.sort_key, '') AS key, coalesce(start.id, '') AS id
CALL (key, id) {
  MATCH (c:ContextItem) USING INDEX c:ContextItem(parent_id, sort_key)
  WHERE c.parent_id = $parent AND c.sort_key >= key AND (c.sort_key > key OR c.id > id)
    AND c.trashed_at IS NULL AND ($archived OR c.archived_at IS NULL) AND ($tickets OR NOT c:Ticket)
  WITH c ORDER BY c.parent_id, c.sort_key, c.id LIMIT $limit
  RETURN collect(c """
    + _ROW % {"n": "c"}
    + ") AS rows, collect("
    + _LIVE_CHILDREN % {"n": "c"}
    + """) AS counts
}
RETURN rows, counts
"""
)

_BRANCH_COLUMNS = (
    "collect([c.id, c.name, labels(c), c.archived_at, c.status, " + _LIVE_CHILDREN % {"n": "c"} + ", c.subject])"
)
_BRANCHES_FIRST = (
    """
MATCH (c:ContextItem) USING INDEX c:ContextItem(parent_id, sort_key)
WHERE c.parent_id = $parent AND c.sort_key >= ''
  AND c.trashed_at IS NULL AND c.archived_at IS NULL AND ($tickets OR NOT c:Ticket)
WITH c ORDER BY c.parent_id, c.sort_key, c.id LIMIT $limit
RETURN """
    + _BRANCH_COLUMNS
    + " AS rows"
)
_BRANCHES_AFTER = (
    """
MATCH (start:ContextItem {id: $start})
WITH start.sort_key AS key, start.id AS id
CALL (key, id) {
  MATCH (c:ContextItem) USING INDEX c:ContextItem(parent_id, sort_key)
  WHERE c.parent_id = $parent AND c.sort_key >= key AND (c.sort_key > key OR c.id > id)
    AND c.trashed_at IS NULL AND c.archived_at IS NULL AND ($tickets OR NOT c:Ticket)
  WITH c ORDER BY c.parent_id, c.sort_key, c.id LIMIT $limit
  RETURN """
    + _BRANCH_COLUMNS
    + """ AS rows
}
RETURN rows
"""
)
_BRANCHES_BEFORE = (
    """
MATCH (start:ContextItem {id: $start})
WITH start.sort_key AS key, start.id AS id
CALL (key, id) {
  MATCH (c:ContextItem) USING INDEX c:ContextItem(parent_id, sort_key)
  WHERE c.parent_id = $parent AND c.sort_key <= key AND (c.sort_key < key OR c.id < id)
    AND c.trashed_at IS NULL AND c.archived_at IS NULL AND ($tickets OR NOT c:Ticket)
  WITH c ORDER BY c.parent_id DESC, c.sort_key DESC, c.id DESC LIMIT $limit
  RETURN """
    + _BRANCH_COLUMNS
    + """ AS rows
}
RETURN rows
"""
)
# For each level from the root to the open node: the siblings around the next node of the way.
_LEVELS = (
    """
MATCH (open:ContextItem {id: $id})
WITH COLLECT {
  MATCH way = (open)<-[:PARENT_OF*0..60]-(a:ContextItem) RETURN a ORDER BY length(way) DESC
} AS way
UNWIND range(0, size(way) - 1) AS level
WITH level, way[level] AS parent, way[level + 1] AS next
CALL (parent, next) {
  WITH parent, coalesce(next.sort_key, '') AS key, coalesce(next.id, '') AS id
  MATCH (c:ContextItem) USING INDEX c:ContextItem(parent_id, sort_key)
  WHERE c.parent_id = parent.id AND c.sort_key >= key AND (c.sort_key > key OR c.id >= id)
    AND c.trashed_at IS NULL AND (c.archived_at IS NULL OR c.id = id) AND ($tickets OR NOT c:Ticket)
  WITH c ORDER BY c.parent_id, c.sort_key, c.id LIMIT $after
  RETURN """
    + _BRANCH_COLUMNS
    + """ AS below
}
CALL (parent, next) {
  WITH parent, next.sort_key AS key, next.id AS id
  MATCH (c:ContextItem) USING INDEX c:ContextItem(parent_id, sort_key)
  WHERE c.parent_id = parent.id AND c.sort_key <= key AND (c.sort_key < key OR c.id < id)
    AND c.trashed_at IS NULL AND c.archived_at IS NULL AND ($tickets OR NOT c:Ticket)
  WITH c ORDER BY c.parent_id DESC, c.sort_key DESC, c.id DESC LIMIT $before
  RETURN """
    + _BRANCH_COLUMNS
    + """ AS above
}
RETURN level, parent.id AS id, parent.name AS name, labels(parent) AS labels, above, below ORDER BY level
"""
)

_COMPANY = (
    """
MATCH (company:ContextItem {id: $id})
OPTIONAL MATCH (company)-[:PARENT_OF]->(folder:Folder) WHERE folder.name IN ['Users', 'Assets', 'Tickets']
WITH collect(folder) AS folders
RETURN
  COUNT { UNWIND folders AS f MATCH (f)-[:PARENT_OF]->(x:User) WHERE x.archived_at IS NULL } AS people,
  COUNT { UNWIND folders AS f MATCH (f)-[:PARENT_OF]->(x:Asset) WHERE x.archived_at IS NULL } AS assets,
  COUNT { UNWIND folders AS f MATCH (f)-[:PARENT_OF]->(x:Ticket) WHERE $tickets AND x.archived_at IS NULL }
    AS tickets,
  COUNT {
    UNWIND folders AS f MATCH (f)-[:PARENT_OF]->(x:Ticket)
    WHERE $tickets AND x.archived_at IS NULL AND x.closed_at IS NULL AND NOT coalesce(x.status, '') IN $closed
  } AS open_tickets,
  COLLECT {
    UNWIND folders AS f MATCH (f)-[:PARENT_OF]->(x:Ticket) WHERE $tickets AND x.archived_at IS NULL
    WITH x ORDER BY coalesce(x.last_updated_at, x.opened_at, '') DESC, x.id LIMIT 8
    RETURN x """
    + _ROW % {"n": "x"}
    + """
  } AS latest
"""
)

_PERSON = (
    """
MATCH (person:ContextItem {id: $id})
OPTIONAL MATCH (person)-[:PARENT_OF]->(contact:Note {name: 'Contact.md'}) WHERE contact.archived_at IS NULL
WITH person, head(collect(contact)) AS contact
RETURN contact.id AS contact_id, contact.content AS contact,
  COLLECT {
    MATCH (person)<-[:REQUESTED_BY]-(t:Ticket)
    WHERE $tickets AND t.archived_at IS NULL AND t.trashed_at IS NULL
    WITH t ORDER BY (t.closed_at IS NULL AND NOT coalesce(t.status, '') IN $closed) DESC,
      coalesce(t.last_updated_at, t.opened_at, '') DESC, t.id LIMIT 25
    RETURN t """
    + _ROW % {"n": "t"}
    + """
  } AS tickets
"""
)

_LINKED = (
    """
MATCH (:ContextItem {id: $id})-[:LINKS_TO]->(t:ContextItem)
WHERE t.trashed_at IS NULL AND ($archived OR t.archived_at IS NULL) AND ($tickets OR NOT t:Ticket)
WITH DISTINCT t ORDER BY (t.closed_at IS NULL AND NOT coalesce(t.status, '') IN $closed) DESC,
  coalesce(t.last_updated_at, t.opened_at, '') DESC, t.id SKIP $skip LIMIT $limit
RETURN collect(t """
    + _ROW % {"n": "t"}
    + """) AS rows
"""
)

_SIBLINGS_BY_KEY = """
UNWIND $keys AS key
MATCH (c:ContextItem {sibling_key: key}) WHERE c.trashed_at IS NULL AND c.archived_at IS NULL
RETURN key, c.id AS id, labels(c) AS labels
"""

_COMPANIES = (
    """
MATCH (c:ContextItem) USING INDEX c:ContextItem(parent_id, sort_key)
WHERE c.parent_id = $parent AND c.sort_key >= '' AND c.trashed_at IS NULL AND c.archived_at IS NULL
  AND ($contains = '' OR toLower(c.name) CONTAINS $contains OR c.account_number = $contains)
WITH c ORDER BY c.parent_id, c.sort_key, c.id LIMIT $limit
RETURN collect(c """
    + _ROW % {"n": "c"}
    + """) AS rows
"""
)
_COUNT_LIVE_CHILDREN = "MATCH (n:ContextItem {id: $id}) RETURN " + _LIVE_CHILDREN % {"n": "n"} + " AS number"
_COUNT_KINDS = """
RETURN COUNT { (:Company) } AS companies, COUNT { (:User) } AS people, COUNT { (:Asset) } AS assets,
  COUNT { (:Ticket) } AS tickets
"""

_SEARCH = (
    """
CALL db.index.fulltext.queryNodes($index, $query, {limit: $depth}) YIELD node AS n, score
WHERE n.trashed_at IS NULL AND ($archived OR n.archived_at IS NULL)
  AND ($tickets OR NOT EXISTS { (n)<-[:PARENT_OF*0..12]-(:Ticket) })
  AND ($company = '' OR n.account_number = $account OR EXISTS {
    (n)<-[:PARENT_OF*0..12]-(:ContextItem {id: $company})
  })
WITH n, head([l IN labels(n) WHERE l <> 'ContextItem']) AS kind, score
WITH n, kind ORDER BY toLower(n.name) IN $exact DESC, score * coalesce($weights[kind], 1.0) DESC, n.id
WITH collect(kind) AS kinds, [x IN collect(n) WHERE $kind = '' OR $kind IN labels(x)] AS found
RETURN kinds, size(found) AS number, [n IN found[$skip..$skip + $limit] | {
  row: n """
    + _ROW % {"n": "n"}
    + """,
  text: left(coalesce(n.content, ''), 6000),
  path: COLLECT {
    MATCH way = (n)<-[:PARENT_OF*1..60]-(a:ContextItem)
    RETURN {id: a.id, name: a.name, labels: labels(a)} ORDER BY length(way) DESC
  }
}] AS hits
"""
)


def ping() -> None:
    """Ask the graph for nothing. Raises GraphUnavailable."""
    read("RETURN 1 AS one")


def get_node(uid: str) -> Node:
    """The node of this id, archived and trashed ones too. Raises NodeNotFound, GraphUnavailable."""
    rows = read(_NODE, id=uid)
    if not rows:
        raise NodeNotFound(f"No node has the id {uid!r}.")
    found = rows[0]
    return Node(
        uid=uid,
        name=display_name(uid, str(found["node"].get("name") or "")),
        kind=kind_of(found["labels"]),
        properties=found["node"],
        path=_crumbs(found["path"]),
        relations=tuple(
            Relation(r["type"], r["outgoing"], str(r["evidence"] or ""), _row(r["row"])) for r in found["relations"]
        ),
        ticket_count=found["ticket_count"],
    )


def get_children(
    parent: str, *, after: str | None = None, archived: bool = False, tickets: bool = True, limit: int = PAGE_ROWS
) -> Page:
    """A page of children in order, beginning behind the child with the id ``after``."""
    rows = read(_CHILDREN, parent=parent, after=after or "", archived=archived, tickets=tickets, limit=limit + 1)
    found = [_row(c, n) for c, n in zip(rows[0]["rows"], rows[0]["counts"], strict=True)]
    return Page(tuple(found[:limit]), has_more=len(found) > limit)


def get_linked(uid: str, *, skip: int = 0, archived: bool = False, tickets: bool = True) -> Page:
    """The nodes that an attached folder links to: open tickets first, then by last change."""
    rows = read(
        _LINKED,
        id=uid, skip=skip, limit=PAGE_ROWS + 1, archived=archived, tickets=tickets, closed=CLOSED_STATUSES,
    )  # fmt: skip
    found = [_row(c) for c in rows[0]["rows"]]
    return Page(tuple(found[:PAGE_ROWS]), has_more=len(found) > PAGE_ROWS)


def get_company(uid: str, *, tickets: bool = True) -> CompanyOverview:
    """Counts and latest tickets of a company."""
    found = read(_COMPANY, id=uid, tickets=tickets, closed=CLOSED_STATUSES)[0]
    return CompanyOverview(
        found["people"],
        found["assets"],
        found["tickets"],
        found["open_tickets"],
        tuple(_row(t) for t in found["latest"]),
    )


def get_person(uid: str, *, tickets: bool = True) -> PersonOverview:
    """Contact.md of a person and the tickets that they requested."""
    found = read(_PERSON, id=uid, tickets=tickets, closed=CLOSED_STATUSES)[0]
    return PersonOverview(str(found["contact"] or ""), found["contact_id"], tuple(_row(t) for t in found["tickets"]))


def get_companies(*, contains: str = "", limit: int = 60) -> Page:
    """The first companies in order whose name holds this text, or whose account number it is."""
    rows = read(_COMPANIES, parent=COMPANIES_ID, contains=contains.strip().lower(), limit=limit + 1)
    found = [_row(c) for c in rows[0]["rows"]]
    return Page(tuple(found[:limit]), has_more=len(found) > limit)


def count_children(uid: str) -> int:
    """Live children of a node; 0 for an unknown one."""
    rows = read(_COUNT_LIVE_CHILDREN, id=uid)
    return int(rows[0]["number"]) if rows else 0


def count_kinds() -> dict[str, int]:
    """How many nodes of the main kinds there are, archived ones too; from the count store, at once."""
    return read(_COUNT_KINDS)[0]


def find_children_by_name(parent: str, names: list[str]) -> dict[str, str]:
    """Ids of the live children of these names, compared as siblings are: {name: id}."""
    keys = {sibling_key(parent, name): name for name in reversed(names)}
    rows = read(_SIBLINGS_BY_KEY, keys=list(keys))
    return {keys[row["key"]]: row["id"] for row in rows}


def get_branches(parent: str, *, tickets: bool = True, after: str = "", before: str = "") -> BranchPage:
    """A page of the tree pane below a node: from the start, or behind or before one of its children."""
    if before:
        rows = read(_BRANCHES_BEFORE, parent=parent, start=before, tickets=tickets, limit=BRANCH_ROWS + 1)
        above = [_branch(c) for c in rows[0]["rows"]] if rows else []
        page = above[:BRANCH_ROWS][::-1]
        return BranchPage(parent, page, more_before=page[0].row.uid if len(above) > BRANCH_ROWS else None)
    start = after or parent
    statement = _BRANCHES_AFTER if after else _BRANCHES_FIRST
    rows = read(statement, parent=parent, start=start, tickets=tickets, limit=BRANCH_ROWS + 1)
    below = [_branch(c) for c in rows[0]["rows"]] if rows else []
    page = below[:BRANCH_ROWS]
    return BranchPage(parent, page, more_after=page[-1].row.uid if len(below) > BRANCH_ROWS else None)


def get_tree_around(uid: str, *, tickets: bool = True) -> Branch:
    """The tree from the root, unfolded so that this node is seen in it. Raises NodeNotFound."""
    levels = read(_LEVELS, id=uid, tickets=tickets, after=BRANCH_ROWS + 1, before=_BRANCH_ROWS_BEFORE + 1)
    if not levels:
        raise NodeNotFound(f"No node has the id {uid!r}.")
    first = levels[0]
    root = Branch(
        Row(first["id"], display_name(first["id"], str(first["name"])), kind_of(first["labels"])), 1, is_open=True
    )
    current = root
    for number, level in enumerate(levels):
        current.is_open = True
        current.children = _level(level, number + 2)
        following = levels[number + 1]["id"] if number + 1 < len(levels) else None
        nexts = [b for b in current.children.branches if b.row.uid == following]
        if not nexts:
            break
        current = nexts[0]
    current.is_selected = current.row.uid == uid
    return root


def search(
    text: str,
    *,
    kind: str = "",
    company: str = "",
    archived: bool = False,
    tickets: bool = True,
    skip: int = 0,
    limit: int = 25,
) -> Hits:
    """Full-text search for what a person typed; any text is fine. All words first, else any of them."""
    account = ""
    if company:
        found = read("MATCH (c:ContextItem {id: $id}) RETURN c.account_number AS account", id=company)
        account = str(found[0]["account"] or "") if found else ""
    exact = text[:MAX_CHARACTERS].strip().lower()
    for query in fulltext_queries(text):
        hits = _search(
            query,
            exact=[exact, f"{exact}.md"],
            kind=kind, company=company, account=account, archived=archived, tickets=tickets, skip=skip, limit=limit,
        )  # fmt: skip
        if hits.hits or hits.kinds:
            return hits
    return Hits()


def _search(query: str, *, skip: int, limit: int, **filters: Any) -> Hits:
    try:
        rows = read(
            _SEARCH,
            weights=_KIND_WEIGHTS,
            index=FULLTEXT_INDEX,
            query=query,
            depth=_SEARCH_DEPTH,
            skip=skip,
            limit=limit,
            **filters,
        )
    except ClientError as error:
        if error.code != "Neo.ClientError.Procedure.ProcedureCallFailed":
            raise
        return Hits()  # Lucene could not read it, or the index is being rebuilt
    found = rows[0]
    kinds: dict[str, int] = {}
    for kind in found["kinds"]:
        kinds[kind] = kinds.get(kind, 0) + 1
    hits = tuple(Hit(_row(h["row"]), _crumbs(h["path"]), h["text"]) for h in found["hits"])
    return Hits(hits, skip + limit < found["number"], kinds, len(found["kinds"]) >= _SEARCH_DEPTH)


def _crumbs(path: list[dict[str, Any]]) -> tuple[Crumb, ...]:
    return tuple(Crumb(a["id"], display_name(a["id"], str(a["name"])), kind_of(a["labels"])) for a in path)


def _row(columns: dict[str, Any], count: int = 0) -> Row:
    uid = str(columns["id"])
    return Row(uid, display_name(uid, str(columns["name"])), kind_of(columns["labels"]), count, columns)


def _branch(columns: list[Any], level: int = 0) -> Branch:
    uid, name, labels, archived_at, status, count, subject = columns
    fields = {"archived_at": archived_at, "status": status, "subject": subject}
    return Branch(Row(uid, display_name(uid, str(name)), kind_of(labels), count, fields), level)


def _level(level: dict[str, Any], number: int) -> BranchPage:
    above = [_branch(c, number) for c in level["above"]]
    below = [_branch(c, number) for c in level["below"]]
    has_before, has_after = len(above) > _BRANCH_ROWS_BEFORE, len(below) > BRANCH_ROWS
    branches = above[:_BRANCH_ROWS_BEFORE][::-1] + below[:BRANCH_ROWS]
    return BranchPage(
        level["id"],
        branches,
        more_before=branches[0].row.uid if has_before else None,
        more_after=branches[-1].row.uid if has_after else None,
    )

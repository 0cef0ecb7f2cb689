"""Full-text search of nodes and files."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from neo4j.exceptions import ClientError

from tree.graph.connection import read
from tree.graph.schema import RECORD_INDEX, SEARCH_INDEXES, SearchIndex, ready_search_indexes
from tree.graph.values import Hit, Hits
from tree.kinds import NODE_CLASSES
from tree.queries.columns import ABOVE, CRUMB, IS_IN_TICKET, ROW, SELF_AND_ABOVE, crumbs, row
from tree.search.query_syntax import MAX_CHARACTERS, fulltext_queries

_KIND_WEIGHTS = {node_class.kind(): node_class.about.weight for node_class in NODE_CLASSES}
_ACCOUNT = (
    "MATCH (c:ContextItem {id: $id}) WHERE $tickets OR NOT "
    + IS_IN_TICKET % {"n": "c"}
    + " RETURN c.account_number AS account"
)
SEARCH_DEPTH = 1000  # results taken from each index before filtering; nobody reads further

_SEARCH = (
    """
UNWIND $indexes AS index
CALL db.index.fulltext.queryNodes(index, $query, {limit: $depth}) YIELD node AS hit, score
WITH score, CASE WHEN hit:File THEN hit END AS file, CASE WHEN hit:File THEN COLLECT {
  MATCH (hit)<-[h:HAS_FILE]-(holder:ContextItem) WHERE h.trashed_at IS NULL RETURN holder
} ELSE [hit] END AS holders
UNWIND holders AS n
WITH n, file, score
WHERE n.trashed_at IS NULL AND ($archived OR n.archived_at IS NULL)
  AND ($tickets OR NOT """
    + IS_IN_TICKET % {"n": "n"}
    + """)
  AND ($company = '' OR n.account_number = $account OR EXISTS {
    (n)"""
    + SELF_AND_ABOVE
    + """(:ContextItem {id: $company})
  })
WITH n, file, score, toLower(n.name) IN $exact OR toLower(coalesce(file.original_filename, '')) IN $exact AS is_exact
ORDER BY is_exact DESC, score DESC
WITH n, collect({file: file, score: score, is_exact: is_exact})[0] AS best
WITH n, best, head([l IN labels(n) WHERE l <> 'ContextItem']) AS kind
ORDER BY best.is_exact DESC, best.score * coalesce($weights[kind], 1.0) DESC, n.id
WITH collect(kind) AS kinds, [x IN collect({n: n, file: best.file}) WHERE $kind = '' OR $kind IN labels(x.n)] AS found
RETURN kinds, size(found) AS number, COLLECT {
  UNWIND found[$skip..$skip + $limit] AS x
  WITH x.n AS n, x.file AS file
  RETURN {
    row: n """
    + ROW % {"n": "n"}
    + """,
    file: coalesce(file.original_filename, file.filename, ''),
    text: CASE WHEN file IS NULL THEN left(coalesce(n.content, ''), 6000) ELSE left(coalesce(file.text, ''), 20000) END,
    path: COLLECT {
      MATCH way = (n)"""
    + ABOVE
    + """(a:ContextItem)
      RETURN a """
    + CRUMB % {"n": "a"}
    + """ ORDER BY length(way) DESC
    }
  }
} AS hits
"""
)


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
    """Search for what a person typed; any text is accepted. If no result has all the words, any of them will do.

    A file matches by its name and its text; the result is the nodes that hold it. Raises GraphUnavailable.
    """
    account = ""
    if company:
        found = read(_ACCOUNT, id=company, tickets=tickets)
        if not found:
            return Hits()
        account = str(found[0]["account"] or "")
    exact = text[:MAX_CHARACTERS].strip().lower()
    wanted = SEARCH_INDEXES if tickets else (RECORD_INDEX,)
    ready: Sequence[SearchIndex] = wanted
    hits = Hits()
    for query in fulltext_queries(text):
        hits, ready = _search_ready(
            ready,
            query,
            exact=[exact, f"{exact}.md"],
            kind=kind, company=company, account=account, archived=archived, tickets=tickets, skip=skip, limit=limit,
        )  # fmt: skip
        if hits.hits or hits.kinds:
            break
    missing = [index.what for index in wanted if index not in ready and (not kind or kind in index.kinds)]
    return replace(hits, waiting=", ".join(missing))


def _search_ready(indexes: Sequence[SearchIndex], query: str, **filters: Any) -> tuple[Hits, Sequence[SearchIndex]]:
    """The hits of those indexes that are online, and those indexes. No hits if Lucene cannot parse the query."""
    for _ in range(2):  # an index can appear or disappear meanwhile
        hits = _search(indexes, query, **filters)
        if hits is not None:
            return hits, indexes
        indexes = [index for index in ready_search_indexes() if index in indexes]
    return Hits(), indexes


def _search(indexes: Sequence[SearchIndex], query: str, *, skip: int, limit: int, **filters: Any) -> Hits | None:
    """The hits, or None when the procedure fails: an index is missing, or the query cannot be parsed."""
    try:
        rows = read(
            _SEARCH,
            weights=_KIND_WEIGHTS,
            indexes=[index.name for index in indexes],
            query=query,
            depth=SEARCH_DEPTH,
            skip=skip,
            limit=limit,
            **filters,
        )
    except ClientError as error:
        if error.code != "Neo.ClientError.Procedure.ProcedureCallFailed":
            raise
        return None
    found = rows[0]
    kinds: dict[str, int] = {}
    for kind in found["kinds"]:
        kinds[kind] = kinds.get(kind, 0) + 1
    is_capped = any(sum(kinds.get(kind, 0) for kind in index.kinds) >= SEARCH_DEPTH for index in indexes)
    hits = tuple(Hit(row(h["row"]), crumbs(h["path"]), h["text"], h["file"]) for h in found["hits"])
    return Hits(hits, skip + limit < found["number"], kinds, is_capped)

"""Full-text search of nodes and files.

The index takes what fits best of a search, already narrowed to clients, kinds and rights; ``tree.search.ranking`` then
orders the best of that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tree.graph.connection import read, read_index
from tree.graph.folding import PARTS, folded, joined
from tree.graph.schema import RECORD_INDEX, SEARCH_INDEXES, SearchIndex, ready_search_indexes
from tree.graph.search_keys import account_mark
from tree.graph.values import Client, Hit, Hits
from tree.kinds import NODE_CLASSES, Ticket
from tree.queries.columns import MAY_READ, MAY_VISIT, PATH_ABOVE, ROW, crumbs, row
from tree.queries.records.clients import Clients, clients_named
from tree.search.lucene import Stage, scope_query, words_query
from tree.search.ranking import Candidate, Tier, ranked
from tree.search.typed import Typed, read_typed
from tree.vocabulary import SELF_AND_ABOVE

_KIND_WEIGHTS = {node_class.kind(): node_class.about.weight for node_class in NODE_CLASSES}
_KIND_NAMES = {
    folded(name): node_class.kind()
    for node_class in NODE_CLASSES
    for name in (node_class.kind(), node_class.about.singular, node_class.about.plural)
}
_SINGULARS = [node_class.about.singular.lower() for node_class in NODE_CLASSES]
_START = (
    "MATCH (c:ContextItem {id: $id}) WHERE "
    + MAY_VISIT % {"n": "c"}
    + " RETURN c.account_number AS account, c:Company AS is_company"
)
SEARCH_DEPTH = 1000  # results taken from each index; nobody reads further
_MOST_MARKS = 500  # of companies in one query of Lucene, which refuses more than a thousand clauses
_STAFF_DEPTH = 10  # times as many when notes of other clients are among them, which only their path tells apart
RANKED = 25  # so many of each kind are ordered here
_ALL_RANKED = RANKED * len(NODE_CLASSES)

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
  AND """
    + MAY_READ % {"n": "n"}
    + """
  AND ($below = [] OR n.account_number IN $accounts OR EXISTS {
    (n)"""
    + SELF_AND_ABOVE
    + """(top:ContextItem) WHERE top.id IN $below
  })
WITH n, file, score ORDER BY score DESC
WITH n, collect({file: file, score: score})[0] AS best
WITH n, best, head([l IN labels(n) WHERE l <> 'ContextItem']) AS kind
ORDER BY best.score * coalesce($weights[kind], 1.0) DESC, n.id
WITH collect(kind) AS kinds, collect(n.account_number) AS accounts,
  [x IN collect({n: n, best: best, kind: kind}) WHERE $kind = '' OR $kind = x.kind] AS found
RETURN kinds, CASE WHEN $facets THEN accounts ELSE [] END AS accounts,
  CASE WHEN $facets THEN [x IN found WHERE x.kind = $ticket | x.n.search_scope + ' ' CONTAINS ' sopen ']
    ELSE [] END AS open,
  size(found) AS number,
  COLLECT {
    UNWIND found AS x
    WITH x.kind AS kind, collect(x)[..$ranked] AS first
    UNWIND first AS x
    WITH x.n AS n, x.kind AS kind, x.best AS best
    RETURN {
      id: n.id, kind: kind, score: best.score, file: coalesce(best.file.original_filename, best.file.filename),
      file_id: best.file.id, properties: n {.*, content: null, search_keys: null, search_scope: null}
    }
  } AS best,
  [x IN found[..$until] | {id: x.n.id, kind: x.kind, file_id: x.best.file.id}] AS rest
"""
)
_SHOWN = (
    """
UNWIND $found AS x
MATCH (n:ContextItem {id: x.id})
OPTIONAL MATCH (file:File {id: x.file_id})
RETURN n """
    + ROW % {"n": "n"}
    + """ AS row, n {.*, content: null, search_keys: null, search_scope: null} AS facts,
  coalesce(file.original_filename, file.filename, '') AS file,
  CASE WHEN file IS NULL THEN left(coalesce(n.content, ''), 6000) ELSE left(coalesce(file.text, ''), 20000) END AS text,
  """
    + PATH_ABOVE % {"n": "n"}
    + """ AS path
"""
)


@dataclass(frozen=True)
class _Within:
    """What a search is narrowed to. ``below``: ids of the nodes below which hits must lie, none for all of the tree."""

    below: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    kind: str = ""
    archived: bool = False
    reader: Reader = EVERYTHING
    marks: tuple[str, ...] = ()
    since: str = ""

    @property
    def query(self) -> str:
        accounts = self.accounts or self.reader.companies
        narrow = tuple(map(account_mark, accounts)) if accounts and len(accounts) <= _MOST_MARKS else None
        kinds = (self.kind,) if self.kind else ()
        return scope_query(archived=self.archived, kinds=kinds, accounts=narrow, marks=self.marks, since=self.since)


@dataclass(frozen=True)
class _Found:
    """``best``: with their tiers, in order; ``rest``: what the index has found, as ids, as far as a page needs it."""

    kinds: Mapping[str, int]
    accounts: Mapping[str, int]
    number: int
    best: list[tuple[Tier, Candidate]]
    files: Mapping[str, str]
    rest: list[dict[str, Any]]
    is_capped: bool
    asked: tuple[Typed, Stage, _Within]
    statuses: Mapping[str, int]


def search(
    text: str,
    *,
    kind: str = "",
    company: str = "",
    archived: bool = False,
    reader: Reader = EVERYTHING,
    everywhere: bool = False,
    facets: bool = False,
    exact: bool = False,
    skip: int = 0,
    limit: int = 25,
) -> Hits:
    """Search for what a person typed; any text is accepted. If no result has all the words, similar ones will do.

    A file matches by its name and its text; the result is the nodes that hold it. A client's name among the words
    narrows the search to this client, unless ``everywhere``. ``company`` is the id of a client or of any other node.
    ``facets``: count the hits by client. ``exact``: nothing similar will do. Raises GraphUnavailable.
    """
    typed = read_typed(text)
    if typed.is_empty:
        return Hits()
    asking = _Asking(typed, everywhere=everywhere, facets=facets, skip=skip, limit=limit, reader=reader)
    within = asking.within(kind, company, archived)
    if within is None:
        return Hits(faults=tuple(asking.faults))
    return asking.page(asking.find(typed, Stage.EXACT, within)) if exact else asking.hits(within)


class _Asking:
    """One search, stage by stage."""

    def __init__(self, typed: Typed, *, everywhere: bool, facets: bool, skip: int, limit: int, reader: Reader) -> None:
        self.typed, self.everywhere, self.facets = typed, everywhere, facets
        self.skip, self.limit, self.reader = skip, limit, reader
        self.faults = list(typed.faults)
        self.wanted = SEARCH_INDEXES if reader.tickets else (RECORD_INDEX,)
        self.ready: Sequence[SearchIndex] = self.wanted

    def within(self, kind: str, company: str, archived: bool) -> _Within | None:
        """What the filters narrow the search to; None if nothing can fit, and ``faults`` then says why."""
        below, accounts = [], []
        if company:
            start = read(_START, id=company, **self.reader.parameters)
            if not start:
                return None
            below = [company]
            accounts = [str(start[0]["account"])] if start[0]["account"] and start[0]["is_company"] else []
        for name in self.typed.filters.get("client", []):
            named = clients_named(name, reader=self.reader)
            if not named:
                self.faults.append(f"No client is called “{name}”.")
            below += [client.uid for client in named]
            accounts += [client.account for client in named if client.account]
        for name in self.typed.filters.get("kind", []):
            kind = _KIND_NAMES.get(folded(name), "")
            if not kind:
                self.faults.append(f"“{name}” is no kind: there are {', '.join(_SINGULARS)}.")
        marks = []
        for status in self.typed.filters.get("status", []):
            marks += self.marks("status:", status, [f"s{joined(status)}"] if joined(status) else [])
        for who in self.typed.filters.get("by", []):
            marks += self.marks("by:", who, [f"b{word}" for word in PARTS.findall(folded(who))])
        if self.faults:
            return None
        return _Within(tuple(below), tuple(accounts), kind, archived, self.reader, tuple(marks), self.typed.since)

    def marks(self, name: str, typed: str, marks: list[str]) -> list[str]:
        if not marks:
            self.faults.append(f"{name} takes a word, and “{typed}” has none.")
        return marks

    def hits(self, within: _Within) -> Hits:
        typed, clients = self.typed, Clients(())
        found = self.find(typed, Stage.EXACT, within)
        if not _is_by_name(found) and not within.below and not self.everywhere and len(typed.words) > 1:
            clients = Clients.among(typed.words, reader=self.reader)
        if clients.found:
            rest = replace(typed, words=clients.other_words(typed.words), phone="", number="", network=None)
            inside = replace(
                within,
                below=tuple(client.uid for client in clients.found),
                accounts=tuple(client.account for client in clients.found if client.account),
            )
            for stage in (Stage.EXACT, Stage.SIMILAR):
                narrowed = self.find(rest, stage, inside)
                if narrowed.number:
                    return self.page(narrowed, clients=clients.found, is_similar=stage is Stage.SIMILAR)
                if found.number:
                    break
        if found.number or not typed.has_words:
            return self.page(found)
        for stage in (Stage.SIMILAR, Stage.ANY) if len(typed.words) + len(typed.phrases) > 1 else (Stage.SIMILAR,):
            found = self.find(typed, stage, within)
            if found.number:
                break
        return self.page(found, is_similar=bool(found.number))

    def find(self, typed: Typed, stage: Stage, within: _Within) -> _Found:
        """The candidates of one stage. None of them if Lucene cannot parse the query."""
        query = f"{words_query(typed, stage) if typed.has_words else '+*:*'} {within.query}"
        is_narrowed = within.below or within.reader.companies is not None
        depth = SEARCH_DEPTH * (_STAFF_DEPTH if is_narrowed else 1)
        for _ in range(2):  # an index can appear or disappear meanwhile
            rows = read_index(
                _SEARCH,
                weights=_KIND_WEIGHTS,
                indexes=[index.name for index in self.ready],
                query=query,
                depth=depth,
                kind=within.kind,
                archived=within.archived,
                below=list(within.below),
                accounts=list(within.accounts),
                facets=self.facets,
                ticket=Ticket.kind(),
                ranked=RANKED,
                until=self.skip + self.limit + _ALL_RANKED if self.skip + self.limit > RANKED else 0,
                **within.reader.parameters,
            )
            if rows is not None:
                return self.found(rows[0], (typed, stage, within), depth)
            self.ready = [index for index in ready_search_indexes() if index in self.ready]
        return _Found({}, {}, 0, [], {}, [], False, (typed, stage, within), {})

    def found(self, columns: dict[str, Any], asked: tuple[Typed, Stage, _Within], depth: int) -> _Found:
        kinds = _counted(columns["kinds"])
        candidates = [
            Candidate(found["id"], found["kind"], found["score"], found["properties"], found["file"] or "")
            for found in columns["best"]
        ]
        is_capped = any(sum(kinds.get(kind, 0) for kind in index.kinds) >= depth for index in self.ready)
        files = {found["id"]: found["file_id"] for found in (*columns["best"], *columns["rest"]) if found["file_id"]}
        best = ranked(candidates, asked[0])
        return _Found(
            kinds,
            _counted(columns["accounts"]),
            columns["number"],
            best,
            files,
            columns["rest"],
            is_capped,
            asked,
            _counted(["open" if is_open else "closed" for is_open in columns["open"]]),
        )

    def kinds(self, found: _Found) -> Mapping[str, int]:
        """The numbers by kind, also of the kinds that the search was narrowed from."""
        typed, stage, within = found.asked
        if not (self.facets and within.kind):
            return found.kinds
        return self.find(typed, stage, replace(within, kind="")).kinds

    def page(self, found: _Found, *, clients: Sequence[Client] = (), is_similar: bool = False) -> Hits:
        """The hits from ``skip`` on."""
        ids = list(dict.fromkeys([candidate.uid for _, candidate in found.best] + [row["id"] for row in found.rest]))
        asked = [{"id": uid, "file_id": found.files.get(uid)} for uid in ids[self.skip : self.skip + self.limit]]
        shown = read(_SHOWN, found=asked) if asked else []
        kind = found.asked[2].kind
        missing = [index.what for index in self.wanted if index not in self.ready and (not kind or kind in index.kinds)]
        return Hits(
            tuple(Hit(row(x["row"]), crumbs(x["path"]), x["text"], x["file"], x["facts"]) for x in shown),
            self.skip + self.limit < found.number,
            self.kinds(found),
            found.is_capped,
            ", ".join(missing),
            clients=tuple(clients),
            accounts=found.accounts,
            statuses=found.statuses,
            is_similar=is_similar,
            is_by_name=_is_by_name(found),
            faults=tuple(self.faults),
        )


def _is_by_name(found: _Found) -> bool:
    return bool(found.best) and found.best[0][0] <= Tier.BEGINNING


def _counted(values: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts

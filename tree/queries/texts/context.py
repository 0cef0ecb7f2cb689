"""The queries of a context pack: what hangs together with a node, and what has words in common with it.

Each statement returns ids; ``get_blocks`` then reads the chosen nodes with their texts. What the reader may not read is
never returned. Archived and deleted nodes are not, either, unless they are asked for themselves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from knowledgetree.basics.rights.reader import Reader
from tree.graph.connection import read, read_index
from tree.graph.schema import RECORD_INDEX, TICKET_INDEX
from tree.graph.search_keys import account_mark
from tree.graph.values import CLOSED_STATUS, Crumb, display_name, kind_of
from tree.kinds.titles import title_of
from tree.queries.columns import MAY_READ, OPEN_FIRST, PATH, crumbs
from tree.queries.records.cards import CARDS
from tree.vocabulary import COMPANIES_ID, LINK_EVIDENCE, ROOT_ID, SELF_AND_ABOVE

_CODE_LENGTH, _CODE_WEIGHT = 5, 6  # least characters of what is taken for a code, and what it counts against a word
_ASKED_FOR_NOTES = 1_500  # of all clients: the index does not know whose a note is
TEXT_CHARACTERS = 40_000  # read of one text; more than a pack can use of it
_LIVE = "%(n)s.archived_at IS NULL AND %(n)s.trashed_at IS NULL"
_READABLE = "(" + _LIVE + " AND " + MAY_READ + ")"
_IS_STAFF_NOTE = "(%(n)s:Note AND coalesce(%(n)s.origin, 'staff') = 'staff' AND " + _LIVE + ")"

# The records around a node: of a ticket its requester and computers, of a person the computers and the other way round.
_AROUND = (
    """
MATCH (n:ContextItem) WHERE n.id IN $ids AND n.trashed_at IS NULL AND """
    + MAY_READ % {"n": "n"}
    + """
WITH n ORDER BY n.id
RETURN n.id AS id,
  """
    + PATH % {"n": "n"}
    + """ AS path,
  COLLECT { MATCH (n)-[:REQUESTED_BY]->(o:User) WHERE """
    + _READABLE % {"n": "o"}
    + """ RETURN o.id ORDER BY o.sort_key, o.id LIMIT 3 } AS people,
  COLLECT { MATCH (n)-[:USED_BY]->(o:User) WHERE """
    + _READABLE % {"n": "o"}
    + """ RETURN o.id ORDER BY o.sort_key, o.id LIMIT 3 } AS users,
  COLLECT { MATCH (n)-[r:MENTIONS]->(o:ContextItem) WHERE (o:Asset OR o:User) AND """
    + _READABLE % {"n": "o"}
    + """ RETURN o.id ORDER BY labels(o), o.sort_key, o.id LIMIT 6 } AS mentioned,
  COLLECT { MATCH (n)<-[:USED_BY]-(o:Asset) WHERE """
    + _READABLE % {"n": "o"}
    + """ RETURN o.id ORDER BY coalesce(o.last_seen, '') DESC, o.id LIMIT 4 } AS devices,
  COLLECT { MATCH (n)-[:REQUESTED_BY]->(:User)<-[:USED_BY]-(o:Asset) WHERE """
    + _READABLE % {"n": "o"}
    + """ RETURN o.id ORDER BY coalesce(o.last_seen, '') DESC, o.id LIMIT 3 } AS devices_of_requester
"""
)
# Notes directly below the anchors, in folders of staff there, and in attached folders, which are meant for all below.
_NOTES_BELOW = (
    """
UNWIND $anchors AS anchor
WITH anchor, [anchor.id] + """
    + CARDS % {"id": "anchor.id"}
    + """ AS holders
CALL (anchor, holders) {
  MATCH (n:ContextItem) USING INDEX n:ContextItem(parent_id, sort_key)
  WHERE n.parent_id IN holders AND n.sort_key >= '' AND """
    + _IS_STAFF_NOTE % {"n": "n"}
    + " AND (anchor.whole OR n.is_warning) AND "
    + MAY_READ % {"n": "n"}
    + """
  RETURN n, 0 AS more ORDER BY n.sort_key, n.id LIMIT $limit
  UNION ALL
  MATCH (f:ContextItem) USING INDEX f:ContextItem(parent_id, sort_key)
  WHERE f.parent_id IN holders AND f.sort_key >= '' AND f:Folder AND coalesce(f.origin, 'staff') = 'staff'
    AND (anchor.whole OR f.is_attached)
  WITH anchor, f
  MATCH way = (f)-[:PARENT_OF*1..4]->(n:Note) WHERE """
    + _IS_STAFF_NOTE % {"n": "n"}
    + " AND "
    + MAY_READ % {"n": "n"}
    + """
  RETURN n, CASE WHEN f.is_attached THEN 1 - anchor.distance ELSE length(way) END AS more
  ORDER BY length(way), n.sort_key, n.id LIMIT $limit
}
RETURN n.id AS id, min(anchor.distance + more) AS distance ORDER BY distance, id
"""
)
_NOTES_ABOUT = (
    """
UNWIND $anchors AS anchor
MATCH (:ContextItem {id: anchor.id})<-[:LINKS_TO|MENTIONS {evidence: $evidence}]-(n:Note)
WHERE """
    + _IS_STAFF_NOTE % {"n": "n"}
    + """
WITH n, min(anchor.distance) AS distance WHERE """
    + MAY_READ % {"n": "n"}
    + """
RETURN n.id AS id, distance ORDER BY distance, id LIMIT $limit
"""
)
# What the texts of notes link to, and the notes within a folder that they link to.
_LINKED = (
    """
MATCH (n:ContextItem)-[:LINKS_TO|MENTIONS {evidence: $evidence}]->(o:ContextItem) WHERE n.id IN $ids
WITH o, collect(DISTINCT n.id) AS linking
CALL (o) {
  WITH o WHERE NOT o:Folder RETURN o AS x
  UNION ALL
  WITH o WHERE o:Folder MATCH (o)-[:PARENT_OF]->(x:Note) WHERE """
    + _IS_STAFF_NOTE % {"n": "x"}
    + """ RETURN x ORDER BY x.sort_key, x.id LIMIT 20
}
WITH x, collect(linking) AS linking WHERE """
    + _LIVE % {"n": "x"}
    + " AND "
    + MAY_READ % {"n": "x"}
    + """
WITH x.id AS id, reduce(all = [], some IN linking | all + some) AS linking
RETURN id, linking ORDER BY id LIMIT $limit
"""
)
_TICKETS = (
    """
UNWIND $anchors AS anchor
MATCH (a:ContextItem {id: anchor.id})
CALL (a) {
  MATCH (a)<-[:REQUESTED_BY|MENTIONS]-(t:Ticket) RETURN t
  UNION
  WITH a WHERE a:Company
  MATCH (a)-[:PARENT_OF]->(:Folder)-[:PARENT_OF]->(t:Ticket) RETURN t
}
WITH DISTINCT a, anchor, t WHERE $tickets AND NOT t.id IN $without AND """
    + _READABLE % {"n": "t"}
    + """
WITH t, min(anchor.distance) AS distance,
  t.closed_at IS NULL AND NOT coalesce(t.status, '') =~ $closed AS is_open
ORDER BY distance, """
    + OPEN_FIRST
    + """
WITH is_open, collect({id: t.id, distance: distance})[..$limit] AS found
RETURN is_open, found
"""
)
# Notes of the client and those that belong to no client.
_NOTES_BY_WORDS = (
    """
CALL db.index.fulltext.queryNodes($index, $query, {limit: $asked}) YIELD node AS n, score
WHERE """
    + _IS_STAFF_NOTE % {"n": "n"}
    + " AND "
    + MAY_READ % {"n": "n"}
    + """
WITH n, score, COLLECT { MATCH (n)"""
    + SELF_AND_ABOVE
    + """(c:Company) RETURN c.id } AS clients
WHERE clients = [] OR any(client IN clients WHERE client IN $clients)
RETURN n.id AS id ORDER BY score DESC, id LIMIT $limit
"""
)
_TICKETS_BY_WORDS = (
    """
CALL db.index.fulltext.queryNodes($index, $query, {limit: $asked}) YIELD node AS t, score
WHERE $tickets AND t.account_number IN $accounts AND NOT t.id IN $without AND """
    + _READABLE % {"n": "t"}
    + """
WITH t, score, t.closed_at IS NULL AND NOT coalesce(t.status, '') =~ $closed AS is_open ORDER BY score DESC, t.id
WITH is_open, collect(t.id)[..$limit] AS ids
RETURN is_open, ids
"""
)
_NUMBERED = (
    """
CALL db.index.fulltext.queryNodes($index, $query, {limit: 200}) YIELD node AS t
WHERE $tickets AND t.ticket_number = $number AND t.trashed_at IS NULL AND """
    + MAY_READ % {"n": "t"}
    + """
RETURN t.id AS id, head(COLLECT { MATCH (t)"""
    + SELF_AND_ABOVE
    + """(c:Company) RETURN c.name }) AS company ORDER BY t.archived_at IS NOT NULL, id
"""
)
_BLOCKS = (
    """
UNWIND $ids AS id
MATCH (n:ContextItem {id: id}) WHERE """
    + MAY_READ % {"n": "n"}
    + """
RETURN id, labels(n) AS labels, n {.*, content: left(coalesce(n.content, ''), $characters), search_keys: null,
  search_scope: null} AS properties, size(coalesce(n.content, '')) AS characters,
  """
    + PATH % {"n": "n"}
    + """ AS path
"""
)


@dataclass(frozen=True)
class Anchor:
    """A node around which a pack is gathered. ``distance`` 0 is the target's.

    ``is_whole``: whether all notes below it are meant, and not the warnings and attached folders alone.
    """

    uid: str
    distance: int
    is_whole: bool = True

    @property
    def columns(self) -> dict[str, Any]:
        return {"id": self.uid, "distance": self.distance, "whole": self.is_whole}


@dataclass(frozen=True)
class Around:
    """A target, the nodes above it, and the ids of the records around it, the likeliest first."""

    uid: str
    path: tuple[Crumb, ...]
    people: tuple[str, ...]
    devices: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """Ids with their distances, the nearest first."""

    uid: str
    distance: int


@dataclass(frozen=True)
class Block:
    """A node as a pack may show it. ``characters`` is the length of its whole text, of which ``properties`` has the
    first TEXT_CHARACTERS. ``withheld`` names properties that it has, but that the reader is not told.
    """

    uid: str
    kind: str
    title: str
    properties: dict[str, Any]
    path: tuple[Crumb, ...]
    characters: int
    withheld: tuple[str, ...] = ()

    @property
    def is_archived(self) -> bool:
        return bool(self.properties.get("archived_at"))

    @property
    def unread(self) -> int:
        """How many characters of its text were not read."""
        return max(self.characters - TEXT_CHARACTERS, 0)


def get_around(ids: Sequence[str], reader: Reader) -> tuple[Around, ...]:
    """The targets among these ids that exist and may be read."""
    found = {row["id"]: row for row in read(_AROUND, ids=list(ids), **reader.parameters)}
    return tuple(_around(found[uid]) for uid in dict.fromkeys(ids) if uid in found)


def _around(row: dict[str, Any]) -> Around:
    path = crumbs(row["path"])
    is_person = path[-1].kind == "User"
    devices = [] if is_person else row["mentioned"]
    return Around(
        row["id"],
        path,
        tuple(dict.fromkeys([*row["people"], *row["users"]])),
        tuple(dict.fromkeys([*devices, *row["devices"], *row["devices_of_requester"]])),
    )


def get_notes_below(anchors: Sequence[Anchor], reader: Reader, *, limit: int) -> tuple[Found, ...]:
    """Notes of staff below the anchors, at most ``limit`` of each."""
    rows = read(_NOTES_BELOW, anchors=[a.columns for a in anchors], limit=limit, **reader.parameters)
    return tuple(Found(row["id"], row["distance"]) for row in rows)


def get_notes_about(anchors: Sequence[Anchor], reader: Reader, *, limit: int) -> tuple[Found, ...]:
    """Notes of staff that link to the anchors."""
    wanted = [a.columns for a in anchors if a.uid not in (ROOT_ID, COMPANIES_ID)]
    rows = read(_NOTES_ABOUT, anchors=wanted, evidence=LINK_EVIDENCE, limit=limit, **reader.parameters)
    return tuple(Found(row["id"], row["distance"]) for row in rows)


def get_linked_from(ids: Sequence[str], reader: Reader, *, limit: int) -> dict[str, tuple[str, ...]]:
    """What the texts of these nodes link to: by its id, the ids of the nodes that link to it."""
    rows = read(_LINKED, ids=list(ids), evidence=LINK_EVIDENCE, limit=limit, **reader.parameters)
    return {row["id"]: tuple(sorted(row["linking"])) for row in rows}


def get_tickets_of(
    anchors: Sequence[Anchor], reader: Reader, *, without: Iterable[str], limit: int
) -> tuple[tuple[Found, ...], tuple[Found, ...]]:
    """Open and closed tickets of the anchors: the nearest first, then the latest changes first."""
    rows = read(
        _TICKETS,
        anchors=[a.columns for a in anchors], without=list(without), closed=CLOSED_STATUS, limit=limit,
        **reader.parameters,
    )  # fmt: skip
    found = {row["is_open"]: tuple(Found(t["id"], t["distance"]) for t in row["found"]) for row in rows}
    return found.get(True, ()), found.get(False, ())


def find_notes(words: Sequence[str], clients: Sequence[str], reader: Reader, *, limit: int) -> tuple[str, ...]:
    """Notes with any of these words, of these clients or of none, the best first; none while the index is missing."""
    if not words:
        return ()
    some = _weighted(words)
    query = f"+(content:({some}) name:({some})^2 search_keys:({some})^2) +search_scope:knote^0"
    rows = read_index(
        _NOTES_BY_WORDS,
        index=RECORD_INDEX.name, query=query, asked=_ASKED_FOR_NOTES, clients=list(clients), limit=limit,
        **reader.parameters,
    )  # fmt: skip
    return tuple(row["id"] for row in rows or ())


def find_tickets(
    words: Sequence[str], accounts: Sequence[str], reader: Reader, *, without: Iterable[str], limit: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Open and closed tickets of these clients with any of these words, the best first."""
    if not (words and accounts and reader.tickets):
        return (), ()
    some = _weighted(words)
    marks = " ".join(account_mark(account) for account in accounts)
    rows = read_index(
        _TICKETS_BY_WORDS,
        index=TICKET_INDEX.name, query=f"+search_scope:({marks})^0 +(search_keys:({some})^4 content:({some}))",
        asked=200, accounts=list(accounts), without=list(without), closed=CLOSED_STATUS, limit=limit,
        **reader.parameters,
    )  # fmt: skip
    found = {row["is_open"]: tuple(row["ids"]) for row in rows or ()}
    return found.get(True, ()), found.get(False, ())


def _weighted(words: Iterable[str]) -> str:
    """The words for Lucene. Codes, numbers and names of computers say more than the words of a sentence."""
    return " ".join(
        f"{word}^{_CODE_WEIGHT}" if len(word) >= _CODE_LENGTH and any(map(str.isdecimal, word)) else word
        for word in words
    )


def find_numbered(number: str, reader: Reader) -> list[tuple[str, str]]:
    """The tickets with this number: their ids, and the names of their clients."""
    rows = read_index(
        _NUMBERED, index=TICKET_INDEX.name, query=f'search_keys:"{number}"', number=number, **reader.parameters
    )
    return [(row["id"], str(row["company"] or "no client")) for row in rows or ()]


def get_blocks(ids: Iterable[str], reader: Reader) -> dict[str, Block]:
    """The nodes with these ids that may be read, by id."""
    wanted = list(dict.fromkeys(ids))
    rows = read(_BLOCKS, ids=wanted, characters=TEXT_CHARACTERS, **reader.parameters)
    return {row["id"]: _block(row) for row in rows}


def _block(row: dict[str, Any]) -> Block:
    kind, properties = kind_of(row["labels"]), row["properties"]
    name = display_name(row["id"], str(properties.get("name") or ""))
    return Block(row["id"], kind, title_of(kind, name, properties), properties, crumbs(row["path"]), row["characters"])

"""The queries of a ticket's page: who asked, with which computer, what they asked before, and what was like it.

The first statement follows relations alone. The second asks the full-text index of tickets, which may be missing while
a first sync loads; the page then shows the rest.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tree.graph.connection import read, read_index
from tree.graph.schema import TICKET_INDEX
from tree.graph.search_keys import account_mark
from tree.graph.values import CLOSED_STATUS, Row
from tree.queries.columns import MAY_READ, OPEN_FIRST, ROW, row, row_columns
from tree.queries.rights import require_readable
from tree.vocabulary import LINK_EVIDENCE

EARLIER_ROWS, SIMILAR_ROWS = 6, 5
MOST_NUMBERS = 40  # numbers of other tickets in one text that become links
_ASKED_OF_INDEX = 60  # the best of the index, among which the closed ones are taken
_MOST_WORDS = 12
_WORD = re.compile(r"\w{2,60}")
_EMPTY_WORDS = {
    *("re", "fwd", "fw", "aw", "wg", "the", "and", "for", "not", "are", "was", "has", "have", "with", "from", "this"),
    *("that", "can", "cannot", "does", "will", "you", "your", "our", "his", "her", "is", "it", "its", "on", "in", "to"),
    *("of", "at", "an", "as", "be", "by", "or", "my", "we", "der", "die", "das", "und", "ist", "nicht", "ein", "eine"),
    *("von", "mit", "für", "auf"),
}

_OVERVIEW = (
    """
MATCH (ticket:ContextItem {id: $id})
OPTIONAL MATCH (ticket)-[:REQUESTED_BY]->(person:User) WHERE person.trashed_at IS NULL AND """
    + MAY_READ % {"n": "person"}
    + """
WITH ticket, head(collect(person)) AS person
WITH ticket, person, COLLECT {
  MATCH (ticket)-[r:MENTIONS]->(a:Asset) WHERE a.trashed_at IS NULL AND coalesce(r.evidence, '') <> $in_text AND """
    + MAY_READ % {"n": "a"}
    + """
  RETURN a ORDER BY a.archived_at IS NOT NULL, a.sort_key LIMIT 3
} AS named, COLLECT {
  MATCH (person)<-[:USED_BY]-(a:Asset) WHERE a.archived_at IS NULL AND a.trashed_at IS NULL AND """
    + MAY_READ % {"n": "a"}
    + """
  RETURN a ORDER BY coalesce(a.last_seen, '') DESC, a.sort_key LIMIT 3
} AS used
WITH ticket, person, named, used, coalesce(head(named), CASE WHEN size(used) = 1 THEN used[0] END) AS device
RETURN
  CASE WHEN person IS NULL THEN null ELSE person """
    + row_columns("mobile_phone_number", "work_phone_number") % {"n": "person"}
    + """ END AS person,
  [a IN named | a """
    + ROW % {"n": "a"}
    + """] AS named,
  [a IN used WHERE NOT a IN named | a """
    + ROW % {"n": "a"}
    + """] AS used,
  CASE WHEN device IS NULL THEN null ELSE device """
    + ROW % {"n": "device"}
    + """ END AS device,
  COLLECT {
    MATCH (person)<-[:REQUESTED_BY]-(t:Ticket)
    WHERE t <> ticket AND t.archived_at IS NULL AND t.trashed_at IS NULL AND """
    + MAY_READ % {"n": "t"}
    + """
    WITH t ORDER BY """
    + OPEN_FIRST
    + """ LIMIT $limit
    RETURN t """
    + row_columns("total_hours_spent") % {"n": "t"}
    + """
  } AS of_person,
  COUNT { MATCH (person)<-[:REQUESTED_BY]-(t:Ticket)
    WHERE t <> ticket AND t.archived_at IS NULL AND t.trashed_at IS NULL AND """
    + MAY_READ % {"n": "t"}
    + """ } AS number_of_person,
  COLLECT {
    MATCH (device)<-[:MENTIONS]-(t:Ticket) WHERE t <> ticket AND t.archived_at IS NULL AND t.trashed_at IS NULL AND """
    + MAY_READ % {"n": "t"}
    + """
    WITH DISTINCT t ORDER BY """
    + OPEN_FIRST
    + """ LIMIT $limit
    RETURN t """
    + row_columns("total_hours_spent") % {"n": "t"}
    + """
  } AS of_device
"""
)
_IS_CLOSED = (
    """t.id <> $id AND NOT t.id IN $without AND t.archived_at IS NULL AND t.trashed_at IS NULL
    AND (t.closed_at IS NOT NULL OR coalesce(t.status, '') =~ $closed) AND """
    + MAY_READ % {"n": "t"}
)
# Those of the client first. Elsewhere only subjects with all the words count: any of them would be found in thousands.
_BY_INDEX = (
    """
WITH COLLECT {
  WITH $of_client AS query WHERE query <> ''
  CALL db.index.fulltext.queryNodes($index, query, {limit: $asked}) YIELD node AS t, score
  WHERE t.account_number = $account AND """
    + _IS_CLOSED
    + """
  RETURN t ORDER BY score DESC, t.id LIMIT $limit
} AS own
WITH own, COLLECT {
  WITH $of_all AS query WHERE query <> '' AND size(own) < $limit
  CALL db.index.fulltext.queryNodes($index, query, {limit: $asked}) YIELD node AS t, score
  WHERE coalesce(t.account_number, '') <> $account AND """
    + _IS_CLOSED
    + """
  RETURN t ORDER BY score DESC, t.id LIMIT $limit
} AS others
RETURN [t IN (own + others)[..$limit] | t """
    + row_columns("total_hours_spent") % {"n": "t"}
    + """] AS similar,
COLLECT {
  WITH $numbered AS query WHERE query <> ''
  CALL db.index.fulltext.queryNodes($index, query, {limit: 200}) YIELD node AS t
  WHERE t.ticket_number IN $numbers AND t.id <> $id AND t.trashed_at IS NULL AND """
    + MAY_READ % {"n": "t"}
    + """
  RETURN {number: t.ticket_number, row: t """
    + ROW % {"n": "t"}
    + """, is_own: t.account_number = $account}
} AS named
"""
)


@dataclass(frozen=True)
class TicketOverview:
    """What is known around a ticket. ``device`` is the computer that it is likely about, if one stands out.

    ``named`` are the computers that its texts name, ``used`` the others that the requester uses. ``of_person`` are
    other tickets of the requester (``number_of_person`` counts them all), ``of_device`` those that name the device.
    """

    person: Row | None
    device: Row | None
    named: tuple[Row, ...]
    used: tuple[Row, ...]
    of_person: tuple[Row, ...]
    number_of_person: int
    of_device: tuple[Row, ...]


@dataclass(frozen=True)
class Similar:
    """A closed ticket with words of the subject: ``common`` of ``asked`` words stand in its subject."""

    row: Row
    common: int
    asked: int
    is_own_client: bool


@dataclass(frozen=True)
class FoundByIndex:
    """Similar tickets, and the tickets that a text names by their numbers, by number."""

    similar: tuple[Similar, ...] = ()
    by_number: Mapping[str, Row] = field(default_factory=dict)


def get_ticket(uid: str, *, reader: Reader = EVERYTHING) -> TicketOverview:
    """The overview of a ticket. Raises NodeNotFound for one that the reader may not read."""
    require_readable(uid, reader)
    found = read(
        _OVERVIEW, id=uid, closed=CLOSED_STATUS, in_text=LINK_EVIDENCE, limit=EARLIER_ROWS, **reader.parameters
    )[0]
    return TicketOverview(
        person=row(found["person"]) if found["person"] else None,
        device=row(found["device"]) if found["device"] else None,
        named=tuple(map(row, found["named"])),
        used=tuple(map(row, found["used"])),
        of_person=tuple(map(row, found["of_person"])),
        number_of_person=found["number_of_person"],
        of_device=tuple(map(row, found["of_device"])),
    )


def find_around(
    uid: str,
    subject: str,
    account: str,
    numbers: Iterable[str],
    *,
    without: Iterable[str] = (),
    reader: Reader = EVERYTHING,
) -> FoundByIndex:
    """Closed tickets with words of this subject, those of the same client first, and the tickets with these numbers.

    ``without`` are the ids of tickets that are shown already. A number that several clients have is that of the own
    client; otherwise it names none. Nothing is found while the index is missing.
    """
    words = subject_words(subject)
    wanted = list(dict.fromkeys(numbers))[:MOST_NUMBERS]
    if not words and not wanted:
        return FoundByIndex()
    rows = read_index(
        _BY_INDEX,
        id=uid, account=account, closed=CLOSED_STATUS, without=list(without), limit=SIMILAR_ROWS,
        index=TICKET_INDEX.name, asked=_ASKED_OF_INDEX, numbers=wanted,
        of_client=f"+search_scope:{account_mark(account)} +search_keys:({' '.join(words)})" if words else "",
        of_all=f"+search_keys:({' '.join('+' + word for word in words)})" if words else "",
        numbered=f"search_keys:({' '.join(wanted)})" if wanted else "",
        **reader.parameters,
    )  # fmt: skip
    if rows is None:
        return FoundByIndex()
    found = rows[0]
    similar = [_similar(columns, words, account) for columns in found["similar"]]
    return FoundByIndex(tuple(one for one in similar if 2 * one.common >= one.asked), _by_number(found["named"]))


def subject_words(subject: str, most: int = _MOST_WORDS) -> list[str]:
    """The words of a subject by which similar ones are looked for: lower case, letters and digits alone."""
    words = dict.fromkeys(word.lower().strip("_") for word in _WORD.findall(subject))
    return [word for word in words if len(word) > 1 and word not in _EMPTY_WORDS and not word.isdigit()][:most]


def _similar(columns: dict[str, Any], words: list[str], account: str) -> Similar:
    found = row(columns)
    common = set(words) & set(subject_words(str(found.fields.get("subject") or "")))
    return Similar(found, len(common), len(words), found.fields.get("account_number") == account)


def _by_number(found: list[dict[str, Any]]) -> dict[str, Row]:
    several: dict[str, list[tuple[bool, Row]]] = {}
    for one in found:
        several.setdefault(str(one["number"]), []).append((bool(one["is_own"]), row(one["row"])))
    chosen = {number: [r for is_own, r in rows if is_own] or [r for _, r in rows] for number, rows in several.items()}
    return {number: rows[0] for number, rows in chosen.items() if len(rows) == 1}

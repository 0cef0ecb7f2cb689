"""The query of a company's page: what is open, who works there, with which devices, where; one statement.

The folders of a company are found by their keys, so that no part of the query reads the records of
another kind, but for the number of notes, which may lie anywhere below it.
"""

from dataclasses import dataclass
from typing import Any

from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tree.graph.connection import read
from tree.graph.values import CLOSED_STATUS, Crumb, Row
from tree.queries.columns import CRUMB, MAY_READ, OPEN_FIRST, crumbs, row, row_columns
from tree.queries.rights import require_readable
from tree.vocabulary import MAX_DEPTH, ORIGIN_CODEX

TICKET_ROWS, PEOPLE_ROWS, DEVICE_ROWS, LOCATION_ROWS = 10, 8, 8, 4
MOST_WATCHED = 1000  # devices whose facts are looked at for flags, those that were seen first
_WATCHED = ("antivirus_product", "backup_data_bytes", "backup_usage_tb", "last_seen", "operating_system", "hostname")

_OVERVIEW = (
    """
MATCH (company:ContextItem {id: $id})
OPTIONAL MATCH (company)-[:PARENT_OF]->(folder:Folder) WHERE folder.archived_at IS NULL
WITH company, collect(folder) AS folders
WITH company, [f IN folders WHERE f.codex_key ENDS WITH ':users'] AS users,
  [f IN folders WHERE f.codex_key ENDS WITH ':assets'] AS assets,
  [f IN folders WHERE f.codex_key ENDS WITH ':locations'] AS locations,
  [f IN folders WHERE $tickets AND f.codex_key ENDS WITH ':tickets'] AS tickets
RETURN
  COUNT { UNWIND users AS f MATCH (f)-[:PARENT_OF]->(x:User) WHERE x.archived_at IS NULL } AS people,
  COUNT { UNWIND assets AS f MATCH (f)-[:PARENT_OF]->(x:Asset) WHERE x.archived_at IS NULL } AS assets,
  COUNT { UNWIND locations AS f MATCH (f)-[:PARENT_OF]->(x:Location) WHERE x.archived_at IS NULL } AS locations,
  COUNT { UNWIND tickets AS f MATCH (f)-[:PARENT_OF]->(x:Ticket) WHERE x.archived_at IS NULL } AS tickets,
  COUNT {
    UNWIND tickets AS f MATCH (f)-[:PARENT_OF]->(x:Ticket)
    WHERE x.archived_at IS NULL AND x.closed_at IS NULL AND NOT coalesce(x.status, '') =~ $closed
  } AS open_tickets,
  COUNT {
    MATCH (company)-[:PARENT_OF*1.."""
    + str(MAX_DEPTH)
    + """]->(x:Note)
    WHERE x.archived_at IS NULL AND x.trashed_at IS NULL AND coalesce(x.origin, '') <> $codex AND """
    + MAY_READ % {"n": "x"}
    + """
  } AS notes,
  COLLECT {
    UNWIND tickets AS f MATCH (f)-[:PARENT_OF]->(t:Ticket) WHERE t.archived_at IS NULL
    WITH t ORDER BY """
    + OPEN_FIRST
    + """ LIMIT $ticket_rows
    RETURN t """
    + row_columns("total_hours_spent") % {"n": "t"}
    + """
  } AS ticket_rows,
  COLLECT {
    UNWIND users AS f MATCH (f)-[:PARENT_OF]->(x:User) WHERE x.archived_at IS NULL
    WITH x ORDER BY coalesce(x.active, true) DESC, x.sort_key, x.id LIMIT $people_rows
    RETURN x """
    + row_columns("mobile_phone_number", "work_phone_number") % {"n": "x"}
    + """
  } AS people_rows,
  COLLECT {
    UNWIND assets AS f MATCH (f)-[:PARENT_OF]->(x:Asset) WHERE x.archived_at IS NULL
    WITH x ORDER BY x.sort_key, x.id LIMIT $device_rows
    RETURN {row: x """
    + row_columns("last_seen") % {"n": "x"}
    + """, users: COLLECT { MATCH (x)-[:USED_BY]->(u:User) WHERE u.trashed_at IS NULL AND """
    + MAY_READ % {"n": "u"}
    + """ RETURN u """
    + CRUMB % {"n": "u"}
    + """ LIMIT 1 }}
  } AS device_rows,
  COLLECT {
    UNWIND assets AS f MATCH (f)-[:PARENT_OF]->(x:Asset) WHERE x.archived_at IS NULL
    WITH x ORDER BY x.last_seen, x.id LIMIT $watched
    RETURN x {.id, """
    + ", ".join(f".{name}" for name in _WATCHED)
    + """}
  } AS watched,
  COLLECT {
    UNWIND locations AS f MATCH (f)-[:PARENT_OF]->(x:Location) WHERE x.archived_at IS NULL
    WITH x ORDER BY x.sort_key, x.id LIMIT $location_rows
    RETURN x """
    + row_columns() % {"n": "x"}
    + """
  } AS location_rows
"""
)


@dataclass(frozen=True)
class Device:
    """A computer of a client, and who uses it."""

    row: Row
    user: Crumb | None


@dataclass(frozen=True)
class CompanyOverview:
    """What the page of a client shows besides its own facts. The numbers count all, the rows are the first few.

    Open tickets come first, then those that changed last. ``watched`` holds the properties of devices from which flags
    are told, at most MOST_WATCHED.
    """

    people: int
    assets: int
    locations: int
    notes: int
    tickets: int
    open_tickets: int
    ticket_rows: tuple[Row, ...]
    people_rows: tuple[Row, ...]
    device_rows: tuple[Device, ...]
    location_rows: tuple[Row, ...]
    watched: tuple[dict[str, Any], ...]


def get_company(uid: str, *, reader: Reader = EVERYTHING) -> CompanyOverview:
    """The overview of a company. What the reader may not read is neither listed nor counted."""
    require_readable(uid, reader)
    found = read(
        _OVERVIEW,
        id=uid, closed=CLOSED_STATUS, codex=ORIGIN_CODEX, watched=MOST_WATCHED,
        ticket_rows=TICKET_ROWS, people_rows=PEOPLE_ROWS, device_rows=DEVICE_ROWS, location_rows=LOCATION_ROWS,
        **reader.parameters,
    )[0]  # fmt: skip
    return CompanyOverview(
        people=found["people"],
        assets=found["assets"],
        locations=found["locations"],
        notes=found["notes"],
        tickets=found["tickets"],
        open_tickets=found["open_tickets"],
        ticket_rows=tuple(map(row, found["ticket_rows"])),
        people_rows=tuple(map(row, found["people_rows"])),
        device_rows=tuple(Device(row(d["row"]), next(iter(crumbs(d["users"])), None)) for d in found["device_rows"]),
        location_rows=tuple(map(row, found["location_rows"])),
        watched=tuple(found["watched"]),
    )

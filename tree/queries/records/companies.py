"""Queries of all companies and the numbers of their records, for the start page and the JSON routes."""

from collections.abc import Iterable, Mapping

from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tree.graph.connection import read
from tree.graph.values import Page
from tree.kinds import NODE_CLASS, RECORD_KINDS, Company, Ticket
from tree.queries.columns import MAY_READ_CHILD, ROW, row
from tree.vocabulary import COMPANIES_ID

_COMPANIES = (
    """
MATCH (c:ContextItem) USING INDEX c:ContextItem(parent_id, sort_key)
WHERE c.parent_id = $parent AND c.sort_key >= '' AND c.trashed_at IS NULL AND c.archived_at IS NULL
  AND c.waits_key IS NULL AND ($contains = '' OR toLower(c.name) CONTAINS $contains OR c.account_number = $contains)
  AND """
    + MAY_READ_CHILD % {"n": "c"}
    + """
WITH c ORDER BY coalesce($open[c.account_number], 0) DESC, c.sort_key, c.id LIMIT $limit
RETURN collect(c """
    + ROW % {"n": "c"}
    + """) AS rows
"""
)
_COMPLIANCE_LEVELS = """
MATCH (c:Company) WHERE c.id IN $ids RETURN c.id AS id, c.compliance_level AS level
"""
# Neo4j keeps the number of all nodes of a label; the archived ones, which are few, are read from their index.
_COUNT_RECORDS = "OPTIONAL MATCH (n:ContextItem) WHERE n.archived_at IS NOT NULL RETURN " + ", ".join(
    f"COUNT {{ (:{kind}) }} - count(CASE WHEN n:{kind} THEN 1 END) AS {kind}" for kind in RECORD_KINDS
)
# The ends of the keys of the folders of a company, so that no number reads the records of another kind.
_FOLDERS = {kind: folder for kind in RECORD_KINDS if (folder := NODE_CLASS[kind].about.folder)}
_COUNT_RECORDS_OF = (
    "MATCH (c:Company) WHERE c.account_number IN $companies AND c.archived_at IS NULL "
    f"RETURN count(c) AS {Company.kind()}, "
    + ", ".join(
        f"sum(CASE WHEN $tickets OR '{part}' <> 'tickets' THEN COUNT {{ "
        f"(c)-[:PARENT_OF]->(f:Folder)-[:PARENT_OF]->(n:{kind}) WHERE f.codex_key ENDS WITH ':{part}' "
        f"AND n.archived_at IS NULL AND n.origin = 'codex' }} ELSE 0 END) AS {kind}"
        for kind, part in _FOLDERS.items()
    )
)


def get_companies(
    *,
    contains: str = "",
    open_tickets: Mapping[str, int] | None = None,
    reader: Reader = EVERYTHING,
    limit: int = 60,
) -> Page:
    """The first companies whose name contains this text or whose account number equals it.

    ``open_tickets``: numbers by account number. Those with most come first, and rows have theirs as ``count``.
    """
    number = open_tickets or {}
    rows = read(
        _COMPANIES,
        parent=COMPANIES_ID, contains=contains.strip().lower(), open=dict(number), limit=limit + 1, **reader.parameters,
    )  # fmt: skip
    found = [row(c, number.get(c["account_number"], 0)) for c in rows[0]["rows"]]
    return Page(tuple(found[:limit]), has_more=len(found) > limit)


def get_compliance_levels(ids: Iterable[str]) -> dict[str, str]:
    """The compliance level (``standard``, ``cjis`` or ``hipaa``) by company id; companies without one are left out."""
    wanted = list(set(ids))
    rows = read(_COMPLIANCE_LEVELS, ids=wanted) if wanted else []
    return {r["id"]: r["level"] for r in rows if r["level"]}


def count_records(*, reader: Reader = EVERYTHING) -> dict[str, int]:
    """The numbers of the Codex records that the reader may read, by the label of their kind, without archived ones."""
    found = read(_COUNT_RECORDS if reader.companies is None else _COUNT_RECORDS_OF, **reader.parameters)[0]
    return {kind: found[kind] for kind in RECORD_KINDS if reader.tickets or kind != Ticket.kind()}

"""Shared parts of queries: the columns of a list row, and conversion of rows to the types of ``tree.graph.values``.

The parameters of a ``Reader`` say what may be read; anything else is treated as if it did not exist: it is neither
listed nor counted, and no parameter can name it. Without ``tickets``, that is whatever is or lies below a ticket. With
``companies``, it is whatever does not lie below one of these, but for the names of the nodes above them, which are the
way there.
"""

from typing import Any

from tree.graph.limits import COMPANIES_ONLY, END, TICKETS_ONLY
from tree.graph.values import Crumb, Row, display_name, kind_of
from tree.kinds import LISTED_NAMES, Note, Ticket, User
from tree.kinds.titles import TITLE_NAMES, title_of
from tree.vocabulary import ABOVE, COMPANIES_ID, ORIGIN_CODEX, ROOT_ID, SELF_AND_ABOVE

# The map of columns of a node on a path.
CRUMB = (
    "{.id, .name, .origin, .waits_key, .account_number, .compliance_level, "
    + "".join(f".{name}, " for name in TITLE_NAMES)
    + "labels: labels(%(n)s)}"
)
_PATH = "COLLECT { MATCH way = (%%(n)s)%s(above:ContextItem) RETURN above %s ORDER BY length(way) DESC }"
# The nodes from the root to a node, with itself or without, as ``crumbs`` takes them.
PATH = _PATH % (SELF_AND_ABOVE, CRUMB % {"n": "above"})
PATH_ABOVE = _PATH % (ABOVE, CRUMB % {"n": "above"})
# The map of columns of a row in any list.
ROW = "{" + ", ".join(f".{name}" for name in LISTED_NAMES) + ", labels: labels(%(n)s)}"
# The order of tickets ``t``: open ones first, then the latest changes first.
OPEN_FIRST = """(t.closed_at IS NULL AND NOT coalesce(t.status, '') =~ $closed) DESC,
      coalesce(t.latest_at, t.last_updated_at, t.opened_at, '') DESC, t.id"""
# A ticket, or the folder of what waits for a ticket that is not here yet; and that or anything below it.
IS_TICKET = "(%(n)s:Ticket OR coalesce(%(n)s.waits_key, '') STARTS WITH 'ticket:')"
IS_IN_TICKET = "EXISTS { (%(n)s)" + SELF_AND_ABOVE + "(above) WHERE " + IS_TICKET % {"n": "above"} + " }"
# One of the reader's companies, or anything below it. The path alone tells: notes have no account number.
_IS_THEIRS = "EXISTS { (%(n)s)" + SELF_AND_ABOVE + "(company:Company) WHERE company.account_number IN $companies }"
WAY_IDS = (ROOT_ID, COMPANIES_ID)
_IS_WAY = "%(n)s.id IN " + str(list(WAY_IDS))
# Below a node that is open to them: one of their companies, and whatever lies below one.
_IS_THEIRS_HERE = (
    "EXISTS { (%(n)s)<-[:PARENT_OF]-(way:ContextItem) WHERE NOT way.id IN "
    + str(list(WAY_IDS))
    + " OR (%(n)s:Company AND %(n)s.account_number IN $companies) }"
)
# What the reader may read of any nodes; what they may open or list, though perhaps by its name alone; and which of the
# children of a node that they may open: the way to it is known to be theirs, so that a child needs no look above it.
# Between the marks stands what ``read`` takes out for a reader who is not limited so: planning it costs too much.
_UNLESS_TICKETS = "(true" + TICKETS_ONLY + " AND ($tickets OR NOT %(n)s)" + END
_AND_COMPANIES = COMPANIES_ONLY + " AND ($companies IS NULL OR %(n)s)" + END + ")"
MAY_READ = _UNLESS_TICKETS % {"n": IS_IN_TICKET} + _AND_COMPANIES % {"n": _IS_THEIRS}
MAY_VISIT = _UNLESS_TICKETS % {"n": IS_IN_TICKET} + _AND_COMPANIES % {"n": _IS_WAY + " OR " + _IS_THEIRS}
MAY_READ_CHILD = _UNLESS_TICKETS % {"n": IS_TICKET} + _AND_COMPANIES % {"n": _IS_WAY + " OR " + _IS_THEIRS_HERE}
LIVE_CHILDREN = (
    """COUNT {
  (%(n)s)-[:PARENT_OF]->(x) WHERE x.archived_at IS NULL AND x.trashed_at IS NULL AND """
    + MAY_READ_CHILD % {"n": "x"}
    + """
}"""
)


def row_columns(*more: str) -> str:
    """The columns of ``ROW`` and these properties."""
    return "{" + "".join(f".{name}, " for name in more) + ROW.removeprefix("{")


def crumbs(path: list[dict[str, Any]]) -> tuple[Crumb, ...]:
    """A path as ``PATH`` or ``PATH_ABOVE`` have it."""
    kinds = ["", *(kind_of(columns["labels"]) for columns in path)]
    return tuple(_crumb(columns, kind, above) for columns, kind, above in zip(path, kinds[1:], kinds, strict=False))


def row(columns: dict[str, Any], count: int = 0) -> Row:
    """A row from the columns of ``ROW``."""
    uid = str(columns["id"])
    return Row(uid, display_name(uid, str(columns["name"])), kind_of(columns["labels"]), count, columns)


def _crumb(columns: dict[str, Any], kind: str, above: str) -> Crumb:
    name = display_name(columns["id"], str(columns["name"]))
    is_card = kind == Note.kind() and above == User.kind() and columns["origin"] == ORIGIN_CODEX
    is_ticket = kind == Ticket.kind() or str(columns["waits_key"] or "").startswith("ticket:")
    title, number, level = title_of(kind, name, columns), columns["account_number"], columns["compliance_level"]
    return Crumb(columns["id"], name, kind, title, is_card, is_ticket, str(number or ""), str(level or ""))

"""Queries of the tree pane: pages of siblings, and the tree expanded around a node."""

from dataclasses import replace
from typing import Any

from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tree.exceptions import NodeNotFound
from tree.graph.connection import read
from tree.graph.values import Branch, BranchPage, Row, display_name, kind_of
from tree.kinds import Note, User
from tree.kinds.titles import TITLE_NAMES
from tree.queries.columns import LIVE_CHILDREN, MAY_READ_CHILD, MAY_VISIT
from tree.queries.records.cards import CARDS, IS_CARD
from tree.queries.rights import require_visitable
from tree.vocabulary import ORIGIN_CODEX, SELF_AND_ABOVE

BRANCH_ROWS = 200
_BRANCH_ROWS_BEFORE = 40  # above the open node, when the pane is drawn around it

_FIELDS = tuple(dict.fromkeys(("archived_at", "status", "origin", *TITLE_NAMES)))
_BRANCH_COLUMNS = (
    "collect([c.id, c.name, labels(c), "
    + LIVE_CHILDREN % {"n": "c"}
    + ", "
    + ", ".join(f"c.{name}" for name in _FIELDS)
    + "])"
)
# Siblings from a sort key on, or before it. The children of a node are read in the order of the index, however many
# they are; those of a card are few.
_FROM = """
  MATCH (c:ContextItem) USING INDEX c:ContextItem(parent_id, sort_key)
  WHERE c.parent_id %(parent)s AND c.sort_key >= key AND (c.sort_key > key OR c.id %(sign)s id)%(no_cards)s
    AND c.trashed_at IS NULL AND (c.archived_at IS NULL %(or_open)s) AND %(may_read)s
  WITH c ORDER BY c.parent_id, c.sort_key, c.id LIMIT %(limit)s
  RETURN c"""
_BEFORE = """
  MATCH (c:ContextItem) USING INDEX c:ContextItem(parent_id, sort_key)
  WHERE c.parent_id %(parent)s AND c.sort_key <= key AND (c.sort_key < key OR c.id < id)%(no_cards)s
    AND c.trashed_at IS NULL AND c.archived_at IS NULL AND %(may_read)s
  WITH c ORDER BY c.parent_id DESC, c.sort_key DESC, c.id DESC LIMIT %(limit)s
  RETURN c"""


def _siblings(statement: str, order: str, **parts: str) -> str:
    """The siblings below a node and its cards: a subquery that returns them as ``rows``."""
    parts |= {"limit": "$limit", "no_cards": " AND NOT c.id IN cards", "may_read": MAY_READ_CHILD % {"n": "c"}}
    return (
        "\nCALL (*) { CALL (*) {"
        + statement % {"parent": "= $parent", **parts}
        + "\n  UNION ALL"
        + statement % {"parent": "IN cards", **parts}
        + f"\n}}\nWITH c ORDER BY c.sort_key {order}, c.id {order} LIMIT $limit\nRETURN {_BRANCH_COLUMNS} AS rows }}\n"
    )


def _siblings_on_path(statement: str, **parts: str) -> str:
    """The siblings below ``parent`` alone, which takes Neo4j a third of the time to plan."""
    below = statement % {"parent": "= parent.id", "no_cards": "", "may_read": MAY_READ_CHILD % {"n": "c"}, **parts}
    return f"\nCALL (*) {{ CALL (*) {{{below}\n}}\nRETURN {_BRANCH_COLUMNS} AS rows }}\n"


_START = (
    "WITH "
    + CARDS % {"id": "$parent"}
    + """ AS cards
MATCH (start:ContextItem {id: $start})
WHERE (start.parent_id = $parent OR start.parent_id IN cards) AND """
    + MAY_READ_CHILD % {"n": "start"}
    + """
WITH cards, start.sort_key AS key, start.id AS id"""
)
_BRANCHES_FIRST = (
    "WITH "
    + CARDS % {"id": "$parent"}
    + " AS cards, '' AS key, '' AS id"
    + _siblings(_FROM, "ASC", sign=">", or_open="")
    + "RETURN rows"
)
_BRANCHES_AFTER = _START + _siblings(_FROM, "ASC", sign=">", or_open="") + "RETURN rows"
_BRANCHES_BEFORE = _START + _siblings(_BEFORE, "DESC") + "RETURN rows"
# For each level from the root to the open node: the siblings around the next node of the path. A card is no level.
_LEVELS = (
    """
MATCH (open:ContextItem {id: $id}) WHERE """
    + MAY_VISIT % {"n": "open"}
    + """
WITH COLLECT {
  MATCH way = (open)"""
    + SELF_AND_ABOVE
    + "(a:ContextItem) WHERE NOT "
    + IS_CARD % {"n": "a"}
    + """
  RETURN a ORDER BY length(way) DESC
} AS way
UNWIND range(0, size(way) - 1) AS level
WITH level, way[level] AS parent, way[level + 1] AS next
WITH level, parent, coalesce(next.sort_key, '') AS key, coalesce(next.id, '') AS id"""
    + _siblings_on_path(_FROM, limit="$after", sign=">=", or_open="OR c.id = id")
    + "WITH level, parent, key, id, rows AS below"
    + _siblings_on_path(_BEFORE, limit="$before")
    + "RETURN level, parent.id AS id, parent.name AS name, labels(parent) AS labels, rows AS above, below "
    + "ORDER BY level"
)


def get_branches(parent: str, *, reader: Reader = EVERYTHING, after: str = "", before: str = "") -> BranchPage:
    """A page of a node's children in the tree pane: from the start, or after or before one of the children.

    Raises NodeNotFound for a node that the reader may not open.
    """
    require_visitable(parent, reader)
    if before:
        rows = read(_BRANCHES_BEFORE, parent=parent, start=before, limit=BRANCH_ROWS + 1, **reader.parameters)
        above = [_branch(c) for c in rows[0]["rows"]] if rows else []
        page = above[:BRANCH_ROWS][::-1]
        return BranchPage(parent, page, more_before=page[0].row.uid if len(above) > BRANCH_ROWS else None)
    statement = _BRANCHES_AFTER if after else _BRANCHES_FIRST
    rows = read(statement, parent=parent, start=after, limit=BRANCH_ROWS + 1, **reader.parameters)
    below = [_branch(c) for c in rows[0]["rows"]] if rows else []
    page = below[:BRANCH_ROWS]
    return BranchPage(parent, page, more_after=page[-1].row.uid if len(below) > BRANCH_ROWS else None)


def get_tree_around(uid: str, *, reader: Reader = EVERYTHING) -> Branch:
    """The tree from the root, expanded down to this node. Raises NodeNotFound."""
    levels = read(_LEVELS, id=uid, after=BRANCH_ROWS + 1, before=_BRANCH_ROWS_BEFORE + 1, **reader.parameters)
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
        if current.row.kind == User.kind():
            current.children = _with_those_of_card(current.children, number + 2, reader)
        following = levels[number + 1]["id"] if number + 1 < len(levels) else None
        nexts = [b for b in current.children.branches if b.row.uid == following]
        if not nexts:
            break
        current = nexts[0]
    current.is_selected = current.row.uid == uid
    return root


def _branch(columns: list[Any], level: int = 0) -> Branch:
    uid, name, labels, count, *values = columns
    fields = dict(zip(_FIELDS, values, strict=True))
    return Branch(Row(uid, display_name(uid, str(name)), kind_of(labels), count, fields), level)


def _with_those_of_card(page: BranchPage, number: int, reader: Reader) -> BranchPage:
    """The children of a person with those of the card, in place of the card; there are few of them."""
    own = get_branches(page.parent, reader=reader)
    own.branches = [replace(branch, level=number) for branch in own.branches]
    shown = {branch.row.uid for branch in own.branches}
    own.branches += [b for b in page.branches if b.row.uid not in shown and not _is_card(b.row)]
    return own


def _is_card(row: Row) -> bool:
    return row.kind == Note.kind() and row.fields["origin"] == ORIGIN_CODEX


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

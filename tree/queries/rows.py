"""What several queries share: the columns of a row in a list, and rows as the types of ``tree.graph.values``."""

from typing import Any

from tree.graph.values import Crumb, Row, display_name, kind_of
from tree.kinds import LISTED_NAMES

# A row of any list, as a map of columns.
ROW = "{" + ", ".join(f".{name}" for name in LISTED_NAMES) + ", labels: labels(%(n)s)}"
LIVE_CHILDREN = "COUNT { (%(n)s)-[:PARENT_OF]->(x) WHERE x.archived_at IS NULL AND x.trashed_at IS NULL }"


def crumbs(path: list[dict[str, Any]]) -> tuple[Crumb, ...]:
    """Nodes given as {id, name, labels}."""
    return tuple(Crumb(a["id"], display_name(a["id"], str(a["name"])), kind_of(a["labels"])) for a in path)


def row(columns: dict[str, Any], count: int = 0) -> Row:
    """A node given as ``ROW``."""
    uid = str(columns["id"])
    return Row(uid, display_name(uid, str(columns["name"])), kind_of(columns["labels"]), count, columns)

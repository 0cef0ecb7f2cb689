"""The names of labels, relations and properties in the application's Cypher, made known to a new Neo4j.

Neo4j throws the plan of a query away once something has a name in it that nothing in the graph ever had. In an empty
graph each test would bring some more of them, and a third of the planning was done again.
"""

import re
from pathlib import Path

from neo4j import Session

ROOT = Path(__file__).parents[1]
_HAS_NAMES = re.compile(r"\bMATCH \(|\bField\(")  # files with queries or declarations of kinds
_FORMS = {
    "db.createLabel": r":([A-Z][a-z][A-Za-z]+)",
    "db.createRelationshipType": r":([A-Z]+_[A-Z_]+|MENTIONS)\b",
    "db.createProperty": r"(?:\.|[{,] ?|^    )([a-z][a-z0-9_]*)\b",
}


def make_known(session: Session) -> None:
    """Create them all. What only looks like such a name does no harm."""
    files = (file for package in ("tree", "syncing") for file in (ROOT / package).rglob("*.py"))
    texts = (file.read_text(encoding="utf-8") for file in files)
    found = "\n".join(text for text in texts if _HAS_NAMES.search(text))
    for procedure, form in _FORMS.items():
        names = sorted(set(re.findall(form, found, re.MULTILINE)))
        session.run(f"UNWIND $names AS name CALL {procedure}(name)", names=names).consume()

"""``python -m tests.bench.staff NOTES``: fill the tree with what staff write, then move a folder of 10,000 to and fro.

Notes go below the companies, in turn. Prints JSON: {"large": nodes below the folder, "move": what a move costs,
"changed": nodes with other properties afterwards, without the two parents}.
"""

import json
import os
import sys
from dataclasses import asdict

from tests.bench.cost import own_meter

MOVES = 9


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "knowledgetree.settings")
    import django

    django.setup()
    from tree import operations
    from tree.graph.connection import read
    from tree.vocabulary import ROOT_ID

    companies = [row["id"] for row in read("MATCH (c:Company) RETURN c.id AS id ORDER BY c.id")]
    for number in range(int(sys.argv[1])):
        operations.create_note(companies[number % len(companies)], f"Note {number}", "A note.\n\n" * 40, author="bench")
    large, elsewhere = (operations.create_folder(ROOT_ID, name, author="bench") for name in ("Large", "Elsewhere"))
    first = operations.create_folder(large, "First", author="bench")
    for number in range(99):
        operations.create_note(first, f"Note {number}", "A note.", author="bench")
    for _ in range(99):
        operations.copy(first, large, author="bench")

    def below() -> dict[str, dict[str, object]]:
        found = read("MATCH ({id: $id})-[:PARENT_OF*0..]->(n) RETURN n.id AS id, properties(n) AS properties", id=large)
        return {row["id"]: row["properties"] for row in found}

    def move(number: int) -> None:
        operations.move(large, ROOT_ID if number % 2 else elsewhere, author="bench")

    before = below()
    cost = own_meter().spent_each(move, MOVES)
    after = below()
    changed = sum(before[uid] != properties for uid, properties in after.items())
    print(json.dumps({"large": len(after) - 1, "move": asdict(cost), "changed": changed}))


if __name__ == "__main__":
    main()

"""What staff wait for: the editor, saving and preview of a note of 20 KB; a folder of 10,000 that is moved."""

from collections.abc import Iterator
from typing import Any

from tests.bench.cost import Cost
from tests.bench.table import Figure
from tests.bench.visitor import Visitor
from tests.throwaway_neo4j import Graph

_A_NOTE = "MATCH (n:Note) WHERE n.name STARTS WITH 'Note ' RETURN n.id AS id, n.name AS name ORDER BY n.id LIMIT 1"
_A_PART = """## Step {0}

Open *Settings*, then **Network**, and choose `vpn-{0}.example`. The [manual](https://example.com/{0}) has more.

- [ ] look at the certificate
- [x] ask for the code

| host | address |
| --- | --- |
| gw-{0} | 192.0.2.{0} |

"""


def moved(found: dict[str, Any]) -> Iterator[Figure]:
    """How fast the large folder moves, as ``tests.bench.staff`` found out."""
    cost = Cost(**found["move"])
    yield Figure("moving a large folder", cost, value=1000 * cost.wall, unit="ms", goal=1000)
    yield Figure("  nodes below it", value=found["large"])
    yield Figure("  with other properties afterwards", value=found["changed"])


def measure(visitor: Visitor, graph: Graph) -> Iterator[Figure]:
    """A figure for opening, previewing and saving."""
    [row] = graph.rows(_A_NOTE)
    path = f"/node/{row['id']}/edit/"
    text = "".join(_A_PART.format(number) for number in range(1000))[: 20 * 1024]
    version = int(graph.rows("MATCH (n {id: $id}) RETURN coalesce(n.version, 1) AS v", id=row["id"])[0]["v"])

    def save(number: int) -> None:
        nonlocal version
        content = f"Saved {number}\n\n{text}"
        visitor.post(path, {"name": row["name"], "content": content, "version": str(version), "message": ""})
        version += 1

    def preview(number: int) -> None:
        visitor.post("/preview/", {"content": f"{number}\n\n{text}"})

    yield visitor.over_empty("saving a note of 20 KB", save, goal=100)
    yield visitor.over_empty("opening it in the editor", lambda _: visitor.get(path), goal=100)
    yield visitor.over_empty("its preview", preview, goal=100)
    yield visitor.over_empty("its page", lambda _: visitor.get(f"/node/{row['id']}/"), goal=50)

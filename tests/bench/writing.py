"""What staff wait for: the editor, saving and preview of a note of 20 KB; a folder of 10,000 that is moved."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

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


def fill(environment: dict[str, str], repository: Path, notes: int) -> str:
    """Notes and the large folder are made; the line says how fast that folder moves."""
    command = [sys.executable, "-m", "tests.bench.staff", str(notes)]
    done = subprocess.run(command, env=environment, cwd=repository, check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return (
        f"a folder with {found['large']:,} nodes below it is moved in {1000 * found['move']:.0f} ms (goal ≤ 1000); "
        f"{found['changed']} of them have other properties afterwards"
    )


def measure(visitor: Visitor, graph: Graph) -> Iterator[str]:
    """A line for opening, previewing and saving."""
    [row] = graph.rows(_A_NOTE)
    path = f"/node/{row['id']}/edit/"
    text = "".join(_A_PART.format(number) for number in range(1000))[: 20 * 1024]
    version = int(graph.rows("MATCH (n {id: $id}) RETURN coalesce(n.version, 1) AS v", id=row["id"])[0]["v"])

    def save(number: int) -> None:
        nonlocal version
        content = f"Saved {number}\n\n{text}"
        visitor.post(path, {"name": row["name"], "content": content, "version": str(version), "message": ""})
        version += 1

    over = visitor.over_empty(save)
    yield f"saving a note of 20 KB: {over:.1f} ms over an empty page (goal ≤ 100)"
    over = visitor.over_empty(lambda _: visitor.get(path))
    yield f"opening it in the editor: {over:.1f} ms over an empty page (goal ≤ 100)"
    over = visitor.over_empty(lambda number: visitor.post("/preview/", {"content": f"{number}\n\n{text}"}))
    yield f"its preview: {over:.1f} ms over an empty page (goal ≤ 100)"
    over = visitor.over_empty(lambda _: visitor.get(f"/node/{row['id']}/"))
    yield f"its page: {over:.1f} ms over an empty page (goal ≤ 50)"

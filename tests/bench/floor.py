"""The floor that the sync is measured against: what nothing can do without.

One bulk request, JSON, then UNWIND + MERGE of the same nodes and edges into an empty graph with one unique
constraint. No comparison, no typed fields, no full text, no history. Started as a process of its own by run.py:

    python -m tests.bench.floor CODEX_URL BOLT_URI [--compiled]     (secrets in KT_BENCH_KEY, KT_BENCH_PASSWORD)

Neo4j's driver is the pure Python one, unless the compiled one that the syncs use is asked for. Prints one line of
JSON: seconds of each step.
"""

import json
import os
import sys
import time
from typing import Any

import requests

if "--compiled" not in sys.argv:
    sys.modules["neo4j._codec.packstream._rust"] = None  # type: ignore[assignment]  # as if it were not installed

from neo4j import GraphDatabase, Session

from knowledgetree.basics.batches import in_batches
from syncing.kinds.declaration.people_and_computers import Computers

NODES_A_BATCH, EDGES_A_BATCH = 2000, 5000
Rows = list[dict[str, Any]]


def main(codex_url: str, bolt_uri: str) -> None:
    started = time.perf_counter()
    companies = fetch(codex_url)
    fetched = time.perf_counter()
    nodes, edges = build(companies)
    built = time.perf_counter()
    with (
        GraphDatabase.driver(bolt_uri, auth=("neo4j", os.environ["KT_BENCH_PASSWORD"])) as driver,
        driver.session() as session,
    ):
        write(session, nodes, edges)
    ended = time.perf_counter()
    print(
        json.dumps(
            {
                "fetch": fetched - started,
                "build": built - fetched,
                "write": ended - built,
                "total": ended - started,
                "nodes": len(nodes),
                "edges": sum(map(len, edges.values())),
            }
        )
    )


def fetch(codex_url: str) -> list[dict[str, Any]]:
    answer = requests.get(
        f"{codex_url}/api/companies/bulk",
        params={"include_tickets": "true"},
        headers={"Authorization": f"Bearer {os.environ['KT_BENCH_KEY']}"},
        timeout=600,
    )
    answer.raise_for_status()
    companies: list[dict[str, Any]] = answer.json()
    return companies


def build(companies: list[dict[str, Any]]) -> tuple[Rows, dict[str, Rows]]:
    """The nodes (id, name, content) and the edges by type, as the sync makes them."""
    nodes: Rows = [_node("root", "Root"), _node("companies", "Companies")]
    edges: dict[str, Rows] = {
        "PARENT_OF": [_edge("root", "companies")],
        "REQUESTED_BY": [],
        "LINKS_TO": [],
        "USED_BY": [],
        "MENTIONS": [],
    }
    for bundle in companies:
        _build_company(bundle, nodes, edges)
    return nodes, edges


def _build_company(bundle: dict[str, Any], nodes: Rows, edges: dict[str, Rows]) -> None:
    account = bundle["company"]["account_number"]
    parent_of = edges["PARENT_OF"]

    def add(node_id: str, name: str, parent: str, content: str = "") -> None:
        nodes.append(_node(node_id, name, content))
        parent_of.append(_edge(parent, node_id))

    add(f"c{account}", bundle["company"]["name"], "companies", str(bundle["company"]["description"]))
    for folder in ("users", "assets", "tickets"):
        add(f"c{account}:{folder}", folder, f"c{account}")
    by_email: dict[str, str] = {}
    by_login: dict[str, str] = {}
    for contact in bundle["contacts"]:
        user = f"u{account}:{contact['id']}"
        add(user, contact["name"], f"c{account}:users")
        add(f"{user}:contact", "Contact.md", user, "\n".join(f"{k}: {v}" for k, v in contact.items()))
        add(f"{user}:tickets", "Tickets", user)
        by_login[contact["email"].lower().partition("@")[0]] = user
        for email in [contact["email"], *json.loads(contact["secondary_emails"] or "[]")]:
            by_email[email.lower()] = user
    for asset in bundle["assets"]:
        node_id = f"a{asset['id']}"
        add(node_id, asset["hostname"], f"c{account}:assets", "\n".join(f"{k}: {v}" for k, v in asset.items()))
        login = (asset["last_logged_in_user"] or "").lower().rpartition("\\")[2].partition("@")[0]
        if person := by_login.get(login):
            edges["USED_BY"].append(_edge(node_id, person))
    computers = Computers.of((f"a{asset['id']}", asset["hostname"]) for asset in bundle["assets"])
    for ticket in bundle["tickets"]:
        node_id = f"t{ticket['ticket_id']}"
        mails = [ticket["description"], *(m["body"] for m in (ticket["conversations"] or []) + (ticket["notes"] or []))]
        add(node_id, f"Ticket_{ticket['ticket_id']}.md", f"c{account}:tickets", "\n".join(m or "" for m in mails))
        if person := by_email.get((ticket["requester_email"] or "").lower()):
            edges["REQUESTED_BY"].append(_edge(node_id, person))
            edges["LINKS_TO"].append(_edge(f"{person}:tickets", node_id))
        texts = "\n".join(text or "" for text in (ticket["subject"], *mails))
        mentioned = computers.named_in(texts)
        if ticket["requester_email"]:
            mentioned |= {by_email.get((m["from_email"] or "").lower(), "") for m in ticket["conversations"] or []}
        edges["MENTIONS"] += [_edge(node_id, other) for other in mentioned - {person, ""}]


def write(session: Session, nodes: Rows, edges: dict[str, Rows]) -> None:
    session.run("CREATE CONSTRAINT floor IF NOT EXISTS FOR (n:ContextItem) REQUIRE n.id IS UNIQUE").consume()
    for rows in in_batches(nodes, NODES_A_BATCH):
        session.run(
            "UNWIND $rows AS row MERGE (n:ContextItem {id: row.id}) SET n.name = row.name, n.content = row.content",
            rows=rows,
        ).consume()
    for kind, all_rows in edges.items():
        for rows in in_batches(all_rows, EDGES_A_BATCH):
            session.run(
                "UNWIND $rows AS row MATCH (a:ContextItem {id: row.a}) MATCH (b:ContextItem {id: row.b}) "
                f"MERGE (a)-[:{kind}]->(b)",  # a relation type cannot be a parameter
                rows=rows,
            ).consume()


def _node(node_id: str, name: str, content: str = "") -> dict[str, Any]:
    return {"id": node_id, "name": name, "content": content}


def _edge(a: str, b: str) -> dict[str, Any]:
    return {"a": a, "b": b}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

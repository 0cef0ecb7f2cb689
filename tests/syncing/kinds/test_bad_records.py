"""Every field of every kind with every odd value: taken or quarantined, never a crash, the others still written."""

import json
from typing import Any

import pytest

from syncing import kinds
from syncing.sample_codex import faults
from syncing.sample_codex.answer import Answer
from syncing.sample_codex.faults import ALWAYS, MISSING
from syncing.sample_codex.server import SampleCodex
from tests.graph_assertions import by_key, nodes
from tests.syncing.conftest import Breaches, Sync
from tests.throwaway_neo4j import Graph

SURROGATE = "half \ud800 pair"
VALUES: dict[str, Any] = {
    "missing": MISSING,
    "null": None,
    "empty": "",
    "bool": True,
    "int": 7,
    "2^63": 2**63,
    "20 digits": 12345678901234567890,
    "negative": -1,
    "1e308": 1e308,
    "1e400": float("1e400"),
    "list": ["a", ["b"]],
    "dict": {"a": {"b": None}},
    "1 MB": "x" * 2**20,
    "NUL": "a\0b",
    "surrogate": SURROGATE,
    "surrogate in a list in a text": '["\\ud800@x.example"]',
    "RTL": "שלום \u202eevil",
    "slash": "/",
    "dots": "..",
    "blank": " ",
    "expanding": "\ufdfa" * 500,
    "deep list in a text": "[" * 5000,
    "not a number": "nan",
}
pytestmark = pytest.mark.usefixtures("no_turns")
KINDS: dict[str, tuple[type[Any], str]] = {
    "company": (kinds.COMPANIES.record, "company:{account}"),
    "contacts": (kinds.CONTACTS.record, "user:{account}:{id}"),
    "assets": (kinds.ASSETS.record, "asset:{id}"),
    "tickets": (kinds.TICKETS.record, "ticket:{id}"),
}
FIELDS = [(what, field) for what, (kind, _) in KINDS.items() for field in kind.__struct_fields__]


@pytest.mark.parametrize("bulk", [True, False], ids=["bulk", "old"])
@pytest.mark.parametrize("what", KINDS)
def test_every_field_with_every_value(
    what: str, bulk: bool, mirrored: SampleCodex, sync: Sync, breaches: Breaches
) -> None:
    """All values of one field at once, each in a record of its own beside a sound one."""
    mirrored.api.bulk = bulk
    mirrored.limit.per_minute = 100_000  # hundreds of records are asked for one by one here
    kind, _ = KINDS[what]
    command = "sync_tickets" if what == "tickets" else "sync_codex"
    id_field = kind.__struct_fields__[0]
    for field in kind.__struct_fields__:
        mirrored.faults.clear()
        mirrored.faults.add(_odd(what, field, id_field), "/api/companies*", times=ALWAYS)
        result = sync(command)
        # The copies no longer have the odd values of the field before: that of many at once is held, and so are many
        # companies that are gone.
        assert result.code in (0, 3, 4), (field, result.run.reason, result.err)
        assert what == "company" or not result.run.holds_removals
        for reason in result.reasons:
            assert len(reason) < 700
    assert sync(command).written == 0
    assert breaches() == []
    mirrored.faults.clear()
    assert sync(command).code in (0, 4)


def _odd(what: str, field: str, id_field: str) -> faults.Responder:
    """Every answer with this list gets a copy of its first record for each value."""

    def respond(call: faults.Call) -> Answer:
        right = call.answer()
        path = call.request.path
        if right.status != 200:
            return right
        rows = right.json()
        if what == "company" and path == "/api/companies":
            rows += _copies(rows[0], field, id_field)
        elif path == "/api/companies/bulk" and what != "company":
            if what in rows[0]:
                rows[0][what] = rows[0][what] + _copies(rows[0][what][1], field, id_field)
        elif path.endswith(f"/{what}") and rows:
            rows += _copies(rows[1], field, id_field)
        # json.dumps writes 1e400 as Infinity, which is no JSON; Codex would write the number
        return Answer(body=json.dumps(rows).replace("Infinity", "1e400").encode())

    return respond


def _copies(record: dict[str, Any], field: str, id_field: str) -> list[dict[str, Any]]:
    copies = []
    for number, value in enumerate(VALUES.values()):
        copy = dict(record)
        copy[id_field] = f"ODD-{number}" if isinstance(record[id_field], str) else 900_000 + number
        if value is MISSING:
            del copy[field]
        else:
            copy[field] = value
        copies.append(copy)
    return copies


REFUSED: list[tuple[str, str, Any]] = [
    ("company", "name", None),
    ("company", "name", SURROGATE),
    ("contacts", "name", "x" * 2**20),
    ("contacts", "email", ["x"]),
    ("assets", "backup_data_bytes", 12345678901234567890),
    ("assets", "online", "yes"),
    ("tickets", "total_hours_spent", None),
    ("tickets", "conversations", [7]),
]


@pytest.mark.parametrize("bulk", [True, False], ids=["bulk", "old"])
def test_a_refused_record_keeps_its_node_and_its_neighbours_are_written(
    bulk: bool, mirrored: SampleCodex, sync: Sync, graph: Graph, subtests: pytest.Subtests
) -> None:
    mirrored.api.bulk = bulk
    account, listed = next(iter(mirrored.world.accounts.items()))
    for number, (what, field, value) in enumerate(REFUSED):
        with subtests.test(f"{what}.{field}", value=repr(value)[:20]):
            row = 1
            mirrored.faults.clear()
            mirrored.faults.add(_set(what, row, field, value), "/api/companies*", times=ALWAYS)
            listed.company.billing_plan = listed.contacts[2].title = f"New {number}"
            listed.assets[2].domain = listed.tickets[2].subject = f"New {number}"
            listed.contacts[1].title = listed.assets[1].domain = listed.tickets[1].subject = f"Unseen {number}"
            ids = {
                "contacts": listed.contacts[1].id,
                "assets": listed.assets[1].id,
                "tickets": listed.tickets[1].ticket_id,
            }
            key = KINDS[what][1].format(account=account, id=ids.get(what, ""))
            before = by_key(graph, key)
            result = sync("sync_tickets" if what == "tickets" else "sync_codex")
            assert result.code == 3
            [refused] = result.run.refused.filter(is_notice=False)
            assert (refused.account or account) == account
            assert result.run.totals()["quarantined"] == 1
            assert "archived" not in result.run.totals()
            assert by_key(graph, key) == before
            if what != "company":
                assert result.run.totals()["updated"] >= 1
                assert refused.field.partition("[")[0] == field or refused.fault == "not_unicode"
            assert all("archived_at" not in node for node in nodes(graph, stamps=True).values())


def _set(what: str, row: int, field: str, value: Any) -> faults.Responder:
    def respond(call: faults.Call) -> Answer:
        right = call.answer()
        path = call.request.path
        if right.status != 200:
            return right
        rows = right.json()
        if what == "company" and path == "/api/companies":
            rows[0][field] = value
        elif path == "/api/companies/bulk" and what in rows[0] and what != "company":
            rows[0][what][row][field] = value
        elif path.endswith(f"/{what}") and len(rows) > row and "107919" in path:
            rows[row][field] = value
        return Answer(body=json.dumps(rows).encode())

    return respond


@pytest.mark.parametrize("what", ["contacts", "assets", "tickets"])
def test_a_record_whose_id_cannot_be_read_stops_all_removal_of_its_scope(
    what: str, mirrored: SampleCodex, sync: Sync, graph: Graph, subtests: pytest.Subtests
) -> None:
    field = "ticket_id" if what == "tickets" else "id"
    command = "sync_tickets" if what == "tickets" else "sync_codex"
    label = {"contacts": "User", "assets": "Asset", "tickets": "Ticket"}[what]
    another = "7"  # a sound id, of another record; the last one here, for it archives a node
    for value in (MISSING, None, 1.5, True, "07", "abc", -1, 2**63, [1], another):
        with subtests.test(value=repr(value)):
            mirrored.faults.clear()
            mirrored.faults.add(faults.set_field((0, what, 1, field), value), "/api/companies/bulk", times=ALWAYS)
            result = sync(command)
            assert result.code == 3
            assert result.counts[label].get("archived", 0) == (1 if value == another else 0)
            assert value == another or "archived" not in result.run.totals()


@pytest.mark.parametrize(("what", "kind", "name"), [("contacts", "user", "name"), ("assets", "asset", "hostname")])
def test_the_name_of_a_record_without_an_id_is_not_given_to_another(
    what: str, kind: str, name: str, mirrored: SampleCodex, sync: Sync, graph: Graph
) -> None:
    """Its node stays, for nobody knows which one it is; so the new record of that name gets a suffix at once."""
    account, listed = next(iter(mirrored.world.accounts.items()))
    rows: list[Any] = getattr(listed, what)
    prefix = f"user:{account}:" if kind == "user" else "asset:"
    before = by_key(graph, f"{prefix}{rows[1].id}")
    assert before is not None
    taken = getattr(rows[1], name)
    if what == "contacts":
        added = mirrored.world.add_contact(account, taken, "another@acme.example").id
    else:
        added = mirrored.world.add_asset(account, taken).id
    mirrored.faults.add(faults.set_field((0, what, 1, "id"), None), "/api/companies/bulk", times=ALWAYS)
    result = sync("sync_codex")
    assert result.code == 3
    assert len(result.reasons) == 1, "only the record without an id is not taken"
    assert by_key(graph, f"{prefix}{rows[1].id}") == before
    new = by_key(graph, f"{prefix}{added}")
    assert new is not None
    assert new["name"] != before["name"]
    assert new["name"].startswith(taken)


def test_the_names_of_companies_stay_theirs_when_one_has_no_number(
    mirrored: SampleCodex, sync: Sync, graph: Graph
) -> None:
    account, listed = list(mirrored.world.accounts.items())[1]
    added = mirrored.world.add_company("9001", listed.company.name)
    mirrored.faults.add(faults.set_field((1, "account_number"), None), "/api/companies", times=ALWAYS)
    result = sync("sync_codex")
    assert result.code == 3
    assert not [reason for reason in result.reasons if "taken by another node" in reason]
    new, old = by_key(graph, "company:9001"), by_key(graph, f"company:{account}")
    assert new is not None
    assert old is not None
    assert (old["name"], new["name"]) == (listed.company.name, f"{added.company.name} (9001)")


def test_a_company_whose_number_cannot_be_read_stops_all_removal_of_companies(
    mirrored: SampleCodex, sync: Sync, graph: Graph, subtests: pytest.Subtests
) -> None:
    for value in (MISSING, None, 7, "", ["x"], "x" * 201):
        with subtests.test(value=repr(value)[:20]):
            mirrored.faults.clear()
            mirrored.faults.add(faults.set_field((1, "account_number"), value), "/api/companies", times=ALWAYS)
            result = sync("sync_codex")
            assert result.code == 3
            assert result.counts.get("Company", {}).get("archived", 0) == 0


def test_the_same_id_twice(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    def twice(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for what, name in (("contacts", "name"), ("assets", "hostname")):
            rows[0][what].append(rows[0][what][0])
            rows[0][what].append(rows[0][what][1] | {name: "A Conflict"})
        rows[1]["assets"].append(rows[0]["assets"][2])
        return [*rows, rows[0]]

    before = nodes(graph, stamps=True)
    mirrored.faults.add(faults.edit(twice), "/api/companies/bulk", times=ALWAYS)
    mirrored.faults.add(faults.repeat_row(0, name="Another"), "/api/companies", times=ALWAYS)
    result = sync("sync_codex")
    assert result.code == 3
    assert result.faults.count("listed_twice") == 6
    assert nodes(graph, stamps=True) == before


def test_rows_that_are_no_records(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    before = nodes(graph, stamps=True)
    mirrored.faults.add(faults.edit(lambda rows: [*rows, None, 7, [], "x"]), "/api/companies*", times=ALWAYS)
    for command in ("sync_codex", "sync_tickets"):
        assert sync(command).code == 3
    assert nodes(graph, stamps=True) == before


def test_nodes_of_the_old_application_do_not_stop_a_sync(world_codex: SampleCodex, sync: Sync, graph: Graph) -> None:
    """They have no origin, no parent_id, and some no name."""
    graph.rows(
        "MATCH (c:ContextItem {id: 'root_Companies'}) "
        "CREATE (c)-[:PARENT_OF]->(:ContextItem {id: 'old', name: 'Northwind Logistics', is_folder: true}), "
        "(c)-[:PARENT_OF]->(:ContextItem)"
    )
    assert sync("sync_codex").code == 0
    assert sync("sync_codex").written == 0
    assert sync("sync_tickets").code == 0
    [row] = graph.rows("MATCH (n {id: 'old'}) RETURN properties(n) AS p")
    assert row["p"] == {"id": "old", "name": "Northwind Logistics", "is_folder": True}

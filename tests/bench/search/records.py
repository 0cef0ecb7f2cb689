"""What the graph holds, as the queries are made from it and checked against it: read by plain Cypher, not by search."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.bench.search.notes import Note
from tests.bench.search.typing import digits, joined, plain

_RECORDS = """
MATCH (n:%s) WHERE n.archived_at IS NULL AND n.trashed_at IS NULL
OPTIONAL MATCH (n)-[:PARENT_OF]->(card:Note) WHERE card.origin = 'codex'
RETURN n {.*, content: null} AS properties, card.id AS card ORDER BY n.id
"""
PHONES = ("mobile_phone_number", "work_phone_number", "company_main_number", "phone_number")


@dataclass(frozen=True)
class Record:
    """A node. ``right``: the ids that mean it in a list of hits: its own, and its card's."""

    uid: str
    name: str
    properties: dict[str, Any]
    right: frozenset[str]

    def value(self, name: str) -> str:
        return str(self.properties.get(name) or "")

    @cached_property
    def account(self) -> str:
        return self.value("account_number")

    @cached_property
    def plain_words(self) -> tuple[str, ...]:
        return tuple(words(self.value("subject") or self.name))

    @cached_property
    def joined_name(self) -> str:
        return joined(self.value("hostname") or self.name)

    @cached_property
    def phones(self) -> tuple[str, ...]:
        return tuple(filter(None, (digits(self.value(name)) for name in PHONES)))


@dataclass(frozen=True)
class Records:
    """All records by kind, and the notes that the bench has written, by their ids."""

    people: list[Record]
    computers: list[Record]
    tickets: list[Record]
    companies: list[Record]
    locations: list[Record]
    notes: dict[str, tuple[Note, str]] = field(default_factory=dict)  # (note, account number of its client)

    @property
    def callable(self) -> list[Record]:
        return [record for record in (*self.people, *self.companies, *self.locations) if record.phones]

    @cached_property
    def company_of(self) -> dict[str, Record]:
        return {company.account: company for company in self.companies}


def words(text: str) -> list[str]:
    """The words of letters and digits, plain."""
    return "".join(c if c.isalnum() else " " for c in plain(text)).split()


def right_of(records: Iterable[Record]) -> frozenset[str]:
    return frozenset(uid for record in records for uid in record.right)


def read_records(notes: dict[str, tuple[Note, str]]) -> Records:
    from tree.graph.connection import stream

    def of(kind: str) -> list[Record]:
        rows = stream(_RECORDS % kind)
        return [_record(row["properties"], row["card"]) for row in rows]

    return Records(of("User"), of("Asset"), of("Ticket"), of("Company"), of("Location"), notes)


def _record(properties: dict[str, Any], card: str | None) -> Record:
    uid = str(properties["id"])
    return Record(uid, str(properties["name"]), properties, frozenset(filter(None, (uid, card))))

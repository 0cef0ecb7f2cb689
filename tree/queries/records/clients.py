"""Clients by their names, as they are typed among other words or behind ``client:``."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tree.graph.connection import read, read_index
from tree.graph.folding import PARTS, folded
from tree.graph.schema import RECORD_INDEX
from tree.graph.values import Client
from tree.queries.columns import MAY_READ, MAY_VISIT

MOST = 20  # more clients than these share a word that says nothing about which is meant
_MIN_LETTERS = 3
_LOOKED_AT = 400
_NAMED = """
CALL db.index.fulltext.queryNodes($index, $query, {limit: $limit}) YIELD node AS c
WHERE c:Company AND c.trashed_at IS NULL
RETURN c.id AS id, c.name AS name, c.account_number AS account
"""

_OF_ACCOUNTS = (
    """
UNWIND $keys AS key
MATCH (c:ContextItem {codex_key: key}) WHERE """
    + MAY_READ % {"n": "c"}
    + """
RETURN c.id AS id, c.name AS name, c.account_number AS account
"""
)
_NAME = (
    "MATCH (n:ContextItem {id: $id}) WHERE "
    + MAY_VISIT % {"n": "n"}
    + " RETURN n.id AS id, n.name AS name, coalesce(n.account_number, '') AS account"
)


@dataclass(frozen=True)
class Clients:
    """The clients whose names, or the beginnings of whose names, stand among words: ``length`` words from ``place``."""

    found: tuple[Client, ...]
    place: int = 0
    length: int = 0

    @classmethod
    def among(cls, words: Sequence[str], *, reader: Reader = EVERYTHING) -> "Clients":
        """The longest name among these words; nobody if it is all of them, or the name of too many."""
        plain = [" ".join(PARTS.findall(folded(word))) for word in words]
        best: dict[tuple[int, int], list[Client]] = {}
        parts = [part for word in plain for part in word.split() if len(part) >= _MIN_LETTERS]
        for client in _beginning_with(parts, reader):
            name = PARTS.findall(folded(client.name))
            for place in range(len(plain)):
                length = _run(plain[place:], name)
                if length:
                    best.setdefault((length, -place), []).append(client)
        if not best:
            return cls(())
        length, place = max(best)
        found = best[length, place]
        return cls(()) if length == len(plain) or len(found) > MOST else cls(tuple(found), -place, length)

    def other_words(self, words: Sequence[str]) -> tuple[str, ...]:
        """The words without those of the name."""
        return (*words[: self.place], *words[self.place + self.length :])


def clients_named(typed: str, *, reader: Reader = EVERYTHING) -> tuple[Client, ...]:
    """The clients with this name or account number, or else those whose names begin with it."""
    words = PARTS.findall(folded(typed))
    found = _beginning_with(words, reader)
    same = [client for client in found if folded(client.account) == folded(typed.strip())]
    same = same or [client for client in found if PARTS.findall(folded(client.name)) == words]
    return tuple(same or [client for client in found if _is_beginning(words, PARTS.findall(folded(client.name)))])


def clients_of(accounts: Sequence[str], *, reader: Reader = EVERYTHING) -> dict[str, Client]:
    """The clients by their account numbers, those that there are."""
    rows = read(_OF_ACCOUNTS, keys=[f"company:{account}" for account in accounts], **reader.parameters)
    return {row["account"]: Client(row["id"], str(row["name"]), str(row["account"])) for row in rows}


def find_name(uid: str, *, reader: Reader = EVERYTHING) -> Client | None:
    """The node, mostly a client, that a search is narrowed to; None if there is none."""
    rows = read(_NAME, id=uid, **reader.parameters)
    return Client(rows[0]["id"], str(rows[0]["name"]), rows[0]["account"]) if rows else None


def _is_beginning(words: list[str], name: list[str]) -> bool:
    return (
        len(words) <= len(name) and name[: len(words) - 1] == words[:-1] and name[len(words) - 1].startswith(words[-1])
    )


def _run(typed: list[str], name: list[str]) -> int:
    """How many of the typed words are the first words of the name."""
    place = number = 0
    for word in typed:
        parts = word.split()
        if not parts or name[place : place + len(parts)] != parts:
            break
        place, number = place + len(parts), number + 1
    return number if sum(map(len, name[:place])) >= _MIN_LETTERS else 0


def _beginning_with(words: Sequence[str], reader: Reader) -> list[Client]:
    """The clients in whose names a word begins with one of these, as far as they are looked at; or all of a few."""
    if not words:
        return []
    if reader.companies is not None:  # among all clients, theirs might be too many hits down the list
        return list(clients_of(sorted(reader.companies), reader=reader).values())
    query = f"+search_scope:kcompany +({' '.join(f'search_keys:{word}*' for word in words)})"
    rows = read_index(_NAMED, index=RECORD_INDEX.name, query=query, limit=_LOOKED_AT) or ()
    return [Client(row["id"], str(row["name"]), str(row["account"] or "")) for row in rows]

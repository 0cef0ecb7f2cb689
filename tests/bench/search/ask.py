"""``python -m tests.bench.search.ask [QUERIES OF A SORT] [SEED]``: search as users type, in a tree that is filled.

Writes notes and files of staff below the companies first. Prints a table and, as its last line, JSON: for each sort of
query how many there were, in how many the first hit was right, in how many one of five (of a group: all five), and the
milliseconds of each; and the recall of filters against a scan of the graph.
"""

import json
import os
import statistics
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from time import perf_counter

from tests.bench.search.cases import Case, cases
from tests.bench.search.notes import Note, notes
from tests.bench.search.records import Records, read_records

SHOWN = 5
_NOTE_IDS = "MATCH (n:Note) WHERE n.created_by = 'bench-search' RETURN n.id AS id"
_HAS_WORD = """
MATCH (n:Ticket {account_number: $account}) WHERE n.content =~ $pattern AND n.archived_at IS NULL RETURN n.id AS id
"""
_WORDS = ("printer", "VPN", "password", "Outlook", "laptop")
_LINE = "{:34} {:>6} {:>8} {:>8} {:>9} {:>9}"


@dataclass
class Score:
    """The results of one sort. ``missed``: texts without a right hit among the first five."""

    asked: int = 0
    first: int = 0
    five: int = 0
    ms: list[float] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "knowledgetree.settings")
    import django

    django.setup()
    of_a_sort, seed = (int(given) for given in (*sys.argv[1:], *("70", "1")[len(sys.argv) - 1 :]))
    records = read_records({})
    records.notes.update(_written(notes(seed), records))
    scores: dict[str, Score] = {}
    asked = cases(records, seed, of_a_sort)
    for case in asked[::10]:
        _ask(case, Score())  # plans of Neo4j, which are made once
    for case in asked:
        _ask(case, scores.setdefault(case.sort, Score()))
    recall = _recall(records)
    found = {"sorts": {name: asdict(score) for name, score in scores.items()}, "recall": recall}
    print(_table(scores, recall))
    print(json.dumps(found, ensure_ascii=False))


def _written(new: list[Note], records: Records) -> dict[str, tuple[Note, str]]:
    """The notes by id with the account number of their client; those of an earlier call are the same."""
    from tree import operations
    from tree.graph.connection import read

    there = {row["id"] for row in read(_NOTE_IDS)}
    clients = sorted(records.companies, key=lambda company: company.account)
    placed = {}
    for number, note in enumerate(new):
        client, uid = clients[number * 7 % len(clients)], f"bench-search-{number}"
        placed[uid] = note, client.account
        if uid not in there:
            operations.create_note(client.uid, f"{note.name} {number}", note.content, author="bench-search", uid=uid)
            if note.filename:
                file = {"id": f"{uid}-file", "filename": f"{uid}.bin", "original_filename": note.filename, "text": ""}
                operations.import_files([{"properties": file, "owners": [uid]}])
    _wait_for_the_index()
    return placed


def _wait_for_the_index() -> None:
    from tree.graph.connection import read

    read("CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()")


def _ask(case: Case, score: Score) -> None:
    from tree import queries

    started = perf_counter()
    hits = queries.search(case.text, limit=SHOWN).hits
    score.ms.append(1000 * (perf_counter() - started))
    is_right = [hit.row.uid in case.right for hit in hits]
    is_found = sum(is_right[: case.group]) == min(case.group, SHOWN) if case.group else any(is_right)
    score.asked += 1
    score.first += bool(is_right) and is_right[0]
    score.five += is_found
    if not is_found:
        score.missed.append(case.text)


def _recall(records: Records) -> float:
    """The part that searches with filters find of what a scan of the graph finds."""
    from tree import queries

    found = right = 0
    for text, company, wanted in (*_with_words(records), *_with_filters(records)):
        hits = queries.search(text, company=company, limit=1000).hits
        found += len(wanted & {hit.row.uid for hit in hits})
        right += len(wanted)
    return found / max(1, right)


def _with_words(records: Records) -> Iterator[tuple[str, str, set[str]]]:
    """Tickets of a client with a word, which stands in many tickets of others."""
    from tree.graph.connection import stream

    for number, word in enumerate(_WORDS):
        client = records.companies[number * 5 % len(records.companies)]
        pattern = rf"(?is).*\b{word}\b.*"
        wanted = {row["id"] for row in stream(_HAS_WORD, account=client.account, pattern=pattern)}
        yield f"{word} kind:ticket", client.uid, wanted


def _with_filters(records: Records) -> Iterator[tuple[str, str, set[str]]]:
    """Nothing but filters, and networks."""
    from tree.graph.values import is_open

    for client in records.companies[1::7]:
        tickets = [one for one in records.tickets if one.account == client.account]
        named = f"client:{client.account} kind:ticket"
        yield f"{named} status:open", "", {one.uid for one in tickets if is_open(one.properties)}
        yield f"{named} status:closed", "", {one.uid for one in tickets if not is_open(one.properties)}
        yield f"{named} status:on_hold", "", {one.uid for one in tickets if one.value("status") == "on_hold"}
        yield f"{named} since:2026-05-01", "", {one.uid for one in tickets if one.value("latest_at") >= "2026-05-01"}
        people = [one for one in records.people if one.account == client.account]
        yield f"kind:person client:{client.account}", "", {one.uid for one in people}
    for computer in records.computers[::97]:
        network = computer.value("int_ip_address").rpartition(".")[0]
        inside = {one.uid for one in records.computers if one.value("int_ip_address").startswith(f"{network}.")}
        yield f"{network}.0/24", "", inside


def _table(scores: dict[str, Score], recall: float) -> str:
    lines = [_LINE.format("", "asked", "first", "five", "median ms", "p95 ms")]
    for name, score in (*scores.items(), ("all", _sum(scores.values()))):
        first, five = (f"{100 * part / score.asked:.1f} %" for part in (score.first, score.five))
        middle, slow = statistics.median(score.ms), statistics.quantiles(score.ms, n=20)[-1]
        lines.append(_LINE.format(name, score.asked, first, five, f"{middle:.1f}", f"{slow:.1f}"))
    return "\n".join([*lines, f"recall of filters, against a scan: {recall:.3f}"])


def _sum(scores: Iterable[Score]) -> Score:
    whole = Score()
    for score in scores:
        whole.asked += score.asked
        whole.first += score.first
        whole.five += score.five
        whole.ms += score.ms
    return whole


if __name__ == "__main__":
    main()

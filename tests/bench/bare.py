"""What the graph alone takes: the rows of stored plans and the search index, with nothing around them.

No Codex, no comparison, no rendering, no lease, no history: only the statements of the sync, from two threads. Started
as a process of its own by run.py, on a graph that ``setup_graph`` has just made:

    python -m tests.bench.bare RUN RUN      (numbers of the runs that wrote the plans: sync_codex's, sync_tickets')

Prints what it costs, as JSON.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import cast

import django

django.setup()

from neo4j import ManagedTransaction  # noqa: E402

from syncing.graph.apply import _batches_by_writer  # noqa: E402
from syncing.graph.lease import Lease  # noqa: E402
from syncing.graph.writing import Terms, write_changes  # noqa: E402
from syncing.plan.plan_files import Change, plan_folder, read_file  # noqa: E402
from tests.bench.cost import own_meter  # noqa: E402
from tree.graph import schema  # noqa: E402
from tree.graph.connection import write  # noqa: E402


class _NoLease:
    """Nobody else writes into the bench's graph."""

    def check(self, transaction: ManagedTransaction, writer: str) -> None: ...


TERMS = Terms(cast(Lease, _NoLease()), [])


def main(runs: list[str]) -> None:
    rows = [[list(read_file(plan_folder(int(run)) / f"{f}.jsonl")) for f in ("top", "rest")] for run in runs]
    meter = own_meter()
    before = meter.read()
    for index, (top, rest) in zip((schema.RECORD_INDEX, schema.TICKET_INDEX), rows, strict=True):
        schema.drop_search_index(index)
        write_all(top)
        write_all(rest)
        schema.create_search_indexes()
    print(json.dumps(asdict(meter.read() - before)))


def write_all(changes: list[Change]) -> None:
    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        threads = (first, second)
        futures = [threads[writer].submit(write_batch, batch) for writer, batch in _batches_by_writer(changes)]
        for future in futures:
            future.result()


def write_batch(batch: list[Change]) -> None:
    write(lambda transaction: write_changes(transaction, batch, TERMS, ""))


if __name__ == "__main__":
    main(sys.argv[1:])

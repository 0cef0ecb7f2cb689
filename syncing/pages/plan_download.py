"""Streams a stored plan as a CSV or JSON file of any size."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import msgspec
from django.http import StreamingHttpResponse

from knowledgetree.basics.csv_lines import csv_lines
from syncing.models import SyncRun
from syncing.plan.reading import Filter, PlanRow, PlanRows

COLUMNS = (
    *("action", "held", "kind", "company", "account", "place", "name", "codex_key", "node", "staff_notes"),
    *("field", "before", "after"),
)
_ROWS_A_PIECE = 200


def csv_response(run: SyncRun, rows: PlanRows, wanted: Filter) -> StreamingHttpResponse:
    """The plan as CSV, with a line for each changed field and one line for each created or archived node."""
    return _response(run, rows, wanted, "csv", "text/csv; charset=utf-8", _csv_pieces)


def json_response(run: SyncRun, rows: PlanRows, wanted: Filter) -> StreamingHttpResponse:
    """The plan as a JSON object: ``run``, ``command``, ``plan`` (its hash), and ``changes`` with all fields."""
    return _response(run, rows, wanted, "json", "application/json", _json_pieces)


def _response(
    run: SyncRun,
    rows: PlanRows,
    wanted: Filter,
    ending: str,
    content_type: str,
    pieces: Callable[[SyncRun, Iterator[PlanRow]], Iterator[bytes]],
) -> StreamingHttpResponse:
    def send() -> Iterator[bytes]:
        with rows:
            yield from pieces(run, rows.all(wanted))

    response = StreamingHttpResponse(send(), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="plan-of-run-{run.pk}.{ending}"'
    return response


def _csv_pieces(run: SyncRun, rows: Iterator[PlanRow]) -> Iterator[bytes]:
    yield from csv_lines(chain([COLUMNS], chain.from_iterable(map(_lines, rows))))


def _lines(row: PlanRow) -> Iterator[list[Any]]:
    found = row.as_json()
    first = [found[column] for column in COLUMNS[:-3]]
    if row.change.action in ("create", "archive") or not row.fields:
        yield [*first, "", "", ""]
        return
    for name, before, after in row.fields:
        yield [*first, name, before, after]


def _json_pieces(run: SyncRun, rows: Iterator[PlanRow]) -> Iterator[bytes]:
    encode = msgspec.json.Encoder().encode
    head = encode({"run": run.pk, "command": run.command, "plan": run.held_hash or run.plan_hash})
    yield head[:-1] + b',"changes":[\n'
    piece: list[bytes] = []
    comma = b""
    for row in rows:
        piece.append(comma + encode(row.as_json()))
        comma = b",\n"
        if len(piece) >= _ROWS_A_PIECE:
            yield b"".join(piece)
            piece = []
    yield b"".join(piece) + b"\n]}\n"

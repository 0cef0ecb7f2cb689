"""CSV files for spreadsheets, written piece by piece."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

_LINES_A_PIECE = 200
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # a spreadsheet would evaluate such a cell
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # makes spreadsheets read the file as UTF-8


def csv_lines(lines: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """The bytes of a CSV file with these lines. No text in it is taken for a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield _BYTE_ORDER_MARK
    for number, line in enumerate(lines):
        writer.writerow([cell_text(value) for value in line])
        if number % _LINES_A_PIECE == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def cell_text(value: Any) -> str:
    """A value as the text of a cell: yes or no, the entries of a list with commas, and no formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text

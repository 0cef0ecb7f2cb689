"""Rows of a statement that writes, and what it is when it finds fewer nodes than it was given rows."""

from typing import Any


class RowsMissing(Exception):
    """A statement found fewer nodes than it was given rows."""


class Rows(list[Any]):
    """Rows of a statement. The driver formats all parameters for a debug log, wanted or not: keep that short."""

    def __repr__(self) -> str:
        return f"<{len(self)} rows>"

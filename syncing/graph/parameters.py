"""Defines the rows of a write statement, and the error if a statement finds fewer nodes than rows."""

from typing import Any


class RowsMissing(Exception):
    """A statement found fewer nodes than it was given rows."""


class Rows(list[Any]):
    """Rows of a statement. The driver formats all parameters for its debug log even if it is off, so keep it short."""

    def __repr__(self) -> str:
        return f"<{len(self)} rows>"

"""Rows a few at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def in_batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most ``size`` rows, in their order."""
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch

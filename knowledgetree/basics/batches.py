"""Splitting of iterables into batches, by size or by weight."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import islice
from operator import add, ge
from typing import TypeVar

T = TypeVar("T")
Lane = TypeVar("Lane", bound=Hashable)
Weights = tuple[int, ...]


def in_batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """The rows in their order, in lists of at most ``size``."""
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch


def in_weighed_batches(rows: Iterable[T], full: Weights, weigh: Callable[[T], Weights]) -> Iterator[list[T]]:
    """The rows in their order, in lists. A list ends with the row at which one of its sums of weights reaches ``full``.

    ``weigh`` returns as many weights for a row as ``full`` has.
    """
    return (batch for _, batch in in_lanes(rows, lambda _: None, full, weigh))


def in_lanes(
    rows: Iterable[T], lane_of: Callable[[T], Lane], full: Weights, weigh: Callable[[T], Weights]
) -> Iterator[tuple[Lane, list[T]]]:
    """Like ``in_weighed_batches``, with separate lists for each lane. Yields (lane, rows) as soon as a list is full."""
    batches: dict[Lane, list[T]] = {}
    sums: dict[Lane, Weights] = {}
    for row in rows:
        lane = lane_of(row)
        if lane not in batches:
            batches[lane], sums[lane] = [], (0,) * len(full)
        batches[lane].append(row)
        sums[lane] = tuple(map(add, sums[lane], weigh(row)))
        if any(map(ge, sums[lane], full)):
            yield lane, batches.pop(lane)
    yield from batches.items()

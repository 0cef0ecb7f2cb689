"""How much tests try of a kind: a few cases in ``make test``, as many as are useful in ``make faults``."""

import os
from typing import TypeVar

ALL = os.environ.get("TEST_ALL_FAULTS") == "1"
T = TypeVar("T")


def usual_or_all(usual: T, everything: T) -> T:
    """``usual`` must still be enough to find a fault of that kind; ``everything`` finds the rare ones."""
    return everything if ALL else usual


def in_turn(choices: list[T], number: int) -> list[T]:
    """Every third of them, others for the next number; all of them in ``make faults``."""
    return usual_or_all(choices[number % 3 :: 3] or choices, choices)

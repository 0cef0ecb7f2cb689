"""Makes the small random choices for every record."""

import random
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from syncing.sample_codex.records import nullable

T = TypeVar("T")


def pick(rng: random.Random, choices: Sequence[T]) -> T:
    """``rng.choice`` at a third of its cost; there are millions of these."""
    return choices[int(rng.random() * len(choices))]


def drop_one(record: msgspec.Struct, number: int, every: int) -> None:
    """Makes one nullable field of every ``every``-th record null, each field in its turn."""
    if number % every == every // 2:
        fields = nullable(type(record))
        setattr(record, fields[number // every % len(fields)], None)


def stamp(rng: random.Random, moment: datetime) -> str:
    """ISO 8601, as Codex's sources write it: mostly without a zone."""
    return moment.isoformat() + pick(rng, ("", "", "", "Z", "+00:00"))

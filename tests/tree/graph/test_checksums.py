"""The checksum sees every synced field and nothing else."""

import pytest

from tree.graph.checksums import BOOKKEEPING, checksum

FACTS = {"name": "Acme", "hours": 1.5, "active": True, "domains": ["a", "b"], "codex_id": 7}


@pytest.mark.parametrize("name", FACTS)
def test_every_field_counts(name: str) -> None:
    assert checksum(FACTS | {name: "other"}) != checksum(FACTS)
    assert checksum({k: v for k, v in FACTS.items() if k != name}) != checksum(FACTS)
    assert checksum(FACTS | {"new": 1}) != checksum(FACTS)


def test_order_and_nulls_do_not_count() -> None:
    assert checksum(dict(reversed(FACTS.items()))) == checksum(FACTS)
    assert checksum(FACTS | {"gone": None}) == checksum(FACTS)


@pytest.mark.parametrize("name", sorted(BOOKKEEPING))
def test_bookkeeping_does_not_count(name: str) -> None:
    assert checksum(FACTS | {name: "x"}) == checksum(FACTS)


def test_true_is_not_one() -> None:
    assert checksum({"a": True}) != checksum({"a": 1})

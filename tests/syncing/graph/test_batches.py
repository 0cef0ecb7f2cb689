"""How a plan is cut into transactions: by rows and by length of text, and each company by one writer."""

import pytest

from syncing.graph import apply
from syncing.plan.plan_files import Change


def ticket(number: int, account: str = "A1", characters: int = 0) -> Change:
    key = f"ticket:{number}"
    text = {"content": "x" * characters}
    return Change("create", "Ticket", key, key, key, account, "Acme / Tickets", "folder", set=text)


def removal(account: str) -> Change:
    key = f"company:{account}"
    return Change("archive", "Company", key, key, account, account, "Companies", "companies", base="now")


def test_long_texts_make_small_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "CHARACTERS_A_BATCH", 100)
    texts = [ticket(n, characters=40) for n in range(7)]
    assert [len(batch) for batch in apply._batches(texts)] == [3, 3, 1]
    assert [len(batch) for _, batch in apply._batches_by_writer(texts)] == [3, 3, 1]


def test_many_rows_are_cut_too_and_none_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "ROWS_A_BATCH", 3)
    rows = [ticket(n, account=f"A{n % 5}") for n in range(20)]
    batches = list(apply._batches_by_writer(rows))
    assert max(len(batch) for _, batch in batches) == 3
    assert sorted(c.key for _, batch in batches for c in batch) == sorted(c.key for c in rows)
    writers = {(change.account, writer) for writer, batch in batches for change in batch}
    assert len(writers) == 5  # no company has two
    assert {writer for _, writer in writers} == {0, 1}


def test_a_company_that_leaves_counts_as_all_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "ROWS_A_BATCH", 400)
    assert [len(batch) for batch in apply._batches(removal(f"A{n}") for n in range(5))] == [2, 2, 1]

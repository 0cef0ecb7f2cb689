"""The bulk response comes to disk whole, or not at all; then it is read, and lists within lists are refused."""

import json
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path

import pytest

from syncing.codex.client import CodexClient
from syncing.codex.download import DEEPEST, Reader, download
from syncing.exceptions import CodexError, CodexGarbled, CodexNotFound, RunCancelled
from syncing.sample_codex import faults
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import MakeCodex

BULK = "/api/companies/bulk"


def fetch(file: Path, *, tickets: bool = True, came: Callable[[], None] = lambda: None) -> None:
    with CodexClient() as client:
        download(client, file, tickets=tickets, came=came)


def read_all(file: Path, size: int = 1000) -> bytes:
    with closing(Reader(file)) as reader:
        return b"".join(iter(lambda: reader.read(size), b""))


@pytest.fixture
def named(use: Callable[[SampleCodex], SampleCodex], codex: SampleCodex, transactional_db: None) -> SampleCodex:
    return use(codex)


def test_the_whole_answer_is_on_disk(named: SampleCodex, tmp_path: Path) -> None:
    fetch(tmp_path / "bulk")
    companies = json.loads(read_all(tmp_path / "bulk"))
    assert [bundle["company"]["account_number"] for bundle in companies] == list(named.world.accounts)


def test_an_old_codex_is_told_apart(named: SampleCodex, tmp_path: Path) -> None:
    named.api.bulk = False
    with pytest.raises(CodexNotFound):
        fetch(tmp_path / "bulk", tickets=False)


def test_a_try_that_brought_nothing_is_not_noticed(named: SampleCodex, tmp_path: Path) -> None:
    named.faults.add(faults.status(500), BULK, times=2)
    fetch(tmp_path / "bulk", tickets=False)
    assert len(json.loads(read_all(tmp_path / "bulk"))) == 3


def test_a_try_that_broke_off_leaves_nothing_in_the_next(
    use: Callable[[SampleCodex], SampleCodex], make_codex: MakeCodex, transactional_db: None, tmp_path: Path
) -> None:
    large = use(make_codex(tickets=400))
    large.faults.add(faults.cut(700_000), BULK)
    came: list[bool] = []
    fetch(tmp_path / "bulk", came=lambda: came.append(True))
    assert len(json.loads(read_all(tmp_path / "bulk"))) == 3
    assert len(large.requests(BULK)) == 2


def test_an_answer_that_never_comes_whole_is_an_error(named: SampleCodex, tmp_path: Path) -> None:
    named.faults.add(faults.cut(3000), BULK, times=faults.ALWAYS)
    with pytest.raises(CodexError):
        fetch(tmp_path / "bulk")


def test_who_wants_it_no_longer_ends_the_download(named: SampleCodex, tmp_path: Path) -> None:
    named.faults.add(faults.drip(100, 0.01), BULK)
    came: list[bool] = []

    def until_the_fifth() -> None:
        came.append(True)
        if len(came) == 5:
            raise RunCancelled("Enough.")

    with pytest.raises(RunCancelled):
        fetch(tmp_path / "bulk", came=until_the_fifth)
    assert (tmp_path / "bulk").stat().st_size < 10_000


def test_a_full_disk_is_no_fault_of_codex(named: SampleCodex) -> None:
    with pytest.raises(OSError, match="No space left"):
        fetch(Path("/dev/full"))


BRACKETS = "[" * 500


@pytest.mark.parametrize("size", [33, 64, 200], ids=str)
@pytest.mark.parametrize(
    ("content", "is_refused"),
    [
        ([{"a": BRACKETS}], False),
        ([{"a": f'\\"{BRACKETS}'}], False),
        ([{"a": "x\\", "b": BRACKETS}], False),
        ([{"a": BRACKETS, "b": json.loads(f"{BRACKETS}{']' * 500}")}], True),
        ([{"a": '"', "b": json.loads(f"{BRACKETS}{']' * 500}")}], True),
    ],
    ids=["a text", "after a quote", "after a backslash", "lists after a text", "lists after a quote"],
)
def test_lists_within_lists_are_told_from_texts_wherever_a_piece_ends(
    content: object, is_refused: bool, size: int, tmp_path: Path
) -> None:
    body = json.dumps(content).encode()
    (tmp_path / "bulk").write_bytes(body)
    with pytest.raises(CodexGarbled) if is_refused else nullcontext():
        assert read_all(tmp_path / "bulk", size) == body


def nested(before: str, after: str, depth: int) -> bytes:
    return (before * depth + "1" + after * depth).encode()


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 16], ids=str)
@pytest.mark.parametrize(
    ("before", "after"),
    [("[", "]"), ("[ ", "]"), ("[\n\t", "\n]"), ('["]",', "]"), ('{"a":', "}"), ('{"[\\"":', "}")],
    ids=["lists", "blanks", "lines", "texts between", "objects", "brackets in names"],
)
def test_the_depth_counts_whatever_stands_between_the_brackets(
    before: str, after: str, size: int, tmp_path: Path
) -> None:
    (tmp_path / "bulk").write_bytes(nested(before, after, DEEPEST))
    assert read_all(tmp_path / "bulk", size) == nested(before, after, DEEPEST)
    (tmp_path / "bulk").write_bytes(nested(before, after, DEEPEST + 1))
    with pytest.raises(CodexGarbled, match="lists within lists"):
        read_all(tmp_path / "bulk", size)


def test_many_lists_side_by_side_are_not_deep(tmp_path: Path) -> None:
    body = json.dumps([[[], {"a": ["["]}]] * 1000).encode()
    (tmp_path / "bulk").write_bytes(body)
    assert read_all(tmp_path / "bulk") == body

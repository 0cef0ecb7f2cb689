"""The bulk answer is read while it comes, and counts only when it came whole."""

import json
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path

import pytest

from syncing.codex.client import CodexClient
from syncing.codex.download import Download
from syncing.exceptions import CodexError, CodexGarbled, CodexNotFound, DownloadRestarted
from syncing.sample_codex import faults
from syncing.sample_codex.answer import Answer
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import MakeCodex

pytestmark = pytest.mark.django_db(transaction=True)
BULK = "/api/companies/bulk"


def read_all(download: Download) -> bytes:
    reader = download.open()
    content = b"".join(iter(lambda: reader.read(1000), b""))
    reader.close()
    return content


@pytest.fixture
def named(use: Callable[[SampleCodex], SampleCodex], codex: SampleCodex) -> SampleCodex:
    return use(codex)


def test_a_reader_gets_the_whole_answer(named: SampleCodex, tmp_path: Path) -> None:
    with CodexClient() as client, Download(client, tmp_path / "bulk", tickets=True) as download:
        download.wait_for_beginning()
        companies = json.loads(read_all(download))
    assert [bundle["company"]["account_number"] for bundle in companies] == list(named.world.accounts)


def test_an_old_codex_is_told_apart_at_the_beginning(named: SampleCodex, tmp_path: Path) -> None:
    named.api.bulk = False
    with (
        CodexClient() as client,
        Download(client, tmp_path / "bulk", tickets=False) as old,
        pytest.raises(CodexNotFound),
    ):
        old.wait_for_beginning()


def test_a_try_that_brought_nothing_is_not_noticed(named: SampleCodex, tmp_path: Path) -> None:
    named.faults.add(faults.status(500), BULK, times=2)
    with CodexClient() as client, Download(client, tmp_path / "bulk", tickets=False) as download:
        download.wait_for_beginning()
        assert len(json.loads(read_all(download))) == 3


def test_a_reader_of_a_broken_try_is_told(
    use: Callable[[SampleCodex], SampleCodex],
    make_codex: MakeCodex,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(CodexClient, "_pause", lambda *_: 0.5)  # time enough to open the broken one
    large = use(make_codex(tickets=400))
    large.faults.add(faults.cut(700_000), BULK)
    with CodexClient() as client, Download(client, tmp_path / "bulk", tickets=True) as download:
        download.wait_for_beginning()
        reader = download.open()
        with pytest.raises(DownloadRestarted):
            for _ in iter(lambda: reader.read(100_000), b""):
                pass
        reader.close()
        assert len(json.loads(read_all(download))) == 3


def test_an_answer_that_never_comes_whole_is_an_error(named: SampleCodex, tmp_path: Path) -> None:
    named.faults.add(faults.cut(3000), BULK, times=faults.ALWAYS)
    with (
        pytest.raises((CodexError, DownloadRestarted)),
        CodexClient() as client,
        Download(client, tmp_path / "bulk", tickets=True) as download,
    ):
        download.wait_for_beginning()
        read_all(download)


def test_leaving_with_an_exception_stops_the_download(named: SampleCodex, tmp_path: Path) -> None:
    named.faults.add(faults.drip(100, 0.05), BULK)
    with (
        pytest.raises(KeyboardInterrupt),
        CodexClient() as client,
        Download(client, tmp_path / "bulk", tickets=True) as download,
    ):
        download.wait_for_beginning()
        raise KeyboardInterrupt
    assert (tmp_path / "bulk").stat().st_size < 10_000


def test_what_ended_the_download_is_raised_in_the_reader(named: SampleCodex, tmp_path: Path) -> None:
    full = Path("/dev/full")  # a file on a disk that is full
    with CodexClient() as client, Download(client, full, tickets=True) as download:
        with pytest.raises(OSError, match="No space left"):
            download.wait_for_beginning()
        with pytest.raises(OSError, match="No space left"):
            read_all(download)


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
    content: object, is_refused: bool, size: int, named: SampleCodex, tmp_path: Path
) -> None:
    body = json.dumps(content).encode()
    named.faults.add(lambda call: Answer(body=body), BULK)
    with CodexClient() as client, Download(client, tmp_path / "bulk", tickets=False) as download:
        download.wait_for_beginning()
        with closing(download.open()) as reader, pytest.raises(CodexGarbled) if is_refused else nullcontext():
            assert b"".join(iter(lambda: reader.read(size), b"")) == body

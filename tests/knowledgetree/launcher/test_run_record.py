"""What a run that was killed left behind is found by the next, and nobody else's programs are touched."""

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from knowledgetree.launcher.run_record import AlreadyRunning, RunRecord

ENDED_LONG_AGO = 2**22 + 1  # above the highest process id that Linux gives


@pytest.fixture
def record(tmp_path: Path) -> RunRecord:
    return RunRecord(tmp_path / "run.json")


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)


def write(record: RunRecord, pid: int, started_at: float, **programs: int) -> None:
    content = {"pid": pid, "started_at": started_at, "programs": programs}
    record.file.write_text(json.dumps(content), encoding="utf-8")


def test_the_first_run_finds_nothing(record: RunRecord) -> None:
    assert record.open() == []


def test_the_programs_of_a_killed_run_are_stopped(record: RunRecord) -> None:
    left_behind = sleeper()
    write(record, ENDED_LONG_AGO, psutil.Process(left_behind.pid).create_time(), worker=left_behind.pid)
    assert record.open() == ["worker"]
    assert left_behind.wait(timeout=10) == -9


def test_a_stranger_that_has_the_id_now_is_left_alone(record: RunRecord) -> None:
    stranger = sleeper()
    try:
        write(record, ENDED_LONG_AGO, psutil.Process(stranger.pid).create_time() + 60, worker=stranger.pid)
        assert record.open() == []
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_run_that_lives_is_not_disturbed(record: RunRecord) -> None:
    record.open()
    record.add("web", 1)
    with pytest.raises(AlreadyRunning, match="runs already"):
        record.open()
    assert json.loads(record.file.read_text())["programs"] == {"web": 1}


def test_a_clean_end_leaves_no_record(record: RunRecord) -> None:
    record.open()
    record.clear()
    assert not record.file.exists()


@pytest.mark.parametrize("content", ["", "{}", "[]", "not json"])
def test_a_damaged_record_is_no_obstacle(record: RunRecord, content: str) -> None:
    record.file.write_text(content, encoding="utf-8")
    assert record.open() == []

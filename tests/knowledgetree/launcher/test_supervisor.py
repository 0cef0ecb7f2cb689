"""Real programs under the supervisor."""

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from knowledgetree.launcher import supervisor
from knowledgetree.launcher.adopted import Adopted
from knowledgetree.launcher.run_record import RunRecord
from knowledgetree.launcher.supervisor import NotYet, ProgramEnded, StopRequested, Supervisor, read_procfile

# Starts a child of its own, as gunicorn and qcluster do, and notes in which order programs are told to end.
PROGRAM = """
    import os, pathlib, signal, subprocess, sys, time
    name, manner = sys.argv[1:]
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    def end(*_):
        with open("ended", "a") as file:
            file.write(name + "\\n")
        if manner == "polite":
            child.kill()
            sys.exit(0)
    signal.signal(signal.SIGTERM, end)
    print("child", child.pid, flush=True)
    pathlib.Path(name + ".child").write_text(str(child.pid))
    while True:
        time.sleep(0.05)
"""

# Ignores Ctrl-C, as does all that a shell starts in the background.
IN_THE_BACKGROUND = """
    import os, pathlib, signal, sys, time
    def end(*_):
        pathlib.Path("told").touch()
        sys.exit()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, end)
    pathlib.Path("begun").write_text(str(os.getpid()))
    time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "program.py").write_text(textwrap.dedent(PROGRAM))
    return tmp_path


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def programs(folder: Path, output: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.setattr(supervisor, "GRACE_SECONDS", 3)
    before = {signum: signal.getsignal(signum) for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    record = RunRecord(folder / "run.json")
    record.open()
    started = Supervisor(record, output)
    yield started
    started.stop(("web", "worker", "neo4j"))
    for signum, handler in before.items():
        signal.signal(signum, handler)


def start(programs: Supervisor, folder: Path, name: str, manner: str = "polite") -> int:
    """Start the program and return the id of the child that it has."""
    programs.start(name, f"{sys.executable} program.py {name} {manner}", os.environ, folder)
    wait_for(lambda: bool((folder / f"{name}.child").exists() and (folder / f"{name}.child").read_text()))
    return int((folder / f"{name}.child").read_text())


def wait_for(is_so: Callable[[], bool]) -> None:
    for _ in range(600):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen within 30 s")


def lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_the_procfile_names_all_programs() -> None:
    procfile = Path(__file__).parents[3] / "Procfile"
    assert list(read_procfile(procfile)) == ["web", "worker", "sync", "codex"]


def test_lines_carry_the_name_of_their_program(programs: Supervisor, folder: Path, output: io.StringIO) -> None:
    child = start(programs, folder, "web")
    wait_for(lambda: f"web      | child {child}" in output.getvalue())


def test_programs_stop_in_steps_and_leave_nothing(programs: Supervisor, folder: Path) -> None:
    children = [start(programs, folder, name) for name in ("neo4j", "web", "worker")]
    programs.stop(("web",), ("worker",), ("neo4j",))
    assert (folder / "ended").read_text().split() == ["web", "worker", "neo4j"]
    assert not any(lives(child) for child in children)


def test_only_the_first_process_is_told_to_end(programs: Supervisor, folder: Path) -> None:
    child = start(programs, folder, "worker", "stubborn")
    stopping = threading.Thread(target=programs.stop, args=(("worker",),))
    stopping.start()
    wait_for((folder / "ended").exists)
    assert lives(child)
    stopping.join()
    assert not lives(child)


def test_a_program_that_does_not_end_is_killed_with_its_children(
    programs: Supervisor, folder: Path, output: io.StringIO
) -> None:
    child = start(programs, folder, "web", "stubborn")
    programs.stop(("web",))
    assert not lives(child)
    assert "waiting up to 3 s for web to finish; Ctrl-C again does not wait" in output.getvalue()


def test_a_second_ctrl_c_does_not_wait(programs: Supervisor, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "GRACE_SECONDS", 600)
    programs.take_signals()
    child = start(programs, folder, "web", "stubborn")
    threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    programs.stop(("web",))
    assert not lives(child)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_watching(programs: Supervisor, folder: Path, signum: signal.Signals) -> None:
    programs.take_signals()
    start(programs, folder, "web")
    os.kill(os.getpid(), signum)
    with pytest.raises(StopRequested) as stop:
        programs.wait()
    assert stop.value.signum == signum


def test_a_program_that_ends_by_itself_is_named(programs: Supervisor, folder: Path) -> None:
    start(programs, folder, "worker")
    programs.start("web", f"{sys.executable} -c 'raise SystemExit(7)'", os.environ, folder)
    with pytest.raises(ProgramEnded, match=r"web ended by itself \(exit code 7\)"):
        programs.wait()


def test_a_killed_program_takes_its_children_along(programs: Supervisor, folder: Path) -> None:
    child = start(programs, folder, "web")
    psutil.Process(child).parent().kill()  # type: ignore[union-attr]
    with pytest.raises(ProgramEnded, match=r"web ended by itself \(killed by SIGKILL\)"):
        programs.wait()
    assert lives(child)
    programs.stop(("web",))
    assert not lives(child)


@pytest.fixture
def kept_alive(programs: Supervisor, monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(supervisor, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(supervisor, "GIVE_UP_AFTER", 3)
    programs.keep_alive()
    return programs


def ending(command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["/bin/sh", "-c", command], start_new_session=True)


def watch_until(programs: Supervisor, is_so: Callable[[], bool]) -> None:
    def watched() -> bool:
        programs.check()
        return is_so()

    wait_for(watched)


def test_a_killed_program_starts_again_without_its_old_children(
    kept_alive: Supervisor, folder: Path, output: io.StringIO
) -> None:
    other = start(kept_alive, folder, "worker")
    child = start(kept_alive, folder, "web")
    psutil.Process(child).parent().kill()  # type: ignore[union-attr]
    watch_until(kept_alive, lambda: int((folder / "web.child").read_text() or child) != child)
    assert not lives(child)
    assert lives(other)
    assert "web ended by itself (killed by SIGKILL); its last lines are above. It starts again in" in output.getvalue()
    kept_alive.stop(("web", "worker"))
    assert not lives(int((folder / "web.child").read_text()))


def test_a_program_that_keeps_ending_is_given_up_and_the_others_go_on(
    kept_alive: Supervisor, folder: Path, output: io.StringIO
) -> None:
    other = start(kept_alive, folder, "worker")
    kept_alive.start("web", "echo begun >> tries; exit 7", os.environ, folder)
    watch_until(kept_alive, lambda: kept_alive.given_up == ["web"])
    for _ in range(20):
        kept_alive.check()
    assert (folder / "tries").read_text().split() == ["begun"] * 3
    assert "That was the end number 3 in a row: it is not started any more." in output.getvalue()
    assert lives(other)


def test_without_a_vital_program_nothing_goes_on(kept_alive: Supervisor, folder: Path) -> None:
    def begin() -> subprocess.Popen[bytes]:
        return ending("exit 1")

    kept_alive.watch("neo4j", begin(), begin, is_vital=True)
    with pytest.raises(ProgramEnded, match="neo4j ended by itself"):
        watch_until(kept_alive, lambda: False)


def test_a_program_that_cannot_start_yet_is_waited_for(
    kept_alive: Supervisor, folder: Path, output: io.StringIO
) -> None:
    asked: list[int] = []

    def begin() -> subprocess.Popen[bytes]:
        asked.append(0)
        if len(asked) < 10:
            raise NotYet("the disk is full")
        return ending("exec sleep 600")

    kept_alive.watch("neo4j", ending("exit 1"), begin, is_vital=True)
    watch_until(kept_alive, lambda: len(asked) == 10)
    assert output.getvalue().count("neo4j waits: the disk is full") == 1


def test_a_program_is_restarted_on_demand(kept_alive: Supervisor, folder: Path, output: io.StringIO) -> None:
    child = start(kept_alive, folder, "web")
    kept_alive.restart("web", "its database has failed")
    watch_until(kept_alive, lambda: int((folder / "web.child").read_text() or child) != child)
    assert "web is restarted: its database has failed" in output.getvalue()
    assert "by itself" not in output.getvalue()
    assert (folder / "ended").read_text().split() == ["web"], "it was not asked to end"


def test_a_program_that_was_left_behind_is_kept_alive_like_an_own_one(
    kept_alive: Supervisor, output: io.StringIO
) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    def begin() -> subprocess.Popen[bytes]:
        begun.append(ending("exec sleep 600"))
        return begun[-1]

    left_behind = begin()
    kept_alive.watch("neo4j", Adopted(psutil.Process(left_behind.pid)), begin, is_vital=True)
    kept_alive.restart("neo4j", "it hangs")
    watch_until(kept_alive, lambda: len(begun) == 2)
    assert not lives(left_behind.pid)
    assert "neo4j ended as told (exit code unknown)" in output.getvalue()
    kept_alive.stop(("neo4j",))
    assert not lives(begun[1].pid)


def test_a_command_runs_to_its_end(programs: Supervisor, folder: Path) -> None:
    assert programs.run([sys.executable, "-c", "raise SystemExit(3)"], folder) == 3


def test_a_signal_interrupts_the_running_command(programs: Supervisor, folder: Path) -> None:
    programs.take_signals()
    begun = folder / "begun"

    def interrupt() -> None:
        wait_for(lambda: begun.exists() and bool(begun.read_text()))
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=interrupt).start()
    with pytest.raises(StopRequested):
        programs.run([sys.executable, "-c", textwrap.dedent(IN_THE_BACKGROUND)], folder)
    assert not lives(int(begun.read_text()))
    assert (folder / "told").exists(), "it was killed"

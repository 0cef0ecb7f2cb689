"""A copy of the tree that may be broken, with a Neo4j of its own that all its test sessions share."""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import lending
from tests.mutants.breaks import Break

REPOSITORY = Path(__file__).resolve().parents[2]
LONGEST_SECONDS, MORE_SECONDS = 300, 30  # of one session, and for each of its tests: a break may make one wait for ever
_ENDING_SECONDS = 30
_NO_PLUGINS = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")  # the second takes a third of the start
_TESTS_FAILED = 1  # pytest's exit codes: https://docs.pytest.org/en/stable/reference/exit-codes.html


class TestsDidNotRun(Exception):
    """Neither noticed nor not: the tests were not found, the broken code cannot be imported, a fixture failed."""

    __test__ = False


@dataclass(frozen=True)
class Outcome:
    """How a test session ended."""

    failed: bool
    seconds: float
    output: str


class Copy:
    """Where breaks are made one after another, and the tests run."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder, self._environment = folder, environment
        self._session: subprocess.Popen[str] | None = None

    @contextmanager
    def broken(self, one: Break) -> Iterator[None]:
        """The copy with this break; sound again afterwards."""
        path = self._folder / one.file
        sound = path.read_text(encoding="utf-8")
        try:
            self._write(path, sound.replace(one.original, one.broken))
            yield
        finally:
            self._write(path, sound)

    def run(self, tests: Sequence[str]) -> Outcome:
        """Run these tests until the first fails. Raises TestsDidNotRun."""
        longest = LONGEST_SECONDS + MORE_SECONDS * len(tests)
        began = time.monotonic()
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=short", *_NO_PLUGINS, *tests]
        with subprocess.Popen(
            command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as session:
            self._session = session
            try:
                output = session.communicate(timeout=longest)[0]
            except subprocess.TimeoutExpired as error:
                raise TestsDidNotRun(f"The tests did not end within {longest} s: {' '.join(tests)}") from error
            finally:
                _end(session)
        failed = any(line.startswith("FAILED ") for line in output.splitlines())
        if session.returncode not in (0, _TESTS_FAILED) or failed != (session.returncode == _TESTS_FAILED):
            raise TestsDidNotRun(output[-3000:])
        return Outcome(failed, time.monotonic() - began, output)

    def stop(self) -> None:
        """End the session that runs, if one does."""
        if self._session is not None:
            self._session.terminate()

    def _write(self, path: Path, text: str) -> None:
        """Python tells a changed file by its size and the second of its change, and breaks may agree in both."""
        path.write_text(text, encoding="utf-8")
        if path.suffix == ".py":
            Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)


@contextmanager
def ready_copy(folder: Path) -> Iterator[Copy]:
    """Copy the tree as it is now, also what is not committed, to ``folder``, and start a Neo4j for it."""
    tree = folder / "tree"
    for name in _files():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / name, tree / name)
    neo4js = lending.installations(folder, 1)
    environment = os.environ | lending.environment(neo4js)
    with lending.launched(neo4js):
        yield Copy(tree, environment)


def problem_of(one: Break) -> str:
    """Why this break cannot be made; empty when it can."""
    path = REPOSITORY / one.file
    if not path.is_file():
        return f"“{one.name}”: there is no file {one.file}. Where has it gone? Correct tests/mutants/breaks.py."
    found = path.read_text(encoding="utf-8").count(one.original)
    if found == 1:
        return ""
    where = f"is {found} times in {one.file}, and must be there once" if found else f"is no longer in {one.file}"
    return f"“{one.name}”: its original text {where}. Correct tests/mutants/breaks.py:\n{one.original}"


def _files() -> list[str]:
    """What git keeps or would keep, as far as it is there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 (the one on the path)
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    )
    names = listed.stdout.split("\0")
    return [name for name in names if (REPOSITORY / name).is_file()]


def _end(session: "subprocess.Popen[str]") -> None:
    """pytest takes SIGTERM as Ctrl-C: it ends the programs that a test has started."""
    session.terminate()
    try:
        session.wait(timeout=_ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        session.kill()

"""`make mutants` itself: a break is made and taken back, and its tests tell noticed, survived and neither apart."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutants.breaks import BREAKS, Break
from tests.mutants.copies import Copy, TestsDidNotRun, problem_of

TWICE = Break("twice is thrice", "twice.py", "2 * number", "3 * number", ("test_twice.py",))
SOUND = BREAKS[0]
TEST = "from twice import twice\n\n\ndef test_twice():\n    assert twice(2) == 4\n"


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """Of a tree with one function and one test."""
    (tmp_path / "twice.py").write_text("def twice(number):\n    return 2 * number\n")
    (tmp_path / "test_twice.py").write_text(TEST)
    return Copy(tmp_path, {})  # without our settings of Django, which is not there


def test_a_break_is_noticed_while_it_is_there(copy: Copy) -> None:
    assert not copy.run(TWICE.tests).failed
    with copy.broken(TWICE):
        assert copy.run(TWICE.tests).failed
    assert not copy.run(TWICE.tests).failed


def test_a_break_that_changes_nothing_survives(copy: Copy) -> None:
    with copy.broken(replace(TWICE, broken="number * 2")):
        assert not copy.run(TWICE.tests).failed


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (replace(TWICE, broken="2 * * "), "SyntaxError"),
        (replace(TWICE, tests=("test_twice.py::test_thrice",)), "not found"),
    ],
)
def test_code_that_cannot_be_imported_and_tests_that_are_not_there_are_errors(
    wrong: Break, said: str, copy: Copy
) -> None:
    with copy.broken(wrong), pytest.raises(TestsDidNotRun, match=said):
        copy.run(wrong.tests)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (SOUND, ""),
        (replace(SOUND, file="syncing/gone.py"), "there is no file syncing/gone.py"),
        (replace(SOUND, original="no such text"), f"is no longer in {SOUND.file}"),
        (replace(SOUND, original="import "), f"times in {SOUND.file}, and must be there once"),
    ],
)
def test_a_break_that_cannot_be_made_is_named(one: Break, said: str) -> None:
    told = problem_of(one)
    assert said in told
    assert bool(told) == bool(said)
    assert not told or one.name in told

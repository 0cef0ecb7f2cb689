"""``make mutants``: break the code on purpose, one line at a time, and see whether the tests notice.

Each break of tests/mutants/breaks.py is made in a copy of the tree, never in the tree itself; then the tests named with
it run there. A break that no test notices *survives*: a test is missing, or has become blind.

    python -m tests.mutants [--workers 2] [word …]

``word``: only breaks whose name or file has one of these words. The exit code is 1 when a break survives, when its
original text is no longer in the file, or when its tests cannot be run or fail on the sound code.
"""

import argparse
import signal
import sys
from collections.abc import Sequence

from tests.mutants.breaks import BREAKS, Break
from tests.mutants.copies import Copy, Outcome, TestsDidNotRun, problem_of
from tests.mutants.pool import Pool, ready_pool

LAST_LINES = 15


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = [one for one in BREAKS if not options.words or any(w in f"{one.name} {one.file}" for w in options.words)]
    wrong = [problem for one in chosen if (problem := problem_of(one))]
    if wrong or not chosen:
        print("\n".join(wrong) or "No break has one of these words in its name or file.", file=sys.stderr)
        return 1
    with ready_pool(options.workers) as pool:
        if not _sound_code_passes(chosen, pool):
            return 1
        survivors, failures = _break_all(chosen, pool)
    print(f"{len(chosen)} breaks: {len(chosen) - len(survivors) - len(failures)} noticed, {len(survivors)} survive.")
    for title, ones in (("survives", survivors), ("could not be tried", failures)):
        for one in ones:
            print(f"{title}: {one.name} ({one.file})")
    return 1 if survivors or failures else 0


def _sound_code_passes(chosen: Sequence[Break], pool: Pool) -> bool:
    """A test that fails anyway notices nothing."""
    tests = sorted({test for one in chosen for test in one.tests})
    parts = [part for start in range(len(pool)) if (part := tests[start :: len(pool)])]
    print(f"The sound code first, with {len(tests)} tests.", flush=True)
    problems = []
    for _, done in pool.each(parts, lambda copy, part: copy.run(part)):
        try:
            outcome = done.result()
        except TestsDidNotRun as error:
            problems.append(str(error))
            continue
        if outcome.failed:
            problems.append("\n".join(outcome.output.splitlines()[-LAST_LINES:]))
    for problem in problems:
        print(f"These tests do not pass although nothing is broken:\n{problem}", file=sys.stderr)
    return not problems


def _break_all(chosen: Sequence[Break], pool: Pool) -> tuple[list[Break], list[Break]]:
    """The breaks that survive, and those that could not be tried. A line for each as it is done."""
    survivors, failures = [], []
    width = len(str(len(chosen)))
    for number, (one, done) in enumerate(pool.each(chosen, _tried), 1):
        try:
            outcome = done.result()
        except TestsDidNotRun as error:
            failures.append(one)
            print(f"{number:{width}}/{len(chosen)}  ERROR     {one.name}\n{error}", flush=True)
            continue
        if not outcome.failed:
            survivors.append(one)
        word = "noticed " if outcome.failed else "SURVIVES"
        print(f"{number:{width}}/{len(chosen)}  {word}  {outcome.seconds:5.1f} s  {one.name}", flush=True)
    return survivors, failures


def _tried(copy: Copy, one: Break) -> Outcome:
    with copy.broken(one):
        return copy.run(one.tests)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=2, help="copies of the tree that are broken at the same time")
    parser.add_argument("words", nargs="*", help="only breaks with one of these words in their name or file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""``python -m tests.bench.packs.ask [QUESTIONS OF A SORT AND CLIENT] [SEED]``: whether a pack holds the answer.

Plants facts first (planting.py). Prints a table: for each way and budget, in how many questions all gold strings are
there (recall), which share of the tokens stands in pieces that hold one (precision), and how often something is there
that must not be: a string of another client, of a ticket for a reader without tickets, or a fact that has changed.
The last line is JSON.
"""

import json
import os
import statistics
import sys
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.bench.packs.planting import Planted, Question
    from tests.bench.packs.ways import Read

CLIENTS = 15
BUDGETS = (2_000, 5_000, 10_000, 20_000)
_LINE = "{:14} {:>7} {:>8} {:>10} {:>6} {:>6} {:>10}"
_SORT_LINE = "{:34} {:>6}" + " {:>8}" * len(BUDGETS)


@dataclass
class Score:
    """``found`` by sort: of each question whether all its gold was there."""

    found: dict[str, list[bool]] = field(default_factory=dict)
    precision: list[float] = field(default_factory=list)
    leaks: int = 0
    stale: int = 0
    ms: list[float] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return statistics.mean(one for found in self.found.values() for one in found)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "knowledgetree.settings")
    import django

    django.setup()
    from tests.bench.packs.planting import plant
    from tests.bench.packs.ways import WAYS

    of_a_sort, seed = (int(given) for given in (*sys.argv[1:], *("3", "1")[len(sys.argv) - 1 :]))
    planted = plant(seed, CLIENTS, of_a_sort)
    print(f"{len(planted.questions)} questions", file=sys.stderr)
    for question in planted.questions[:20]:
        WAYS["pack"](question, BUDGETS[-1])  # plans of Neo4j, which are made once
    scores = {(way, budget): _scored(planted, way, budget) for way in WAYS for budget in BUDGETS}
    same = _same_twice(planted)
    without = _of_tickets(planted)
    _print(scores, len(planted.questions), same, without)
    figures = {f"{way} {budget}": asdict(score) | {"recall": score.recall} for (way, budget), score in scores.items()}
    print(json.dumps({"asked": len(planted.questions), "ways": figures, "same": same, "tickets": without}))


def _scored(planted: "Planted", way: str, budget: int) -> Score:
    from tests.bench.packs.ways import WAYS

    score = Score()
    for question in planted.questions:
        started = perf_counter()
        read = WAYS[way](question, budget)
        score.ms.append(1000 * (perf_counter() - started))
        score.found.setdefault(question.sort, []).append(all(gold in read.text for gold in question.gold))
        score.precision.append(_precision(question, read))
        score.leaks += any(text in read.text for text, client in planted.private.items() if client != question.company)
        score.stale += any(text in read.text for text in question.stale)
    return score


def _precision(question: "Question", read: "Read") -> float:
    from tree.context import tokens

    costs = tokens.count_all(read.pieces)
    right = sum(c for c, p in zip(costs, read.pieces, strict=True) if any(gold in p for gold in question.gold))
    return right / max(sum(costs), 1)


def _same_twice(planted: "Planted") -> bool:
    from tests.bench.packs.ways import pack

    return all(pack(question, 5_000).text == pack(question, 5_000).text for question in planted.questions[::10])


def _of_tickets(planted: "Planted") -> int:
    """In how many packs for a reader without tickets there is something of a ticket."""
    from knowledgetree.basics.rights.reader import Reader
    from tree.context.pack import build

    found = 0
    for company in sorted({question.company for question in planted.questions}):
        text = build([company], Reader(tickets=False), budget=BUDGETS[-1]).text
        found += any(one in text for one in planted.of_tickets)
    return found


def _print(scores: dict[tuple[str, int], Score], asked: int, same: bool, without: int) -> None:
    print(f"Packs: {asked} questions. Same bytes twice: {'yes' if same else 'NO'}; of tickets without right: {without}")
    print(_LINE.format("way", "budget", "recall", "precision", "leaks", "stale", "median ms"))
    for (way, budget), score in scores.items():
        print(
            _LINE.format(
                way, f"{budget:,}", f"{score.recall:.3f}", f"{statistics.mean(score.precision):.3f}", score.leaks,
                score.stale, f"{statistics.median(score.ms):.0f}",
            )
        )  # fmt: skip
    print(_SORT_LINE.format("sort (pack)", "asked", *(f"{budget:,}" for budget in BUDGETS)))
    for sort, found in scores["pack", BUDGETS[0]].found.items():
        recalls = (f"{statistics.mean(scores['pack', budget].found[sort]):.2f}" for budget in BUDGETS)
        print(_SORT_LINE.format(sort, len(found), *recalls))


if __name__ == "__main__":
    main()

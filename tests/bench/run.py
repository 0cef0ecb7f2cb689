"""``make bench``: how long the syncs and the pages take, as ratios to what is measured beside them.

Starts a Neo4j and a sample Codex of its own, and never touches the data of ``make run``. Two rounds warm it up; the
first of them, on a Neo4j that has just started, is told apart. Each other round: the floor (tests/bench/floor.py)
into an empty graph, with Neo4j's pure Python driver, as when the goals were set, and with the compiled one that the
syncs use; the two first syncs into an empty graph; both again with nothing changed; both again with 1 % changed. Every
step is a process of its own, timed from outside. Then pages, through a real server: read, written, watched, and the
page of a large plan.

    python -m tests.bench.run [--rounds 5] [--companies 300] [--contacts 40] [--assets 60] [--tickets 200]
        [--notes 5000] [--ten-fold]
"""

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import requests

from knowledgetree.launcher.neo4j_local.installation import Installation
from tests.bench import pages, plans, writing
from tests.bench.visitor import served
from tests.isolation import free_ports
from tests.throwaway_neo4j import Graph, throwaway_neo4j

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEMA_NAMES = "SHOW CONSTRAINTS YIELD name RETURN name"
Figures = dict[str, list[float]]


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="knowledgetree-bench-") as folder, _neo4j(Path(folder)) as (graph, place):
        bench = Bench(Path(folder), graph, place)
        with bench.sample_codex(options.companies, options.contacts, options.assets, options.tickets):
            bench.warm_up()
            for number in range(options.rounds):
                print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
                bench.round()
            bench.report()
            bench.measure_admin()
            bench.measure_pages(options.notes)
            bench.measure_watching(options.rounds)
        with bench.sample_codex(options.companies, 2 * options.contacts, 2 * options.assets, 0):
            bench.measure_plan()
        if options.ten_fold:
            with bench.sample_codex(options.companies, options.contacts, options.assets, 10 * options.tickets):
                bench.ten_fold()


class Bench:
    """One Neo4j, one instance folder, and what was measured so far."""

    def __init__(self, folder: Path, graph: Graph, place: Installation) -> None:
        self.folder, self.graph, self.place = folder, graph, place
        self.codex_port = free_ports(1)[0]
        self.environment = os.environ | {
            "KNOWLEDGETREE_INSTANCE": str(folder / "instance"),
            "SERVICES_FILE": str(folder / "no-services.json"),
            "SAMPLE_CODEX_PORT": str(self.codex_port),
            "NEO4J_URI": place.uri,
            "NEO4J_USER": "neo4j",
            "NEO4J_PASSWORD": place.password,
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "knowledgetree.settings",
        }
        self.seconds: Figures = {}
        self.memory: Figures = {}
        self.first_runs: list[str] = []
        self.manage("migrate", "--verbosity", "0")

    def warm_up(self) -> None:
        """A Neo4j that has just started compiles for a minute what it runs: that round is told apart, the next not
        counted. The floor is first and warms what both need, so the ratio of the cold round flatters the syncs.
        """
        cold_floor = self.timed_floor("floor")
        cold_first = self.first()
        print(
            f"on a Neo4j that has just started: floor {cold_floor:.1f} s, then first syncs {cold_first:.1f} s "
            f"= {cold_first / cold_floor:.2f} ×",
            flush=True,
        )
        self.timed_floor("floor", "--compiled")
        self.first()
        for figures in (self.seconds, self.memory):
            figures.clear()

    def round(self) -> None:
        """Floors, first, unchanged, 1 % changed, and what the graph alone takes of the first."""
        self.timed_floor("floor")
        self.timed_floor("floor, compiled driver", "--compiled")
        self.first()
        self.syncs("unchanged")
        self.change(1)
        self.syncs("1 % changed")
        self.empty()
        self.manage("setup_graph")
        self.note("first: the graph alone", float(self.module("bare", *self.first_runs)))

    def first(self) -> float:
        """The two first syncs into an empty graph; their seconds."""
        self.empty()
        self.manage("setup_graph")
        self.syncs("first")
        return self.seconds["first"][-1]

    def timed_floor(self, what: str, *arguments: str) -> float:
        """The floor into an empty graph; its seconds."""
        self.empty()
        started = time.perf_counter()
        floor = self.floor(*arguments)
        self.note(what, time.perf_counter() - started)
        self.note(f"{what}: fetch", floor["fetch"])
        return self.seconds[what][-1]

    def floor(self, *arguments: str) -> dict[str, float]:
        secrets = {"KT_BENCH_KEY": self.key(), "KT_BENCH_PASSWORD": self.place.password}
        codex = f"http://127.0.0.1:{self.codex_port}"
        command = [sys.executable, "-m", "tests.bench.floor", codex, self.place.uri, *arguments]
        done = subprocess.run(
            command, env=self.environment | secrets, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True
        )
        found: dict[str, float] = json.loads(done.stdout)
        return found

    def syncs(self, what: str) -> None:
        """Both syncs; the time is that of the whole processes."""
        started = time.perf_counter()
        runs = [self.manage_json(command) for command in ("sync_codex", "sync_tickets")]
        self.note(what, time.perf_counter() - started)
        for run in runs:
            if run["status"] != "complete":
                raise SystemExit(f"{run['command']} ended {run['status']}: {run['reason']}")
            for phase, seconds in run["seconds"].items():
                self.note(f"{what}: {run['command']} {phase}", seconds)
            self.memory.setdefault(f"{what}: {run['command']}", []).append(run["peak_rss_mb"])
        if what == "first":
            self.first_runs = [str(run["run"]) for run in runs]
            self.note("first: storing the plans", float(self.module("storing", *self.first_runs)))
        written = sum(n for r in runs for c in r["counts"].values() for a, n in c.items() if a != "unchanged")
        print(f"  {what}: {self.seconds[what][-1]:.1f} s, {written:,} changes written", file=sys.stderr)

    def module(self, name: str, *arguments: str) -> str:
        """What another part of the bench prints, in a process of its own."""
        command = [sys.executable, "-m", f"tests.bench.{name}", *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    def report(self) -> None:
        floor = statistics.median(self.seconds["floor"])
        print(f"floor (median of {len(self.seconds['floor'])}): {floor:.1f} s = 1.00")
        for name, goal in (("first", 1.4), ("unchanged", 0.7), ("1 % changed", 0.8)):
            print(f"{name:12} {self.ratio(name, 'floor')} × the floor; goal ≤ {goal}")
        print(f"{'first':12} {self.ratio('first', 'floor, compiled driver')} × the floor with the compiled driver")
        for name, values in self.seconds.items():
            if ":" in name and statistics.median(values) >= 0.05:
                print(f"    {name:34} {statistics.median(values) / floor:.2f}")
        pairs = zip(self.seconds["first: storing the plans"], self.seconds["first"], strict=True)
        share = statistics.median(storing / (first - storing) for storing, first in pairs)
        print(f"storing the plans adds {100 * share:.1f} % to the first syncs (goal ≤ 15 %)")
        print(f"peak memory of the process itself: {max(max(v) for v in self.memory.values()):.0f} MB (goal ≤ 300)")

    def ratio(self, name: str, to: str) -> str:
        """The median of the ratios within a round, and their range."""
        ratios = [a / b for a, b in zip(self.seconds[name], self.seconds[to], strict=True)]
        return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"

    def measure_admin(self) -> None:
        """Planning to undo the first syncs, and what the progress of a run costs."""
        found = json.loads(self.module("admin", *self.first_runs))
        ratio = found["undo"] / statistics.median(self.seconds["first"])
        print(f"planning to undo the first syncs, {found['rows']:,} rows: {found['undo']:.1f} s, {ratio:.2f} × them")
        print(f"    peak memory {found['peak_mb']} MB")
        print(f"the progress of a run takes {100 * found['progress']:.2f} % of its time (goal ≤ 1 %)", flush=True)

    def measure_pages(self, notes: int) -> None:
        """Pages, and what staff do with so many notes in the tree."""
        print(writing.fill(self.environment, REPOSITORY, notes), flush=True)
        with served(self.environment, REPOSITORY) as visitor:
            for line in (*pages.measure(visitor, self.graph), *writing.measure(visitor, self.graph)):
                print(line, flush=True)

    def measure_watching(self, rounds: int) -> None:
        """First syncs with and without people who watch them."""
        with served(self.environment, REPOSITORY) as visitor:

            def first() -> None:
                self.manage_json("sync_codex")

            def watched() -> None:
                with plans.watched(visitor, self.last_run):
                    self.manage_json("sync_codex")

            def prepare() -> None:
                self.empty()
                self.manage("setup_graph")

            ratio = plans.paired(prepare, first, watched, rounds)
        print(f"{plans.WATCHERS} people who watch a first sync_codex: {ratio:.2f} × its time (goal ≤ 1.05)", flush=True)

    def measure_plan(self) -> None:
        """The page of a plan of about 100,000 rows."""
        self.empty()
        self.manage("setup_graph")
        run = self.manage_json("sync_codex --dry-run")
        rows = sum(number for counts in run["counts"].values() for number in counts.values())
        [company] = requests.get(
            f"http://127.0.0.1:{self.codex_port}/api/companies",
            headers={"Authorization": f"Bearer {self.key()}"},
            timeout=60,
        ).json()[:1]
        with served(self.environment, REPOSITORY) as visitor:
            for line in plans.measure_page(visitor, run["run"], rows, company["account_number"]):
                print(line, flush=True)

    def last_run(self) -> int:
        with closing(sqlite3.connect(self.folder / "instance" / "db.sqlite3")) as database:
            return int(database.execute("SELECT max(id) FROM syncing_syncrun").fetchone()[0])

    def ten_fold(self) -> None:
        """Ten times the tickets: what matters is the memory of the process."""
        before = max(max(v) for v in self.memory.values())
        self.empty()
        self.manage("setup_graph")
        for what in ("ten-fold", "ten-fold unchanged"):
            self.syncs(what)
        after = max(max(v) for name, v in self.memory.items() if name.startswith("ten-fold"))
        print(f"peak memory with 10 × the tickets: {after:.0f} MB = {after / before:.2f} × (goal ≤ 1.3)")

    @contextmanager
    def sample_codex(self, companies: int, contacts: int, assets: int, tickets: int) -> Iterator[None]:
        command = [
            *(sys.executable, "manage.py", "sample_codex", "--control", "--port", str(self.codex_port)),
            *("--requests-per-minute", "100000"),  # the floor and the rounds follow each other without a pause
            *("--companies", str(companies), "--contacts", str(contacts)),
            *("--assets", str(assets), "--tickets", str(tickets)),
        ]
        server = subprocess.Popen(command, env=self.environment, cwd=REPOSITORY, stdout=subprocess.DEVNULL)
        try:
            self._wait_for_codex(server)
            yield
        finally:
            server.terminate()
            server.wait()

    def _wait_for_codex(self, server: subprocess.Popen[bytes]) -> None:
        for _ in range(1200):
            if server.poll() is not None:
                raise SystemExit("The sample Codex did not start.")
            try:
                requests.get(f"http://127.0.0.1:{self.codex_port}/health", timeout=5)
            except requests.ConnectionError:
                time.sleep(0.1)
            else:
                return
        raise SystemExit("The sample Codex does not answer.")

    def change(self, percent: float) -> None:
        requests.post(
            f"http://127.0.0.1:{self.codex_port}/_control/change",
            params={"percent": str(percent)},
            headers={"Authorization": f"Bearer {self.key()}"},
            timeout=60,
        ).raise_for_status()

    def key(self) -> str:
        return (self.folder / "instance" / "sample-codex-key").read_text(encoding="utf-8").strip()

    def empty(self) -> None:
        """No node, no constraint, no index of ours."""
        self.graph.empty()
        for row in self.graph.rows(SCHEMA_NAMES):
            self.graph.rows(f"DROP CONSTRAINT {row['name']}")
        for row in self.graph.rows("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name"):
            self.graph.rows(f"DROP INDEX {row['name']}")

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode not in (0, 3):
            raise SystemExit(f"{' '.join(arguments)} ended with {done.returncode}: {done.stdout}")
        return done.stdout

    def manage_json(self, command: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.manage(*command.split(), "--json").splitlines()[-1])
        return found

    def note(self, name: str, seconds: float) -> None:
        self.seconds.setdefault(name, []).append(seconds)


@contextmanager
def _neo4j(folder: Path) -> Iterator[tuple[Graph, Installation]]:
    """As perf.md's anchors: heap 1 GB, page cache 512 MB."""
    from django.conf import settings

    place = Installation(
        home=folder / "neo4j",
        bolt_port=free_ports(1)[0],
        password="bench-only-loopback",
        jars_folder=settings.NEO4J_JARS_DIR,
        heap_mb=1024,
        page_cache_mb=512,
    )
    with throwaway_neo4j(place) as graph:
        yield graph, place


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--companies", type=int, default=300)
    parser.add_argument("--contacts", type=int, default=40)
    parser.add_argument("--assets", type=int, default=60)
    parser.add_argument("--tickets", type=int, default=200)
    parser.add_argument("--notes", type=int, default=5000)
    parser.add_argument("--ten-fold", action="store_true", help="also the memory with ten times the tickets")
    return parser.parse_args()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="knowledgetree-bench-settings-") as own:  # never that of `make run`
        os.environ["DJANGO_SETTINGS_MODULE"] = "knowledgetree.settings"
        os.environ["KNOWLEDGETREE_INSTANCE"] = own
        main()

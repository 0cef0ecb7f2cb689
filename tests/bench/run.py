"""``make bench``: how long the syncs and the pages take, as ratios to what is measured beside them.

Starts a Neo4j and a sample Codex of its own, and never touches the data of ``make run``. Two rounds warm it up; the
first of them, on a Neo4j that has just started, is told apart. Each other round: the floor (tests/bench/floor.py)
into an empty graph, with Neo4j's pure Python driver, as when the goals were set, and with the compiled one that the
syncs use; the two first syncs into an empty graph; both again with nothing changed; both again with 1 % changed. Every
step is a process of its own, timed from outside. Then pages, through a real server: read, written, watched, and the
page of a large plan; the API v1 and MCP; the search and the packs of context. Goals are for wall times; CPU times stand
beside them, to compare two commits by (cost.py).

    python -m tests.bench.run [--rounds 5] [--companies 300] [--contacts 40] [--assets 60] [--tickets 200]
        [--notes 5000] [--seconds 60] [--ten-fold] [--json FILE] [--compare FILE]
"""

import argparse
import json
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import requests

from knowledgetree.launcher.neo4j_local import server
from knowledgetree.launcher.neo4j_local.installation import Installation
from tests.bench import api, cost, pages, people, plans, writing
from tests.bench.cost import Cost, Meter
from tests.bench.table import Figure, NotComparable, Table, read_kept
from tests.bench.visitor import NAME, Visitor, served
from tests.isolation import free_ports
from tests.throwaway_neo4j import Graph, throwaway_neo4j

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEMA_NAMES = "SHOW CONSTRAINTS YIELD name RETURN name"
SIZE = ("rounds", "companies", "contacts", "assets", "tickets", "notes")


def main() -> None:
    options = _options()
    size = {name: getattr(options, name) for name in SIZE}
    try:
        kept = read_kept(options.compare, size) if options.compare else None
    except NotComparable as error:
        raise SystemExit(str(error)) from error
    table = Table(size, kept)
    try:
        measure(options, table)
    finally:
        if options.json:
            table.keep(options.json)


def measure(options: argparse.Namespace, table: Table) -> None:
    """All figures, one part after the other."""
    with (
        tempfile.TemporaryDirectory(prefix="knowledgetree-bench-") as folder,
        neo4j_of_the_bench(Path(folder)) as (graph, place),
    ):
        bench = Bench(Path(folder), graph, place, table)
        with bench.sample_codex(options.companies, options.contacts, options.assets, options.tickets):
            bench.warm_up()
            for number in range(options.rounds):
                print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
                bench.round()
            bench.report()
            bench.measure_admin()
            bench.measure_pages(options.notes)
            bench.measure_people()
            bench.measure_api(options.seconds)
            bench.measure_search()
            bench.measure_packs()
            bench.measure_watching(options.rounds)
        with bench.sample_codex(options.companies, 2 * options.contacts, 2 * options.assets, 0):
            bench.measure_plan()
        if options.ten_fold:
            with bench.sample_codex(options.companies, options.contacts, options.assets, 10 * options.tickets):
                bench.ten_fold()


class Bench:
    """One Neo4j, one instance folder, and what was measured so far."""

    def __init__(self, folder: Path, graph: Graph, place: Installation, table: Table) -> None:
        self.folder, self.graph, self.place, self.table = folder, graph, place, table
        running = server.running(place)
        if running is None:
            raise SystemExit("The bench's Neo4j has ended.")
        self.meter = Meter(running.pid, cost.commands)
        self.codex_port = free_ports(1)[0]
        self.environment = os.environ | {
            "KNOWLEDGETREE_INSTANCE": str(folder / "instance"),
            "SERVICES_FILE": str(folder / "no-services.json"),
            "SAMPLE_CODEX_PORT": str(self.codex_port),
            "NEO4J_URI": place.uri,
            "NEO4J_USER": "neo4j",
            "NEO4J_PASSWORD": place.password,
            "DATABASE_URL": "",
            "API_REQUESTS_PER_MINUTE": "0",
            "DJANGO_SETTINGS_MODULE": "knowledgetree.settings",
            "PYTHONDONTWRITEBYTECODE": "",  # where it is set, each command would compile all of our code
            cost.NEO4J_PID: str(running.pid),
        }
        self.costs: dict[str, list[Cost]] = {}
        self.seconds: dict[str, list[float]] = {}  # of parts that are known by their wall time only
        self.memory: dict[str, list[float]] = {}
        self.first_runs: list[str] = []
        self.manage("migrate", "--verbosity", "0")

    def warm_up(self) -> None:
        """A Neo4j that has just started compiles for a minute what it runs: that round is told apart, the next not
        counted. The floor is first and warms what both need, so the ratio of the cold round flatters the syncs.
        """
        self.measured_floor("floor")
        self.first()
        [floor], [first] = self.costs["floor"], self.costs["first"]
        self.measured_floor("floor", "--compiled")
        self.first()
        self.costs = {"cold floor": [floor], "cold first": [first]}
        self.seconds.clear()
        self.memory.clear()

    def round(self) -> None:
        """Floors, first, unchanged, 1 % changed, and what the graph alone takes of the first."""
        self.measured_floor("floor")
        self.measured_floor("compiled floor", "--compiled")
        self.first()
        self.syncs("unchanged")
        self.change(1)
        self.syncs("1 % changed")
        self.prepare()
        self.note("first: the graph alone", Cost(**self.module("bare", *self.first_runs)))

    def first(self) -> None:
        """The two first syncs into an empty graph."""
        self.prepare()
        self.syncs("first")

    def prepare(self) -> None:
        """An empty graph, ready for syncs."""
        self.empty()
        self.manage("setup_graph")

    def measured_floor(self, what: str, *arguments: str) -> None:
        """The floor into an empty graph."""
        self.empty()
        before = self.meter.read()
        floor = self.floor(*arguments)
        self.note(what, self.meter.read() - before)
        self.seconds.setdefault(f"{what}: fetch", []).append(floor["fetch"])

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
        """Both syncs; the cost is that of the whole processes."""
        before = self.meter.read()
        runs = [self.manage_json(command) for command in ("sync_codex", "sync_tickets")]
        self.note(what, self.meter.read() - before)
        for run in runs:
            if run["status"] != "complete":
                raise SystemExit(f"{run['command']} ended {run['status']}: {run['reason']}")
            for phase, seconds in run["seconds"].items():
                self.seconds.setdefault(f"{what}: {run['command']} {phase}", []).append(seconds)
            self.memory.setdefault(f"{what}: {run['command']}", []).append(run["peak_rss_mb"])
        if what == "first":
            self.first_runs = [str(run["run"]) for run in runs]
            self.note("first: storing the plans", Cost(**self.module("storing", *self.first_runs)))
        written = sum(n for r in runs for c in r["counts"].values() for a, n in c.items() if a != "unchanged")
        print(f"  {what}: {self.costs[what][-1].wall:.1f} s, {written:,} changes written", file=sys.stderr)

    def module(self, name: str, *arguments: str) -> dict[str, Any]:
        """What another part of the bench prints, in a process of its own."""
        command = [sys.executable, "-m", f"tests.bench.{name}", *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True
        )
        return self._last_line(done.stdout)

    def printed(self, name: str, *arguments: str) -> dict[str, Any]:
        """The same, and what it prints before its last line is printed here, too."""
        command = [sys.executable, "-m", f"tests.bench.{name}", *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True
        )
        print(done.stdout.rstrip().rpartition("\n")[0], flush=True)
        return self._last_line(done.stdout)

    @staticmethod
    def _last_line(printed: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(printed.splitlines()[-1])
        return found

    def report(self) -> None:
        """What the rounds have found."""
        cold_floor, cold_first = self.median("cold floor"), self.median("cold first")
        self.table.add(Figure("floor, Neo4j has just started", cold_floor))
        self.table.add(Figure.against("first, Neo4j has just started", cold_first, cold_floor, "that floor"))
        self.table.add(Figure("floor", self.median("floor"), value=1, unit="×", cpu_ratio=1))
        self.table.add(self.to_floor("compiled floor"))
        for name, goal in (("first", 1.4), ("unchanged", 0.7), ("1 % changed", 0.8)):
            self.table.add(self.to_floor(name, goal))
        self.table.add(self.ratio("first, to the compiled floor", "first", "compiled floor"))
        for name in ("first: the graph alone", "first: storing the plans"):
            self.table.add(self.to_floor(name))
        floor = self.median("floor").wall
        for name, values in self.seconds.items():
            seconds = statistics.median(values)
            if seconds >= 0.05:
                self.table.add(Figure(f"  {name}", value=seconds / floor, unit="×", of="the floor"))
        pairs = zip(self.costs["first: storing the plans"], self.costs["first"], strict=True)
        share = statistics.median(storing.wall / (first.wall - storing.wall) for storing, first in pairs)
        memory = max(max(v) for v in self.memory.values())
        self.table.add(
            Figure("storing the plans", value=100 * share, unit="%", of="on top of the first syncs", goal=15),
            Figure("peak memory of the process itself", value=memory, unit="MB", goal=300),
        )

    def to_floor(self, name: str, goal: float | None = None) -> Figure:
        return replace(self.ratio(name, name, "floor", goal), cost=self.median(name))

    def ratio(self, title: str, name: str, to: str, goal: float | None = None) -> Figure:
        """The median of the ratios within a round, and the range of those of wall times."""
        pairs = list(zip(self.costs[name], self.costs[to], strict=True))
        walls = [a.wall / b.wall for a, b in pairs]
        of = f"the {to} ({min(walls):.2f}–{max(walls):.2f})"
        cpu_ratio = statistics.median(a.cpu / b.cpu for a, b in pairs)
        return Figure(title, value=statistics.median(walls), unit="×", of=of, goal=goal, cpu_ratio=cpu_ratio)

    def median(self, name: str) -> Cost:
        return cost.median(self.costs[name])

    def measure_admin(self) -> None:
        """Planning to undo the first syncs, and what the progress of a run costs."""
        found = self.module("admin", *self.first_runs)
        undo = Cost(**found["undo"])
        self.table.add(
            Figure.against("planning to undo the first syncs", undo, self.median("first"), "the first syncs"),
            Figure("  rows of that plan", value=found["rows"]),
            Figure("  its peak memory", value=found["peak_mb"], unit="MB"),
            Figure("progress of a run", value=100 * found["progress"], unit="%", of="of its time", goal=1),
        )

    def measure_pages(self, notes: int) -> None:
        """Pages, and what staff do with so many notes in the tree."""
        self.table.add(*writing.moved(self.module("staff", str(notes))))
        with self.served() as visitor:
            for figure in (*pages.measure(visitor, self.graph), *writing.measure(visitor, self.graph)):
                self.table.add(figure)

    def measure_people(self) -> None:
        """Many people at their browsers while records change and syncs run."""

        def sync() -> None:
            for _ in range(2):
                self.change(1)
                for command in ("sync_codex", "sync_tickets"):
                    self.manage_json(command)

        with self.served(workers=2) as visitor:
            self.table.add(*people.measure(visitor, self.graph, sync))

    def measure_api(self, seconds: float) -> None:
        """The API v1, with many clients for so many seconds."""
        checks = self.module("tokens")
        with self.served() as visitor:
            scopes = ("--scope", "read", "--scope", "tickets", "--name", "bench", "--days", "1")
            made = self.manage("create_token", NAME, *scopes)
            [token] = re.findall(r"kt_[0-9A-Za-z]{49}", made)
            self.table.add(*api.measure(visitor, self.graph, token, checks, seconds))

    def measure_search(self) -> None:
        """Whether what users type finds what they mean (tests/bench/search), and how long that takes."""
        found = self.printed("search.ask")
        scores = found["sorts"].values()
        asked = sum(score["asked"] for score in scores)
        times = [ms for score in scores for ms in score["ms"]]
        worst = min(100 * score["five"] / score["asked"] for score in scores)
        of = f"of {asked:,} searches"
        self.table.add(
            Figure(
                "search: the first hit is right", value=100 * sum(s["first"] for s in scores) / asked, unit="%", of=of
            ),
            Figure("  one of five is", value=100 * sum(s["five"] for s in scores) / asked, unit="%", of=of),
            Figure("  the worst sort, one of five", value=worst, unit="%", of="of its searches"),
            Figure("  recall of filters", value=100 * found["recall"], unit="%", of="of what a scan finds"),
            Figure("  median", value=statistics.median(times), unit="ms", goal=60),
            Figure("  95 % take less than", value=statistics.quantiles(times, n=20)[-1], unit="ms", goal=100),
        )

    def measure_packs(self) -> None:
        """Whether context packs hold the answers to questions (tests/bench/packs), and how long they take."""
        found = self.printed("packs.ask")
        ways, of = found["ways"], f"of {found['asked']} questions"
        for budget in (5_000, 20_000):
            for way in ("pack, asked", "pack", "full text"):
                recall = 100 * ways[f"{way} {budget}"]["recall"]
                self.table.add(Figure(f"  {way}: recall at {budget:,} tokens", value=recall, unit="%", of=of))
            leaks = sum(ways[f"pack {budget}"][name] for name in ("leaks", "stale"))
            self.table.add(Figure(f"  leaks and stale facts at {budget:,}", value=leaks))
        times = ways["pack, asked 20000"]["ms"]
        self.table.add(Figure("  a pack of 20,000 tokens", value=statistics.median(times), unit="ms", goal=300))

    def measure_watching(self, rounds: int) -> None:
        """First syncs with and without people who watch them."""
        with self.served() as visitor:

            def first() -> None:
                self.manage_json("sync_codex")

            def watched() -> None:
                with plans.watched(visitor, self.last_run):
                    self.manage_json("sync_codex")

            self.table.add(plans.watching(visitor.meter, self.prepare, first, watched, rounds))

    def measure_plan(self) -> None:
        """Making a plan of about 100,000 rows, and its page."""
        self.prepare()
        before = self.meter.read()
        run = self.manage_json("sync_codex --dry-run")
        self.table.add(Figure("a large plan: sync_codex --dry-run", self.meter.read() - before))
        rows = sum(number for counts in run["counts"].values() for number in counts.values())
        self.table.add(Figure("  rows of that plan", value=rows))
        [company] = requests.get(
            f"http://127.0.0.1:{self.codex_port}/api/companies",
            headers={"Authorization": f"Bearer {self.key()}"},
            timeout=60,
        ).json()[:1]
        with self.served() as visitor:
            for figure in plans.measure_page(visitor, run["run"], company["account_number"]):
                self.table.add(figure)

    @contextmanager
    def served(self, workers: int = 1) -> Iterator[Visitor]:
        """The pages; the client's CPU time is that of their server."""
        with served(self.environment, REPOSITORY, self.meter.neo4j_pid, workers) as visitor:
            yield visitor

    def last_run(self) -> int:
        with closing(sqlite3.connect(self.folder / "instance" / "db.sqlite3")) as database:
            return int(database.execute("SELECT max(id) FROM syncing_syncrun").fetchone()[0])

    def ten_fold(self) -> None:
        """Ten times the tickets: what matters is the memory of the process."""
        before = max(max(v) for v in self.memory.values())
        self.prepare()
        for what in ("ten-fold", "ten-fold unchanged"):
            self.syncs(what)
        after = max(max(v) for name, v in self.memory.items() if name.startswith("ten-fold"))
        of = f"that with fewer: {after:.0f} MB"
        self.table.add(Figure("peak memory with 10 × the tickets", value=after / before, unit="×", of=of, goal=1.3))

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
                requests.get(f"http://127.0.0.1:{self.codex_port}/health", timeout=60)
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

    def note(self, name: str, spent: Cost) -> None:
        self.costs.setdefault(name, []).append(spent)


@contextmanager
def neo4j_of_the_bench(folder: Path) -> Iterator[tuple[Graph, Installation]]:
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
    parser.add_argument("--seconds", type=float, default=60, help="how long many clients use the API v1 together")
    parser.add_argument("--ten-fold", action="store_true", help="also the memory with ten times the tickets")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures in this file")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="compare CPU sums with those of a kept run")
    options = parser.parse_args()
    if options.json and not options.json.absolute().parent.is_dir():
        parser.error(f"--json: there is no folder {options.json.absolute().parent}")
    return options


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="knowledgetree-bench-settings-") as own:  # never that of `make run`
        os.environ["DJANGO_SETTINGS_MODULE"] = "knowledgetree.settings"
        os.environ["KNOWLEDGETREE_INSTANCE"] = own
        main()

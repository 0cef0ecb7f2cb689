"""Whose CPU time counts. The children compute until their own clock shows so much: no test looks at wall time."""

import subprocess
import sys

from tests.bench import cost
from tests.bench.cost import TURN, Cost, Meter

CPU_SECONDS = 0.2
COMPUTE = f"import time\nwhile time.process_time() < {CPU_SECONDS}: pass"
CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {COMPUTE!r}], check=True)"


def test_a_command_counts_with_its_children() -> None:
    before = cost.commands()
    subprocess.run([sys.executable, "-c", CHILD], check=True)
    assert cost.commands() - before >= CPU_SECONDS


def test_a_server_counts_with_workers_that_run() -> None:
    worker = f"{COMPUTE}\nprint('ready', flush=True)\ninput()"
    server = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {worker!r}])"
    command = [sys.executable, "-c", server]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        assert cost.server(running.pid) >= 0.9 * CPU_SECONDS  # it is told in hundredths of a second
        running.communicate("\n")


def test_neo4j_is_the_process_that_is_named() -> None:
    command = [sys.executable, "-c", f"input()\n{COMPUTE}\nprint('ready', flush=True)\ninput()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as neo4j:
        assert neo4j.stdin is not None
        assert neo4j.stdout is not None

        def work() -> None:
            print(file=neo4j.stdin, flush=True)
            assert neo4j.stdout is not None
            assert neo4j.stdout.readline() == "ready\n"

        spent = Meter(neo4j.pid, lambda: 0.0).spent_in(work)
        neo4j.communicate("\n")
    assert spent.client == 0
    assert spent.neo4j >= 0.5 * CPU_SECONDS  # the start of the process was before


def test_of_many_calls_the_cpu_time_is_the_mean() -> None:
    clock = [0.0]

    def ask(number: int) -> None:
        clock[0] += number

    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as idle:
        spent = Meter(idle.pid, lambda: clock[0]).spent_each(ask, 5)
        idle.communicate(b"\n")
    assert spent.client == 2


def test_two_kinds_of_calls_take_turns() -> None:
    clock, asked = [0.0], list[str]()

    def call(name: str, seconds: float) -> None:
        asked.append(name)
        clock[0] += seconds

    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as idle:
        meter = Meter(idle.pid, lambda: clock[0])
        one, other = meter.spent_by_turns(lambda _: call("one", 1), lambda _: call("other", 2), 2 * TURN)
        idle.communicate(b"\n")
    assert (one.client, other.client) == (1, 2)
    assert asked == 2 * (["one"] * TURN + ["other"] * TURN)


def test_the_median_is_that_of_each_part() -> None:
    costs = [Cost(1, 20, 300), Cost(2, 30, 100), Cost(3, 10, 200)]
    assert cost.median(costs) == Cost(2, 20, 200)
    assert cost.median(costs).cpu == 220

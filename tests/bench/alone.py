"""``python -m tests.bench.alone search|packs [--companies 20] …``: one part of the bench with a tree of its own.

The options are those of ``tests.bench.run``, and ``--each``: queries, or questions of a client, of a sort, ``--seed``,
``--hold``: keep Neo4j and print how to reach it, until Enter is pressed.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

_EACH = {"search": 70, "packs": 3}  # how many of a sort are asked, unless it is said


def main() -> None:
    from tests.bench.run import Bench, neo4j_of_the_bench
    from tests.bench.table import Table

    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as Ctrl-C: Neo4j ends, too
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which a job in the background ignores
    with (
        tempfile.TemporaryDirectory(prefix="knowledgetree-bench-") as name,
        neo4j_of_the_bench(Path(name)) as (
            graph,
            place,
        ),
    ):
        bench = Bench(Path(name), graph, place, Table({}, None))
        with bench.sample_codex(options.companies, options.contacts, options.assets, options.tickets):
            bench.first()
        if options.notes:
            bench.module("staff", str(options.notes))
        found = bench.printed(f"{options.part}.ask", str(options.each or _EACH[options.part]), str(options.seed))
        if options.json:
            options.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        if options.hold:
            names = ("KNOWLEDGETREE_INSTANCE", "SERVICES_FILE", "NEO4J_URI", "NEO4J_USER", "NEO4J_PASSWORD")
            print(*(f"export {name}={bench.environment[name]}" for name in names), sep="\n", flush=True)
            input("Enter ends it. ")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=_EACH)
    parser.add_argument("--companies", type=int, default=300)
    parser.add_argument("--contacts", type=int, default=40)
    parser.add_argument("--assets", type=int, default=60)
    parser.add_argument("--tickets", type=int, default=200)
    parser.add_argument("--notes", type=int, default=5000)
    parser.add_argument("--each", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures in this file")
    parser.add_argument("--hold", action="store_true", help="keep Neo4j running until Enter is pressed")
    return parser.parse_args()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="knowledgetree-bench-settings-") as own:  # never that of `make run`
        os.environ["DJANGO_SETTINGS_MODULE"] = "knowledgetree.settings"
        os.environ["KNOWLEDGETREE_INSTANCE"] = own
        main()

"""``python -m tests.bench.admin RUN…``: plan the undoing of these runs, and measure what a run's progress costs it.

Prints JSON: {"undo": what it costs to plan all the undoings, "rows": rows of those plans, "peak_mb": memory of the
process, "progress": share of a run's time that its heartbeat takes, as CPU seconds of its thread by second}.
"""

import json
import os
import sys
import time
from dataclasses import asdict

from tests.bench.cost import own_meter

BEATS = 200


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "knowledgetree.settings")
    import django

    django.setup()
    from syncing.decisions import undo
    from syncing.engine import execute
    from syncing.models import SyncRun
    from syncing.runs.heartbeat import PROGRESS_SECONDS, Heartbeat

    rows, meter = 0, own_meter()
    before = meter.read()
    for number in sys.argv[1:]:
        run = execute(undo.ask(SyncRun.objects.get(pk=number), None))
        if run.status != SyncRun.Status.PLANNED:
            raise SystemExit(f"The undoing of run {number} ended {run.status}: {run.reason}")
        rows += sum(run.totals().values())
    undo_cost = meter.read() - before
    SyncRun.objects.filter(pk=run.pk).update(status=SyncRun.Status.RUNNING)
    heartbeat = Heartbeat(run)
    started = time.thread_time()
    for done in range(BEATS):
        heartbeat.at("apply", done, BEATS)
        heartbeat.beat()
    progress = (time.thread_time() - started) / BEATS / PROGRESS_SECONDS
    run.save()
    print(json.dumps({"undo": asdict(undo_cost), "rows": rows, "peak_mb": run.peak_rss_mb, "progress": progress}))


if __name__ == "__main__":
    main()

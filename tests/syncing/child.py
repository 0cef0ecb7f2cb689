"""A sync as a process of its own, as cron starts it, with shorter constants: ``python -m tests.syncing.child``.

The first argument is JSON: {"lease": seconds, "batch": rows, "slow": seconds before each batch, "open": seconds
after it, in its transaction, "alarm": seconds after its start,
"sql_timeout": seconds, "die": name in failpoints.SET}; then the command, or ``job`` and the number of a run, which is
then done as by a worker: ``alarm`` raises in it what django-q raises in a job that takes too long.
"""

import json
import os
import signal
import sys
import threading
import time
from typing import Any


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "knowledgetree.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import execute_from_command_line
    from django_q.timeout import TimeoutHandler

    from syncing.codex import request_retries
    from syncing.graph import apply, lease, writing
    from syncing.jobs import run_sync
    from syncing.runs import heartbeat
    from tree.graph import connection

    wanted = json.loads(sys.argv[1])
    request_retries.RETRY_SECONDS = 0.01
    if "lease" in wanted:
        lease.LEASE_SECONDS = wanted["lease"]
        lease.RENEW_SECONDS = wanted["lease"] / 4
        heartbeat.PROGRESS_SECONDS = 0.1
        heartbeat.LEFT_ALONE_SECONDS = 1.0
    apply.ROWS_A_BATCH = wanted.get("batch", apply.ROWS_A_BATCH)
    if "slow" in wanted or "open" in wanted:
        connection.WRITE_TIMEOUT_SECONDS = 2.0
        write = writing.write_changes

        def slowly(*arguments: Any) -> None:
            time.sleep(wanted.get("slow", 0))
            write(*arguments)
            time.sleep(wanted.get("open", 0))

        setattr(apply, "write_changes", slowly)  # noqa: B010 (mypy)
    if "die" in wanted:
        from tests.syncing import failpoints

        failpoints.SET[wanted["die"]]()
    if "sql_timeout" in wanted:
        options: Any = settings.DATABASES["default"]["OPTIONS"]
        options["timeout"] = wanted["sql_timeout"]
    if sys.argv[2] != "job":
        execute_from_command_line(["manage.py", *sys.argv[2:]])
        return
    if "alarm" in wanted:
        signal.signal(signal.SIGALRM, TimeoutHandler(1).raise_timeout_exception)
        threading.Thread(target=_set_alarm, args=(int(sys.argv[3]), wanted["alarm"]), daemon=True).start()
    run_sync(int(sys.argv[3]))


def _set_alarm(run: int, seconds: float) -> None:
    """Counted from when the run runs: on a busy machine, the start alone may take longer."""
    from django.db import connection

    from syncing.models import SyncRun

    while not SyncRun.objects.filter(pk=run, status=SyncRun.Status.RUNNING).exists():
        time.sleep(0.01)
    connection.close()
    signal.setitimer(signal.ITIMER_REAL, seconds)


if __name__ == "__main__":
    main()

"""The real qcluster with other times: ``python -m tests.syncing.cluster '{"retry": 2, "slow": 0.3}'``.

Besides what Q_CLUSTER knows: ``batch`` (rows) and ``slow`` (seconds before each batch), as in child.py, and ``gate``.
That is a file: while it is there, a run writes its first batch and waits before the next. A run that has seen that it
is to be cancelled removes it. ``deaf_after``: seconds after which it is deaf; it then proves itself each half second.
"""

import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "knowledgetree.settings"
    from django.conf import settings

    wanted = json.loads(sys.argv[1])
    slow, batch = wanted.pop("slow", 0), wanted.pop("batch", 2000)
    gate = Path(wanted.pop("gate", "/there/is/none"))
    deaf_after = wanted.pop("deaf_after", None)
    settings.Q_CLUSTER.update(wanted)
    settings.Q_CLUSTER["ALT_CLUSTERS"] = {"sync": wanted}

    import django

    django.setup()
    from django.core.management import call_command

    from syncing.graph import apply, writing
    from syncing.models import SyncRun
    from syncing.runs import clusters, workers
    from syncing.runs.heartbeat import Heartbeat

    if deaf_after:
        clusters.PROOF_SECONDS = clusters.LOOK_SECONDS = 0.5
        workers.DEAF_AFTER = timedelta(seconds=deaf_after)
    apply.ROWS_A_BATCH = batch
    write, beat = writing.write_changes, Heartbeat.beat
    first: list[str] = []

    def slowly(transaction: Any, changes: Any, *more: Any) -> None:
        time.sleep(slow)
        if not first:
            first.append(changes[0].key)
        while gate.exists() and changes[0].key not in first:
            time.sleep(0.02)
        if not gate.exists():
            first.clear()
        write(transaction, changes, *more)

    def beat_and_open(heartbeat: Heartbeat) -> None:
        is_asked = SyncRun.objects.filter(status=SyncRun.Status.RUNNING).exclude(cancel_asked_at=None).exists()
        beat(heartbeat)
        if is_asked:
            gate.unlink(missing_ok=True)

    setattr(apply, "write_changes", slowly)  # noqa: B010 (mypy)
    setattr(Heartbeat, "beat", beat_and_open)  # noqa: B010
    call_command("qcluster")


if __name__ == "__main__":
    main()

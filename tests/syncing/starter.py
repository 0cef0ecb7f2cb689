"""Asks for a sync again and again, when it is told to: ``python -m tests.syncing.starter KIND HOST DAYS``.

A process of its own for many rounds, so that starts of the same moment are of the same moment. KIND is ``command`` (as
cron does it), ``button`` (as a browser) or ``job`` (as a worker to which a job is delivered). HOST and DAYS are
another host's name and by how much its clock is wrong. A line on stdin is a round: the number of a waiting run. The
line on stdout is the answer: {"said": text, "run": number, "status": of that run when the answer came}.
"""

import io
import json
import os
import re
import socket
import sys
import time
from datetime import timedelta


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "knowledgetree.settings"
    import django

    django.setup()
    from django.utils import timezone

    kind, host, days = sys.argv[1], sys.argv[2], float(sys.argv[3])
    real_now, real_time = timezone.now, time.time
    setattr(timezone, "now", lambda: real_now() + timedelta(days=days))  # noqa: B010 (mypy)
    setattr(time, "time", lambda: real_time() + days * 86_400)  # noqa: B010
    if host != "this":
        setattr(socket, "gethostname", lambda: host)  # noqa: B010
    ask = {"command": _command, "button": _button, "job": _job}[kind]
    print("ready", flush=True)
    for line in sys.stdin:
        said = ask(int(line))
        print(json.dumps(_looked_up(said)), flush=True)


def _looked_up(said: str) -> dict[str, object]:
    from syncing.models import SyncRun

    number = re.search(r"[Rr]uns?[ /](\d+)", said)
    run = SyncRun.objects.get(pk=int(number[1])) if number else None
    return {"said": said, "run": run.pk if run else None, "status": run.status if run else None}


def _command(run: int) -> str:
    from django.core.management import call_command

    err = io.StringIO()
    code: object = 0
    try:
        call_command("sync_codex", stdout=err, stderr=err, verbosity=2)
    except SystemExit as ending:
        code = ending.code
    return f"exit {code}: {err.getvalue()}" if code else f"exit 0 of run {run}"


def _button(run: int) -> str:
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.get(username="admin"))
    answer = client.post("/sync/start/", {"command": "sync_codex"}, HTTP_HOST="localhost")
    return f"{answer.status_code} to {answer.headers.get('Location')}"


def _job(run: int) -> str:
    from syncing.jobs import run_sync

    return run_sync(run)


if __name__ == "__main__":
    main()

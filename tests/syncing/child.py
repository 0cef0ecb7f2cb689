"""A sync as a process of its own, as cron starts it, with shorter constants: ``python -m tests.syncing.child``.

The first argument is JSON: {"lease": seconds, "batch": rows, "slow": seconds before each batch}; then the command.
"""

import json
import os
import sys
import time
from typing import Any


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "knowledgetree.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from syncing import apply, codex, lease, pulse, writing

    wanted = json.loads(sys.argv[1])
    codex.RETRY_SECONDS = 0.01
    if "lease" in wanted:
        lease.LEASE_SECONDS = wanted["lease"]
        lease.RENEW_SECONDS = wanted["lease"] / 4
        pulse.PROGRESS_SECONDS = 0.1
    apply.ROWS_A_BATCH = wanted.get("batch", apply.ROWS_A_BATCH)
    if "slow" in wanted:
        write = writing.write_changes

        def slowly(*arguments: Any) -> None:
            time.sleep(wanted["slow"])
            write(*arguments)

        setattr(apply, "write_changes", slowly)  # noqa: B010 (mypy)
    call_command(*sys.argv[2:])


if __name__ == "__main__":
    main()

"""The real qcluster with other times: ``python -m tests.syncing.cluster '{"retry": 2, "slow": 0.3}'``.

Besides what Q_CLUSTER knows: ``batch`` (rows) and ``slow`` (seconds before each batch), as in child.py.
"""

import json
import os
import sys
import time
from typing import Any


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "knowledgetree.settings"
    from django.conf import settings

    wanted = json.loads(sys.argv[1])
    slow, batch = wanted.pop("slow", 0), wanted.pop("batch", 2000)
    settings.Q_CLUSTER.update(wanted)
    settings.Q_CLUSTER["ALT_CLUSTERS"] = {"sync": wanted}

    import django

    django.setup()
    from django.core.management import call_command

    from syncing import apply, writing

    apply.ROWS_A_BATCH = batch
    write = writing.write_changes

    def slowly(*arguments: Any) -> None:
        time.sleep(slow)
        write(*arguments)

    setattr(apply, "write_changes", slowly)  # noqa: B010 (mypy)
    call_command("qcluster")


if __name__ == "__main__":
    main()

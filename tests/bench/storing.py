"""``python -m tests.bench.storing RUN…``: store the plans of these runs once more, and print the seconds it takes.

The changes are read and decoded before the clock starts: encoding, hashing, writing and indexing are what counts.
"""

import os
import sys
import time
from pathlib import Path


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "knowledgetree.settings")
    import django

    django.setup()
    from syncing.plan.files import FILES, PlanFiles, plan_folder, read_file
    from syncing.plan.rows import index_of

    seconds = 0.0
    for run in sys.argv[1:]:
        old = plan_folder(int(run))
        changes = [(file, change) for file in FILES for change in read_file(old / f"{file}.jsonl")]
        started = time.perf_counter()
        files = PlanFiles(Path(f"{old}-again"))
        for file, change in changes:
            files.add(file, change)
        files.close()
        index_of(files.folder)
        seconds += time.perf_counter() - started
    print(seconds)


if __name__ == "__main__":
    main()

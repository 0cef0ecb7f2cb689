"""``python -m tests.bench.storing RUN…``: store the plans of these runs once more, and print what it costs, as JSON.

The changes are read and decoded before the clock starts: encoding, hashing, writing and indexing are what counts.
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from tests.bench.cost import Cost, own_meter


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "knowledgetree.settings")
    import django

    django.setup()
    from syncing.plan.plan_files import FILES, PlanFiles, plan_folder, read_file
    from syncing.plan.reading import index_of

    meter, spent = own_meter(), Cost(0, 0, 0)
    for run in sys.argv[1:]:
        old = plan_folder(int(run))
        changes = [(file, change) for file in FILES for change in read_file(old / f"{file}.jsonl")]
        before = meter.read()
        files = PlanFiles(Path(f"{old}-again"))
        for file, change in changes:
            files.add(file, change)
        files.close()
        index_of(files.folder)
        spent += meter.read() - before
    print(json.dumps(asdict(spent)))


if __name__ == "__main__":
    main()

"""An upload as a process of its own that is killed at a chosen step: ``python -m tests.tree.operations.killed_upload``.

Arguments: folder of uploads, node, ``received`` or ``kept``.
"""

import io
import os
import signal
import sys
from pathlib import Path
from typing import Any


def main(folder: str, node: str, step: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "knowledgetree.settings"
    import django

    django.setup()
    from django.conf import settings

    from tree import operations
    from tree.files import inspection, storage

    settings.UPLOADS_DIR = Path(folder)
    keep = storage.keep

    def die(*arguments: Any) -> None:
        if step == "kept":
            keep(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(*((storage, "keep", die) if step == "kept" else (inspection, "look", die)))
    operations.add_file(node, "a.txt", io.BytesIO(b"text"), author="tess")


if __name__ == "__main__":
    main(*sys.argv[1:])

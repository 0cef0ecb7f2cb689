"""An upload as a process of its own that is killed at a chosen step: ``python -m tests.tree.operations.killed_upload``.

Arguments: folder of uploads, node, ``arriving``, ``received`` or ``kept``.
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
    settings.FILE_UPLOAD_TEMP_DIR = Path(folder) / "incoming"
    if step == "arriving":
        storage.make_folders()
        receive()
    keep = storage.keep

    def die(*arguments: Any) -> None:
        if step == "kept":
            keep(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(*((storage, "keep", die) if step == "kept" else (inspection, "look", die)))
    operations.add_file(node, "a.txt", io.BytesIO(b"text"), author="tess")


def receive() -> None:
    """Read the request of an upload that is still coming when the process is killed."""
    from django.core.handlers.wsgi import WSGIRequest

    class Coming(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(size) or os.kill(os.getpid(), signal.SIGKILL) or b""  # type: ignore[func-returns-value]

    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "CONTENT_LENGTH": str(2**20),
        "wsgi.input": Coming(head + b"text" * 100_000),
    }
    _ = WSGIRequest(environ).FILES


if __name__ == "__main__":
    main(*sys.argv[1:])

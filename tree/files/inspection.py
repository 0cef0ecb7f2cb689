"""Inspection of uploaded files in a child process with limits on time and memory.

The child (``decoding``) runs decoders of images, PDF and XML on untrusted content. If one of them hangs or uses too
much memory, the child is killed and the file refused. No other process loads the decoders.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from knowledgetree.basics.time_limits import NoAnswer, TimeLimitedChildren, TimeLimitExceeded
from tree.exceptions import FileRefused, FileTooLarge
from tree.files.types import BY_EXTENSION, IMAGES, FileType

LIMIT_SECONDS = 15.0  # of the processor's time
_AT_ONCE = 4  # as many as threads of a web process, so that no upload waits for a slow one

_children = TimeLimitedChildren("tree.files.decoding", LIMIT_SECONDS, places=_AT_ONCE)


@dataclass(frozen=True)
class Seen:
    """The type of a file, and the width and height of an image in pixels.

    ``is_locked`` says that a password keeps the content from being checked and searched.
    """

    type: FileType
    width: int | None = None
    height: int | None = None
    is_locked: bool = False


def look(path: Path, filename: str) -> Seen:
    """Detect the type of a file; an image is re-encoded in place. Raises FileRefused, FileTooLarge, OSError."""
    question = {"look": str(path), "name": filename, "downloads": settings.DOWNLOAD_ONLY_FILES}
    try:
        answer = json.loads(_children.ask(json.dumps(question)))
    except TimeLimitExceeded as error:
        raise FileRefused(f"“{filename}” is damaged, or looking into it takes too long.") from error
    except NoAnswer as error:
        raise FileRefused(f"“{filename}” could not be looked into just now. Send it again.") from error
    if "refused" in answer:
        raise (FileTooLarge if answer["is_too_large"] else FileRefused)(answer["refused"])
    if "errno" in answer:
        raise OSError(answer["errno"], os.strerror(answer["errno"]), str(path))
    known = BY_EXTENSION[answer["extension"]]
    return Seen(known, answer.get("width"), answer.get("height"), answer["is_locked"])


def text_of(path: Path, known: FileType) -> str:
    """The text of a file, for the search; empty if there is none or reading it takes too long."""
    if known in IMAGES:
        return ""
    try:
        answer = json.loads(_children.ask(json.dumps({"text": str(path), "extension": known.extensions[0]})))
    except NoAnswer:
        return ""
    return str(answer["text"])

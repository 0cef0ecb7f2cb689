"""Looking into a file that somebody sent: in a child process with a time limit and a limit of memory.

What it runs are decoders of pictures, PDF and XML, fed by strangers; should one never end or eat all memory,
the child is killed and the file refused.
"""

import errno
import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tree.exceptions import FileRefused, FileTooLarge
from tree.files.images import rewrite
from tree.files.office import office_text
from tree.files.pdf import pdf_text
from tree.files.types import IMAGES, OFFICE, PDF, TYPES, FileType, decoded, recognise
from tree.timelimit import TimeLimitedChild, TimeLimitExceeded, serve

LIMIT_SECONDS = 15.0
MAX_TEXT_CHARACTERS = 500_000
_TEXT_SECONDS = 8.0  # then what has been read so far is given back

_child = TimeLimitedChild("tree.files.reading", LIMIT_SECONDS)


@dataclass(frozen=True)
class Seen:
    """What a file is; width and height of pictures in pixels."""

    type: FileType
    width: int | None = None
    height: int | None = None


def look(path: Path, filename: str) -> Seen:
    """What this file is; a picture is written anew in its place. Raises FileRefused, FileTooLarge, OSError."""
    try:
        answer = json.loads(_child.ask(json.dumps({"look": str(path), "name": filename})))
    except TimeLimitExceeded as error:
        raise FileRefused(f"“{filename}” is damaged, or looking into it takes too long.") from error
    if "refused" in answer:
        raise (FileTooLarge if answer["is_too_large"] else FileRefused)(answer["refused"])
    if "errno" in answer:
        raise OSError(answer["errno"], os.strerror(answer["errno"]), str(path))
    known = next(known for known in TYPES if known.content_type == answer["type"])
    return Seen(known, answer.get("width"), answer.get("height"))


def text_of(path: Path, known: FileType) -> str:
    """The words in a file, for the search; empty if there are none, or reading them takes too long."""
    if known in IMAGES:
        return ""
    try:
        answer = json.loads(_child.ask(json.dumps({"text": str(path), "type": known.content_type})))
    except TimeLimitExceeded:
        return ""
    return str(answer["text"])


def _answer(question: str) -> str:
    asked = json.loads(question)
    if "look" in asked:
        return json.dumps(_look(Path(asked["look"]), asked["name"]))
    known = next(known for known in TYPES if known.content_type == asked["type"])
    return json.dumps({"text": _joined(_pieces(Path(asked["text"]), known))})


def _look(path: Path, filename: str) -> dict[str, Any]:
    try:
        known = recognise(path, filename)
        if not known.is_image:
            return {"type": known.content_type}
        size = rewrite(path, filename, known.content_type)
        return {"type": known.content_type, "width": size.width, "height": size.height}
    except FileRefused as error:
        return {"refused": str(error), "is_too_large": isinstance(error, FileTooLarge)}
    except OSError as error:
        return {"errno": error.errno or errno.EIO}


def _pieces(path: Path, known: FileType) -> Iterable[str]:
    if known is PDF:
        return pdf_text(path)
    if known in OFFICE:
        return office_text(path, known.endings[0])
    return [decoded(path.read_bytes()) or ""]


def _joined(pieces: Iterable[str]) -> str:
    ends, found, length = time.monotonic() + _TEXT_SECONDS, [], 0
    for piece in pieces:
        plain = " ".join(piece.replace("\0", " ").encode("utf-8", "ignore").decode().split())
        if plain:
            found.append(plain[: MAX_TEXT_CHARACTERS - length])
            length += len(found[-1]) + 1
        if length >= MAX_TEXT_CHARACTERS or time.monotonic() > ends:
            break
    return "\n".join(found)


if __name__ == "__main__":
    serve(_answer)

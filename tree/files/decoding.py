"""The child process of ``inspection``: decodes untrusted files. It is killed if it takes too long."""

import errno
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from knowledgetree.basics.time_limits import serve
from tree.exceptions import FileRefused, FileTooLarge
from tree.files.images import rewrite
from tree.files.office import office_text
from tree.files.pdf import pdf_text
from tree.files.recognition import decoded, recognise
from tree.files.types import BY_CONTENT_TYPE, OFFICE, PDF, FileType

MAX_TEXT_CHARACTERS = 500_000
_TEXT_SECONDS = 8.0  # afterwards, the text read so far is returned


def _answer(question: str) -> str:
    asked = json.loads(question)
    if "look" in asked:
        return json.dumps(_look(Path(asked["look"]), asked["name"]))
    known = BY_CONTENT_TYPE[asked["type"]]
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
        return office_text(path, known.extensions[0])
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

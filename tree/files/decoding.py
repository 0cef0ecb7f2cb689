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
from tree.files.mails import eml_text, msg_text
from tree.files.office.words import office_text
from tree.files.pdf import pdf_text
from tree.files.recognition import recognise
from tree.files.text_decoding import decoded
from tree.files.types import BY_EXTENSION, EML, HEIC, MSG, OFFICE, PDF, VISIO, ZIP, FileType

MAX_TEXT_CHARACTERS = 500_000
_TEXT_SECONDS = 8.0  # afterwards, the text read so far is returned


def _answer(question: str) -> str:
    asked = json.loads(question)
    if "look" in asked:
        return json.dumps(_look(Path(asked["look"]), asked["name"], asked["downloads"]))
    known = BY_EXTENSION[asked["extension"]]
    return json.dumps({"text": _joined(_pieces(Path(asked["text"]), known))})


def _look(path: Path, filename: str, downloads: list[str]) -> dict[str, Any]:
    try:
        found = recognise(path, filename, downloads)
        answer: dict[str, Any] = {"extension": found.type.extensions[0], "is_locked": found.is_locked}
        if found.type.is_image:
            size = rewrite(path, filename, found.type.content_type)
            answer |= {"width": size.width, "height": size.height}
        return answer
    except FileRefused as error:
        return {"refused": str(error), "is_too_large": isinstance(error, FileTooLarge)}
    except OSError as error:
        return {"errno": error.errno or errno.EIO}


def _pieces(path: Path, known: FileType) -> Iterable[str]:
    if known is PDF:
        return pdf_text(path)
    if known in OFFICE or known is VISIO:
        return office_text(path)
    if known is EML:
        return eml_text(path)
    if known is MSG:
        return msg_text(path)
    if known in (HEIC, ZIP):
        return []
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

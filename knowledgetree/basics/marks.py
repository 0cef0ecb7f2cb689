"""What has happened once, and how often: marks and counts, which the kept texts of pages never push out."""

from django.core.cache import BaseCache, caches
from django.utils.connection import ConnectionProxy

marks: BaseCache = ConnectionProxy(caches, "marks")  # type: ignore[assignment]


def count(key: str, seconds: int) -> int:
    """How often this was called with the key by now, this time included, until it was not for so many seconds.

    0 if the cache cannot say.
    """
    counted = getattr(caches["marks"], "count", None)  # of a SharedCache
    if counted is not None:
        return int(counted(key, seconds))
    if marks.add(key, 1, seconds):
        return 1
    try:
        return int(marks.incr(key))
    except ValueError:  # it was dropped in between
        return 1

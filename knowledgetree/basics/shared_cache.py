"""A Django cache in a Redis that processes and hosts share. Pages work without it when Redis is unavailable.

Pages contain cached values unescaped, so values are JSON and signed with SECRET_KEY: somebody with write access to
Redis can neither inject a script into a page nor execute code.
"""

import json
import logging
from time import monotonic
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from django.core.signing import BadSignature, Signer
from redis.exceptions import RedisError

LEFT_ALONE_SECONDS = 30
_logger = logging.getLogger(__name__)


class SignedJson:
    """The serializer of values in Redis."""

    def dumps(self, value: Any) -> str:
        return Signer(salt=__name__).sign(json.dumps(value))

    def loads(self, stored: bytes) -> Any:
        """Raises BadSignature."""
        return json.loads(Signer(salt=__name__).unsign(stored.decode("utf-8", "replace")))


class SharedCache(RedisCache):
    """A cache that treats an unavailable Redis and a value with a wrong signature as a cache miss.

    A Redis that failed is left alone for LEFT_ALONE_SECONDS, so that pages do not wait for it again and again.
    """

    _asked_again_at = 0.0

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        if monotonic() < SharedCache._asked_again_at:
            return default
        try:
            return super().get(key, default, version)
        except BadSignature as error:
            _logger.warning("The cache (CACHE_URL) holds an altered %s: %s", key, error)
        except RedisError as error:
            self._leave_alone(error)
        return default

    def set(self, key: str, value: Any, *args: Any, **options: Any) -> None:
        if monotonic() < SharedCache._asked_again_at:
            return
        try:
            super().set(key, value, *args, **options)
        except RedisError as error:
            self._leave_alone(error)

    def count(self, key: str, seconds: int) -> int:
        """See the function below. The number is no value of the cache: it is neither signed nor read as one."""
        if monotonic() < SharedCache._asked_again_at:
            return 0
        counted = self.make_and_validate_key(f"count:{key}")
        try:
            steps = self._cache.get_client(counted, write=True).pipeline()
            steps.incr(counted)
            steps.expire(counted, seconds)
            return int(steps.execute()[0])
        except RedisError as error:
            self._leave_alone(error)
            return 0

    def _leave_alone(self, error: RedisError) -> None:
        _logger.warning("The cache (CACHE_URL) fails and is left alone for a while: %s", error)
        SharedCache._asked_again_at = monotonic() + LEFT_ALONE_SECONDS


def count(key: str, seconds: int) -> int:
    """How often this was called with the key by now, this time included, until it was not for so many seconds.

    0 if the cache cannot say.
    """
    cache = caches["default"]
    if isinstance(cache, SharedCache):
        return cache.count(key, seconds)
    if cache.add(key, 1, seconds):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:  # it was dropped in between
        return 1

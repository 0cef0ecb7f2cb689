"""A Django cache in a Redis that processes and hosts share. Pages work without it when Redis is unavailable.

Pages contain cached values unescaped, so values are JSON and signed with SECRET_KEY: somebody with write access to
Redis can neither inject a script into a page nor execute code.
"""

import json
import logging
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any, TypeVar

from django.core.cache.backends.redis import RedisCache
from django.core.signing import BadSignature, Signer
from redis.exceptions import RedisError

LEFT_ALONE_SECONDS = 30
Result = TypeVar("Result")
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

    What is added to a Redis that is away counts as new. A Redis that failed is left alone for LEFT_ALONE_SECONDS, so
    that pages do not wait for it again and again.
    """

    _asked_again_at = 0.0

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        try:
            return self._or(default, lambda: super(SharedCache, self).get(key, default, version))
        except BadSignature as error:
            _logger.warning("The cache (CACHE_URL) holds an altered %s: %s", key, error)
            return default

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        try:
            return self._or({}, lambda: super(SharedCache, self).get_many(keys, version))
        except BadSignature as error:
            _logger.warning("The cache (CACHE_URL) holds an altered value: %s", error)
            return {}

    def set(self, key: str, value: Any, *args: Any, **options: Any) -> None:
        self._or(None, lambda: super(SharedCache, self).set(key, value, *args, **options))

    def set_many(self, data: dict[Any, Any], *args: Any, **options: Any) -> list[str]:
        return self._or([], lambda: super(SharedCache, self).set_many(data, *args, **options))

    def add(self, key: str, value: Any, *args: Any, **options: Any) -> bool:
        return self._or(True, lambda: super(SharedCache, self).add(key, value, *args, **options))

    def count(self, key: str, seconds: int) -> int:
        """See ``marks.count``. The number is no value of the cache: it is neither signed nor read as one."""
        counted = self.make_and_validate_key(f"count:{key}")

        def ask() -> int:
            steps = self._cache.get_client(counted, write=True).pipeline()
            steps.incr(counted)
            steps.expire(counted, seconds)
            return int(steps.execute()[0])

        return self._or(0, ask)

    def _or(self, without: Result, ask: Callable[[], Result]) -> Result:
        """What Redis answers, or else what holds without it."""
        if monotonic() < SharedCache._asked_again_at:
            return without
        try:
            return ask()
        except RedisError as error:
            _logger.warning("The cache (CACHE_URL) fails and is left alone for a while: %s", error)
            SharedCache._asked_again_at = monotonic() + LEFT_ALONE_SECONDS
            return without

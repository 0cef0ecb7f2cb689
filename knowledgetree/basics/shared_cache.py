"""A Django cache in a Redis that processes and hosts share. Pages work without it when Redis is unavailable.

Pages contain cached values unescaped, so values are JSON and signed with SECRET_KEY: somebody with write access to
Redis can neither inject a script into a page nor execute code.
"""

import json
import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache
from django.core.signing import BadSignature, Signer
from redis.exceptions import RedisError

_logger = logging.getLogger(__name__)


class SignedJson:
    """The serializer of values in Redis."""

    def dumps(self, value: Any) -> str:
        return Signer(salt=__name__).sign(json.dumps(value))

    def loads(self, stored: bytes) -> Any:
        """Raises BadSignature."""
        return json.loads(Signer(salt=__name__).unsign(stored.decode("utf-8", "replace")))


class SharedCache(RedisCache):
    """A cache that treats an unavailable Redis and a value with a wrong signature as a cache miss."""

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except (RedisError, BadSignature) as error:
            _logger.warning("The cache (CACHE_URL) gave no %s: %s", key, error)
            return default

    def set(self, key: str, value: Any, *args: Any, **options: Any) -> None:
        try:
            super().set(key, value, *args, **options)
        except RedisError as error:
            _logger.warning("The cache (CACHE_URL) did not take %s: %s", key, error)

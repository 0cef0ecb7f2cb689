"""A Django cache in a Redis that processes and hosts share. Pages work without it when Redis is unavailable.

Pages contain cached values unescaped, so values are JSON and signed with SECRET_KEY: somebody with write access to
Redis can neither inject a script into a page nor execute code.
"""

import json
import logging
from time import monotonic
from typing import Any

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

    def _leave_alone(self, error: RedisError) -> None:
        _logger.warning("The cache (CACHE_URL) fails and is left alone for a while: %s", error)
        SharedCache._asked_again_at = monotonic() + LEFT_ALONE_SECONDS

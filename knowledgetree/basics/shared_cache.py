"""Django's cache in a Redis that several processes and hosts share. Pages do without it when it is gone.

What is kept there is shown in pages as it is, so it is signed with SECRET_KEY, and it is JSON: whoever can write to
that Redis can neither put a script into a page nor make Python run anything.
"""

import json
import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache
from django.core.signing import BadSignature, Signer
from redis.exceptions import RedisError

_logger = logging.getLogger(__name__)


class SignedJson:
    """The form of a value in Redis."""

    def dumps(self, value: Any) -> str:
        return Signer(salt=__name__).sign(json.dumps(value))

    def loads(self, stored: bytes) -> Any:
        """Raises BadSignature."""
        return json.loads(Signer(salt=__name__).unsign(stored.decode("utf-8", "replace")))


class SharedCache(RedisCache):
    """A Redis that does not answer, and a value that was altered there, are as a value that is not there."""

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

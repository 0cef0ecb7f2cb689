"""Django's cache in a Redis that several processes and hosts share. Pages do without it when it is gone.

What is kept there is shown in pages as it is, so it is signed with SECRET_KEY, and it is JSON: whoever can write to
that Redis can neither put a script into a page nor make Python run anything.
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
    """The form of a value in Redis."""

    def dumps(self, value: Any) -> str:
        return Signer(salt=__name__).sign(json.dumps(value))

    def loads(self, stored: bytes) -> Any:
        """Raises BadSignature."""
        return json.loads(Signer(salt=__name__).unsign(stored.decode("utf-8", "replace")))


class SharedCache(RedisCache):
    """A Redis that does not answer, and a value that was altered there, are as a value that is not there.

    One that failed is left alone for LEFT_ALONE_SECONDS, so that pages do not wait for it again and again.
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

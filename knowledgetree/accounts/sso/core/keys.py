"""The public keys of Core, from its JWKS (RFC 7517). They are kept, so that tokens work while Core is down."""

import logging
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from knowledgetree.accounts.identity import BadToken, CoreSilent
from knowledgetree.accounts.sso.core.questions import NoAnswer, ask

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

FRESH_SECONDS = 300.0  # after this, a key that Core has withdrawn is not believed any more
KEPT_SECONDS = 12 * 3600.0  # while Core gives no keys
PAUSE_SECONDS = 30.0  # between two questions, whatever tokens come
LEAST_BITS = 2048
_logger = logging.getLogger(__name__)


class CoreKeys:
    """The keys that Core signs tokens with, by their ids. Threads share one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[str, RSAPublicKey] = {}
        self._read_at = self._asked_at = float("-inf")  # of time.monotonic()

    def key(self, key_id: str) -> "RSAPublicKey":
        """The key with this id. Raises BadToken if Core has none, CoreSilent if that cannot be found out."""
        known, age = self._keys.get(key_id), time.monotonic() - self._read_at
        if known is not None and (age <= FRESH_SECONDS or (age <= KEPT_SECONDS and self._lock.locked())):
            return known  # while another thread asks Core, which may be slow
        with self._lock:
            if time.monotonic() - self._read_at > FRESH_SECONDS or key_id not in self._keys:
                self._ask_again()
            if time.monotonic() - self._read_at > KEPT_SECONDS:
                raise CoreSilent("Core gives no keys to check this token with.")
            if key_id in self._keys:
                return self._keys[key_id]
            if self._asked_at > self._read_at:
                raise CoreSilent("Core gives no keys to check this token with.")
            raise BadToken("The token is signed with a key that Core does not have.")

    def have_changed(self, key_id: str, key: "RSAPublicKey") -> bool:
        """Whether Core now has another key under this id. To be asked when a signature is wrong."""
        with self._lock:
            self._ask_again()
            return self._keys.get(key_id, key) is not key

    def _ask_again(self) -> None:
        """Read the keys, unless Core was asked a short time ago. Keys that cannot be read leave the known ones."""
        if time.monotonic() - self._asked_at < PAUSE_SECONDS:
            return
        self._asked_at = time.monotonic()
        try:
            status, answer = ask("/.well-known/jwks.json")
            found = usable_keys(answer) if status == 200 else {}
        except NoAnswer as error:
            _logger.warning("%s The known keys of Core are used for up to %d hours.", error, KEPT_SECONDS / 3600)
            return
        if not found:
            _logger.warning("Core's list of keys (status %d) has none that can be used.", status)
            return
        same = {key_id: key for key_id, key in self._keys.items() if found.get(key_id) == key}
        self._keys = found | same
        self._read_at = self._asked_at


def usable_keys(answer: Any) -> dict[str, "RSAPublicKey"]:
    """The RSA keys for signatures of a JWKS. Two with one id are both left out: nobody knows which is meant."""
    import jwt

    rows = answer.get("keys") if isinstance(answer, dict) else None
    rows = rows if isinstance(rows, list) else []
    rows = [row for row in rows if isinstance(row, dict) and isinstance(row.get("kid"), str)]
    times = Counter(row["kid"] for row in rows)
    found = {}
    for row in rows:
        key_id = row["kid"]
        if times[key_id] != 1 or row.get("kty") != "RSA" or row.get("alg", "RS256") != "RS256":
            continue
        if row.get("use", "sig") != "sig" or "d" in row:
            continue
        try:
            key: Any = jwt.algorithms.RSAAlgorithm.from_jwk(row)
        except (jwt.InvalidKeyError, ValueError, TypeError, KeyError):
            continue
        if key.key_size >= LEAST_BITS:
            found[key_id] = key
    return found

"""The secrets with which events are signed. They are shown once, and kept encrypted with a key of SECRET_KEY."""

import base64
import secrets
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

PREFIX = "whsec_"
_BYTES = 32


class SecretUnreadable(Exception):
    """The secret was encrypted with another SECRET_KEY."""


def new_secret() -> str:
    """A secret as the Standard Webhooks write it: ``whsec_`` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def encrypted(secret: str) -> str:
    return _fernet().encrypt(secret.encode()).decode()


def decrypted(stored: str) -> str:
    """Raises SecretUnreadable."""
    from cryptography.fernet import InvalidToken

    try:
        return _fernet().decrypt(stored.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable("Its secret was kept with another SECRET_KEY. Make a new one.") from error


def _fernet() -> "Fernet":
    from cryptography.fernet import Fernet  # slow to load, and every command would do it
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    key = HKDF(SHA256(), 32, salt=None, info=b"secrets of webhooks").derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(key))

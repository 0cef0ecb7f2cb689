"""Where an installation keeps what it has: folders, secrets, the SQL database, caches."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from knowledgetree.basics.private_files import NotWritable, hand_over, make_private_folder, owner_only

REDIS_CONNECT_SECONDS = 5
CACHE_TIMEOUT_SECONDS = 1  # to reach the shared cache, and again for its response: pages do without it


def instance_folder(env: Mapping[str, str], default: Path) -> Path:
    """The folder for all data of this installation, created if missing. Raises ImproperlyConfigured."""
    return private_folder(Path(env.get("KNOWLEDGETREE_INSTANCE") or default).resolve(), "KNOWLEDGETREE_INSTANCE")


def private_folder(folder: Path, what: str) -> Path:
    """This folder, created with access for its owner only if missing. Raises ImproperlyConfigured, naming ``what``."""
    try:
        make_private_folder(folder)
    except NotWritable as error:
        raise ImproperlyConfigured(f"{error} ({what})") from error
    except OSError as error:
        raise ImproperlyConfigured(f"cannot make the folder {folder} ({what}): {error.strerror}.") from error
    return folder


def kept_secret(path: Path) -> str:
    """The secret in this file, which is generated on first use and readable by its owner only.

    Raises ImproperlyConfigured if the file is empty or cannot be written.
    """
    if path.exists():
        secret = path.read_text(encoding="utf-8").strip()
        if not secret:
            raise ImproperlyConfigured(f"{path} is empty; delete it to have a new secret made.")
        return secret
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _make_secret(path)
    except FileExistsError:  # two processes started at once: use the secret of the first
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"cannot write the secret {path}: {error.strerror}.") from error


def _make_secret(path: Path) -> str:
    """Raises FileExistsError if the file was made meanwhile; nobody can ever read it while it is empty."""
    secret = secrets.token_urlsafe(32)
    written = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with open(written, "x", encoding="utf-8", opener=owner_only) as file:
            file.write(secret + "\n")
        hand_over(written)
        os.link(written, path)  # fails if the file exists, where renaming would replace it
    finally:
        written.unlink(missing_ok=True)
    return secret


def sql_database(url: str) -> dict[str, Any]:
    """An entry of Django's ``DATABASES`` for this URL. Raises ImproperlyConfigured, without the URL."""
    try:
        return dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    except ValueError as error:  # the message omits the URL, which may contain a password
        raise ImproperlyConfigured(
            "DATABASE_URL is no address of a database; write for example postgres://user:password@host:5432/name."
        ) from error


def redis_url(env: Mapping[str, str], name: str, connect_seconds: int = REDIS_CONNECT_SECONDS) -> str:
    """The Redis URL in this variable, with a connection timeout added; "" if it is not set.

    Raises ImproperlyConfigured, without the password, if it is not a Redis URL.
    """
    url = env.get(name, "").strip()
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss", "unix") or not (parts.hostname or parts.scheme == "unix"):
        raise ImproperlyConfigured(f"{name} is {without_password(url)!r}; write for example redis://localhost:6379/0.")
    if "socket_connect_timeout" in parts.query or parts.scheme == "unix":
        return url
    return f"{url}{'&' if parts.query else '?'}socket_connect_timeout={connect_seconds}"


def caches(url: str) -> dict[str, Any]:
    """Django's ``CACHES``: the Redis at this URL, or the memory of each process if it is empty.

    ``default``: texts of pages. ``marks``: see marks.py. ``tokens``: numbers of tokens by text, in the memory of each
    process; they are many, and quickly counted anew.
    """
    return {
        "default": _shared_cache(url) if url else _in_memory("default", 300),
        "marks": _shared_cache(url) if url else _in_memory("marks", 50_000),
        "tokens": _in_memory("tokens", 20_000),
    }


def _in_memory(name: str, most: int) -> dict[str, Any]:
    """``most``: entries; when there are more, a third of them goes."""
    return {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": name,
        "OPTIONS": {"MAX_ENTRIES": most},
    }


def _shared_cache(url: str) -> dict[str, Any]:
    options = {"serializer": "knowledgetree.basics.shared_cache.SignedJson", "socket_timeout": CACHE_TIMEOUT_SECONDS}
    return {
        "BACKEND": "knowledgetree.basics.shared_cache.SharedCache",
        "LOCATION": url,
        "KEY_PREFIX": "knowledgetree",
        "OPTIONS": options,
    }


def without_password(uri: str) -> str:
    """The URI without user and password, even if it is incomplete, such as ``user:password@host``."""
    before, at, after = uri.rpartition("@")
    scheme, slashes, _ = before.partition("://")
    if not at:
        return uri
    return f"{scheme}{slashes}{after}" if slashes else after

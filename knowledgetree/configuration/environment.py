"""Values of single variables: numbers, addresses, lists."""

from collections.abc import Collection, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured

from knowledgetree.basics.rights.withholding import DEFAULT, LEVELS, Part, Withheld


def flag(env: Mapping[str, str], name: str, default: bool) -> bool:
    """A boolean. Raises ImproperlyConfigured unless it is true/false, yes/no, on/off or 1/0."""
    text = env.get(name, "").strip().lower()
    if text in ("1", "true", "yes", "on"):
        return True
    if text in ("0", "false", "no", "off"):
        return False
    if not text:
        return default
    raise ImproperlyConfigured(f"{name} is {text!r}; write true or false.")


def port(env: Mapping[str, str], name: str, default: int) -> int:
    """A TCP port. Raises ImproperlyConfigured unless it is a whole number from 1 to 65535."""
    text = env.get(name, "").strip()
    if not text:
        return default
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise ImproperlyConfigured(f"{name} is {text!r}; write a port number from 1 to 65535.")


def whole_number(env: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    """An integer. Raises ImproperlyConfigured unless it is a whole number of at least ``least``."""
    text = env.get(name, "").strip()
    if not text:
        return default
    if text.isdecimal() and len(text) <= 9 and int(text) >= least:
        return int(text)
    raise ImproperlyConfigured(f"{name} is {text!r}; write a whole number, at least {least}.")


def megabytes(env: Mapping[str, str], name: str, default: int) -> int:
    """A size set in megabytes (2**20 bytes), returned in bytes. Raises ImproperlyConfigured if it is less than 1."""
    text = env.get(name, "").strip() or str(default)
    if text.isdecimal() and int(text) >= 1:
        return int(text) * 2**20
    raise ImproperlyConfigured(f"{name} is {text!r}; write a whole number of megabytes, 1 or more.")


def file_extensions(env: Mapping[str, str], name: str, possible: Collection[str]) -> list[str]:
    """File extensions, without dots and in lower case. Raises ImproperlyConfigured unless all are ``possible``."""
    chosen = dict.fromkeys(part.strip(" .").lower() for part in env.get(name, "").replace(",", " ").split())
    for extension in chosen:
        if extension not in possible:
            raise ImproperlyConfigured(
                f"{name} names {extension!r}; write some of these, separated by commas: {', '.join(possible)}."
            )
    return list(chosen)


def networks(env: Mapping[str, str], name: str) -> list[IPv4Network | IPv6Network]:
    """Addresses and networks, separated by commas. Raises ImproperlyConfigured."""
    parts = [part.strip() for part in env.get(name, "").split(",") if part.strip()]
    try:
        return [ip_network(part) for part in parts]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is wrong: {error}; write for example 127.0.0.1, 10.0.0.0/24.") from error


def web_address(env: Mapping[str, str], name: str) -> str:
    """An http(s) URL, or "". Raises ImproperlyConfigured without the value, which may contain a secret."""
    text = env.get(name, "").strip()
    if text and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname):
        raise ImproperlyConfigured(f"{name} is no web address; write https://host/path.")
    return text


def time_zone(env: Mapping[str, str]) -> str:
    """The name of the time zone of pages and logs. Raises ImproperlyConfigured if it is unknown."""
    name = env.get("TIME_ZONE") or "UTC"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImproperlyConfigured(f"TIME_ZONE is {name!r}; write for example Europe/Berlin.") from error
    return name


def mail_settings(env: Mapping[str, str]) -> dict[str, Any]:
    """Django's EMAIL_… settings from EMAIL_URL. Raises ImproperlyConfigured without the value, which has a password."""
    text = env.get("EMAIL_URL", "").strip() or "smtp://localhost:25"
    if urlsplit(text).scheme not in ("smtp", "smtps", "smtp+tls", "smtp+ssl", "filemail", "consolemail"):
        raise ImproperlyConfigured("EMAIL_URL names no mail server; write smtp+tls://user:password@host:587.")
    return dict(environ.Env.email_url_config(text))


def named_words(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """Of ``name=word,word; …``: each part as it is written, its name, and its words. The name is empty without a =."""
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, words = (piece.strip() for piece in part.partition("="))
        yield part, name if equals else "", words.replace(",", " ").split()


def withheld(env: Mapping[str, str], name: str) -> Withheld:
    """``cjis=tickets,contacts; hipaa=ticket_texts`` as parts by level; the default of levels that are not named.

    Raises ImproperlyConfigured.
    """
    found = dict(DEFAULT)
    for part, level, words in named_words(env.get(name, "")):
        if level not in LEVELS or not {*words} <= {*Part}:
            raise ImproperlyConfigured(
                f"{name} has {part!r}; write for example cjis=tickets,contacts; hipaa=ticket_texts; standard= "
                f"(levels: {', '.join(LEVELS)}; parts: {', '.join(Part)})."
            )
        found[level] = frozenset(Part(word) for word in words)
    return found

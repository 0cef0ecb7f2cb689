"""The configuration of an installation: the environment overrides files, files override defaults.

An invalid value raises an error that names the setting. Only ``settings.py`` uses this module. It reads the files
``.env`` and ``.flaskenv`` (variables) and ``services.json`` (the URLs of Codex and Core) in the repository root, and
``knowledgetree.conf`` in the instance folder.
"""

import configparser
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import dj_database_url
import environ
from django.core.exceptions import ImproperlyConfigured

from knowledgetree.basics.private_files import NotWritable, hand_over, make_private_folder, owner_only
from knowledgetree.basics.rights.scopes import Scope
from knowledgetree.basics.rights.withholding import DEFAULT, LEVELS, Part, Withheld

NEO4J_SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
DEFAULT_BOLT_PORT = 7687
DEFAULT_PORT = 8000
DEFAULT_SAMPLE_CODEX_PORT = 5310
DEFAULT_SERVICE_SCOPES = frozenset({Scope.READ, Scope.WRITE})
REDIS_CONNECT_SECONDS = 5
CACHE_TIMEOUT_SECONDS = 1  # to reach the shared cache, and again for its response: pages do without it


@dataclass(frozen=True)
class Neo4jSettings:
    """The connection to Neo4j. ``source`` names the file or variable that the URI comes from."""

    uri: str
    user: str
    password: str = field(repr=False)
    database: str | None
    is_local: bool
    source: str
    bolt_port: int


@dataclass(frozen=True)
class CodexSettings:
    """The URL and credentials of Codex: ``api_key``, or a token from Core at ``core_url``.

    ``source``, ``core_source``: the settings that the two URLs come from.
    """

    url: str
    api_key: str | None = field(repr=False)
    core_url: str | None
    service_name: str
    source: str
    is_sample: bool
    core_source: str = "core.url or CORE_SERVICE_URL"


@dataclass(frozen=True)
class CoreSettings:
    """How people and services of the platform are recognised. ``url`` is "" where there is no Core.

    ``service_scopes``: what the services may do, by their names; ``*`` stands for all others.
    """

    url: str
    issuer: str
    service_name: str
    service_scopes: dict[str, frozenset[Scope]]


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


def mail_settings(env: Mapping[str, str]) -> dict[str, Any]:
    """Django's EMAIL_… settings from EMAIL_URL. Raises ImproperlyConfigured without the value, which has a password."""
    text = env.get("EMAIL_URL", "").strip() or "smtp://localhost:25"
    if urlsplit(text).scheme not in ("smtp", "smtps", "smtp+tls", "smtp+ssl", "filemail", "consolemail"):
        raise ImproperlyConfigured("EMAIL_URL names no mail server; write smtp+tls://user:password@host:587.")
    return dict(environ.Env.email_url_config(text))


def redis_url(env: Mapping[str, str], name: str, connect_seconds: int = REDIS_CONNECT_SECONDS) -> str:
    """The Redis URL in this variable, with a connection timeout added; "" if it is not set.

    Raises ImproperlyConfigured, without the password, if it is not a Redis URL.
    """
    url = env.get(name, "").strip()
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss", "unix") or not (parts.hostname or parts.scheme == "unix"):
        raise ImproperlyConfigured(f"{name} is {_without_password(url)!r}; write for example redis://localhost:6379/0.")
    if "socket_connect_timeout" in parts.query or parts.scheme == "unix":
        return url
    return f"{url}{'&' if parts.query else '?'}socket_connect_timeout={connect_seconds}"


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


def sql_database(url: str) -> dict[str, Any]:
    """An entry of Django's ``DATABASES`` for this URL. Raises ImproperlyConfigured, without the URL."""
    try:
        return dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    except ValueError as error:  # the message omits the URL, which may contain a password
        raise ImproperlyConfigured(
            "DATABASE_URL is no address of a database; write for example postgres://user:password@host:5432/name."
        ) from error


def time_zone(env: Mapping[str, str]) -> str:
    """The name of the time zone of pages and logs. Raises ImproperlyConfigured if it is unknown."""
    name = env.get("TIME_ZONE") or "UTC"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImproperlyConfigured(f"TIME_ZONE is {name!r}; write for example Europe/Berlin.") from error
    return name


def kept_secret(path: Path) -> str:
    """The secret in this file, which is generated on first use and readable by its owner only.

    Raises ImproperlyConfigured if the file is empty or cannot be written.
    """
    if path.exists():
        secret = path.read_text(encoding="utf-8").strip()
        if not secret:
            raise ImproperlyConfigured(f"{path} is empty; delete it to have a new secret made.")
        return secret
    path.parent.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_urlsafe(32)
    try:
        with open(path, "x", encoding="utf-8", opener=owner_only) as file:
            file.write(secret + "\n")
        hand_over(path)
    except FileExistsError:  # two processes started at once: use the secret of the first
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"cannot write the secret {path}: {error.strerror}.") from error
    return secret


def neo4j_settings(env: Mapping[str, str], instance: Path) -> Neo4jSettings:
    """Read NEO4J_* and ``[database]`` of knowledgetree.conf; the default is the local Neo4j."""
    conf_path = instance / "knowledgetree.conf"
    conf = _read_conf(conf_path)
    bolt_port = port(env, "NEO4J_BOLT_PORT", DEFAULT_BOLT_PORT)
    uri = env.get("NEO4J_URI") or conf.get("neo4j_uri")
    user = env.get("NEO4J_USER") or conf.get("neo4j_user") or "neo4j"
    password = env.get("NEO4J_PASSWORD") or conf.get("neo4j_password")
    database = env.get("NEO4J_DATABASE") or conf.get("neo4j_database") or None
    if not uri:
        return Neo4jSettings(
            uri=f"bolt://127.0.0.1:{bolt_port}",
            user="neo4j",
            password=kept_secret(instance / "neo4j-password"),
            database=None,
            is_local=True,
            source="the local Neo4j of this installation",
            bolt_port=bolt_port,
        )
    source = "NEO4J_URI" if env.get("NEO4J_URI") else f"neo4j_uri in {conf_path}"
    if urlsplit(uri).scheme not in NEO4J_SCHEMES or not urlsplit(uri).hostname:
        raise ImproperlyConfigured(
            f"{source} is {_without_password(uri)!r}; write for example bolt://localhost:7687 "
            f"(schemes: {', '.join(NEO4J_SCHEMES)})."
        )
    if not password:
        raise ImproperlyConfigured(
            f"{source} names a Neo4j, but there is no password: set NEO4J_PASSWORD "
            f"or neo4j_password under [database] in {conf_path}."
        )
    return Neo4jSettings(uri, user, password, database, False, source, bolt_port)


def codex_settings(env: Mapping[str, str], services_file: Path, instance: Path) -> CodexSettings:
    """Read services.json, CORE_SERVICE_URL and SERVICE_NAME; the default is the sample Codex."""
    services = _read_services(services_file)
    codex = services.get("codex", {})
    core_url = env.get("CORE_SERVICE_URL") or services.get("core", {}).get("url") or None
    service_name = env.get("SERVICE_NAME") or "knowledgetree"
    url = codex.get("url")
    if not url:
        sample_port = port(env, "SAMPLE_CODEX_PORT", DEFAULT_SAMPLE_CODEX_PORT)
        return CodexSettings(
            url=f"http://127.0.0.1:{sample_port}",
            api_key=kept_secret(instance / "sample-codex-key"),
            core_url=None,
            service_name=service_name,
            source=f"the sample Codex, because {services_file} names no codex.url",
            is_sample=True,
        )
    _require_service_address("codex.url", url)
    if core_url:
        _require_service_address("core.url or CORE_SERVICE_URL", core_url)
    api_key = codex.get("api_key") or None
    if api_key and not (api_key.isascii() and api_key.isprintable() and " " not in api_key):
        raise ImproperlyConfigured(f"{services_file}: codex.api_key has spaces, line ends or invalid characters.")
    if not api_key and not core_url:
        raise ImproperlyConfigured(
            f"{services_file} names a Codex but no way in: add codex.api_key there, or set CORE_SERVICE_URL."
        )
    return CodexSettings(
        url=url.rstrip("/"),
        api_key=api_key,
        core_url=core_url.rstrip("/") if core_url else None,
        service_name=service_name,
        source=f"codex.url in {services_file}",
        is_sample=False,
        core_source="CORE_SERVICE_URL" if env.get("CORE_SERVICE_URL") else f"core.url in {services_file}",
    )


def core_settings(env: Mapping[str, str], services_file: Path) -> CoreSettings:
    """Read CORE_ISSUER, SERVICE_SCOPES, and what ``codex_settings`` reads for Core as well."""
    url = env.get("CORE_SERVICE_URL") or _read_services(services_file).get("core", {}).get("url") or ""
    if url:
        _require_service_address("core.url or CORE_SERVICE_URL", url)
    return CoreSettings(
        url=url.rstrip("/"),
        issuer=env.get("CORE_ISSUER") or "hivematrix-core",
        service_name=env.get("SERVICE_NAME") or "knowledgetree",
        service_scopes=_service_scopes(env.get("SERVICE_SCOPES", "")),
    )


def withheld(env: Mapping[str, str], name: str) -> Withheld:
    """``cjis=tickets,contacts; hipaa=ticket_texts`` as parts by level; the default of levels that are not named.

    Raises ImproperlyConfigured.
    """
    found = dict(DEFAULT)
    for part in filter(None, (part.strip() for part in env.get(name, "").split(";"))):
        level, equals, parts = (piece.strip() for piece in part.partition("="))
        words = parts.replace(",", " ").split()
        if level not in LEVELS or not equals or not {*words} <= {*Part}:
            raise ImproperlyConfigured(
                f"{name} has {part!r}; write for example cjis=tickets,contacts; hipaa=ticket_texts; standard= "
                f"(levels: {', '.join(LEVELS)}; parts: {', '.join(Part)})."
            )
        found[level] = frozenset(Part(word) for word in words)
    return found


def _service_scopes(text: str) -> dict[str, frozenset[Scope]]:
    """``brainhair=read,tickets; *=read`` as scopes by service. Raises ImproperlyConfigured."""
    found = {"*": DEFAULT_SERVICE_SCOPES}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, scopes = (piece.strip() for piece in part.partition("="))
        words = scopes.replace(",", " ").split()
        if not name or not equals or not {*words} <= {*Scope}:
            raise ImproperlyConfigured(
                f"SERVICE_SCOPES has {part!r}; write for example brainhair=read,tickets,write; *=read "
                f"(scopes: {', '.join(Scope)})."
            )
        found[name] = frozenset(Scope(word) for word in words)
    return found


def _read_conf(path: Path) -> Mapping[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        with open(path, encoding="utf-8") as file:
            parser.read_file(file)
    except FileNotFoundError:
        return {}
    except (OSError, configparser.Error, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{path} cannot be read: {error}") from error
    return parser["database"] if parser.has_section("database") else {}


def _read_services(path: Path) -> dict[str, dict[str, Any]]:
    try:
        services = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"{path} is not readable JSON: {error}") from error
    if not isinstance(services, dict):
        raise ImproperlyConfigured(f'{path} must hold an object such as {{"codex": {{"url": "…"}}}}.')
    for service, keys in services.items():
        if not isinstance(keys, dict):
            raise ImproperlyConfigured(f"{path}: {service!r} must be an object with a url.")
        for key in ("url", "api_key"):
            if not isinstance(keys.get(key, ""), str):
                raise ImproperlyConfigured(f"{path}: {service}.{key} must be a text.")
    return services


def _require_service_address(name: str, url: str) -> None:
    """Raises ImproperlyConfigured for an invalid URL or one with credentials.

    Credentials in the URL would appear in the messages of sync runs and be sent instead of the API key.
    """
    if "@" in url:  # anywhere, because after a slash in the password it is not part of the host any more
        raise ImproperlyConfigured(f"{name} holds a user or password before an @; put the key in codex.api_key.")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ImproperlyConfigured(f"{name} is {url!r}; write for example http://localhost:5010.")


def _without_password(uri: str) -> str:
    """The URI without user and password, even if it is incomplete, such as ``user:password@host``."""
    before, at, after = uri.rpartition("@")
    scheme, slashes, _ = before.partition("://")
    if not at:
        return uri
    return f"{scheme}{slashes}{after}" if slashes else after

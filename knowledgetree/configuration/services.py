"""What an installation talks to: Neo4j, Codex and Core."""

import configparser
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from knowledgetree.basics.rights.scopes import Scope
from knowledgetree.configuration.environment import named_words, port
from knowledgetree.configuration.storage import kept_secret, without_password

NEO4J_SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
DEFAULT_BOLT_PORT = 7687
DEFAULT_SAMPLE_CODEX_PORT = 5310
DEFAULT_SERVICE_SCOPES = frozenset({Scope.READ, Scope.WRITE})


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
            f"{source} is {without_password(uri)!r}; write for example bolt://localhost:7687 "
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


def _service_scopes(text: str) -> dict[str, frozenset[Scope]]:
    """``brainhair=read,tickets; *=read`` as scopes by service. Raises ImproperlyConfigured."""
    found = {"*": DEFAULT_SERVICE_SCOPES}
    for part, name, words in named_words(text):
        if not name or not {*words} <= {*Scope}:
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

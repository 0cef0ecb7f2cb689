"""Environment variables that keep one test session to itself.

``TESTS_NEO4J`` lends it a Neo4j that somebody else has started and stops: a JSON list with home, bolt_port and password
of one for each worker of pytest-xdist; a session without workers takes the first.
"""

import json
import os
import secrets
import shutil
import socket
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

# All that the settings read. Empty means "not set", and keeps a value in .env from counting.
CLEARED = (
    "ALARM_EMAILS",
    "ALARM_WEBHOOK_URL",
    "API_REQUESTS_PER_MINUTE",
    "AUDIT_DAYS",
    "CACHE_URL",
    "CORE_ISSUER",
    "CORE_SERVICE_URL",
    "CSRF_TRUSTED_ORIGINS",
    "DATABASE_URL",
    "DEBUG",
    "DOWNLOAD_ONLY_FILES",
    "FILES_LIMIT_MB",
    "FILES_OF_NODE_LIMIT_MB",
    "FILE_LIMIT_MB",
    "EMAIL_URL",
    "HTTPS",
    "IMPORT_LIMIT_MB",
    "MAIL_FROM",
    "NEO4J_DATABASE",
    "OIDC_GROUPS",
    "OIDC_GROUPS_CLAIM",
    "OIDC_ISSUER",
    "OIDC_NAME",
    "OIDC_OP_AUTHORIZATION_ENDPOINT",
    "OIDC_OP_JWKS_ENDPOINT",
    "OIDC_OP_TOKEN_ENDPOINT",
    "OIDC_OP_USER_ENDPOINT",
    "OIDC_RP_CLIENT_ID",
    "OIDC_RP_CLIENT_SECRET",
    "OIDC_RP_SCOPES",
    "PING_URL",
    "Q_BROKER_URL",
    "RUNS_KEPT",
    "RUNS_KEPT_DAYS",
    "SECRET_KEY",
    "SERVICE_NAME",
    "SERVICE_SCOPES",
    "TIME_ZONE",
    "TRUSTED_PROXIES",
    "WEBHOOKS_ALLOW_PRIVATE",
    "WITHHELD_FROM_SERVICES",
    "WITHHELD_FROM_TOKENS",
)

MEMORY = Path("/dev/shm")  # noqa: S108 (mkdtemp makes a folder of our own in it)
ROOM_BYTES = 8 << 30  # four workers use one of these

folder: Path | None = None  # the instance folder of this session, once isolated


def isolate() -> None:
    """Set every variable anew: a worker of pytest-xdist must not share those of its parent."""
    global folder  # noqa: PLW0603
    folder = Path(tempfile.mkdtemp(prefix="knowledgetree-tests-", dir=in_memory())).resolve()
    bolt_port, sample_codex_port, web_port = free_ports(3)
    neo4j = lent_neo4j() or {"bolt_port": bolt_port, "password": secrets.token_urlsafe(16)}
    os.environ.update(
        dict.fromkeys(CLEARED, "") | {"DATABASE_URL": os.environ.get("TESTS_DATABASE_URL", "")},
        KNOWLEDGETREE_INSTANCE=str(folder),
        SERVICES_FILE=str(folder / "services.json"),
        NEO4J_URI=f"bolt://127.0.0.1:{neo4j['bolt_port']}",
        NEO4J_BOLT_PORT=str(neo4j["bolt_port"]),
        NEO4J_USER="neo4j",
        NEO4J_PASSWORD=neo4j["password"],
        SAMPLE_CODEX_PORT=str(sample_codex_port),
        PORT=str(web_port),
        ALLOWED_HOSTS="127.0.0.1,localhost",
        DJANGO_SETTINGS_MODULE="knowledgetree.settings",  # for programs that a test starts; ours are chosen already
    )
    os.environ.pop("Q_CLUSTER_NAME", None)


def in_memory() -> Path | None:
    """Linux's folder in memory, where a commit does not wait for a disk; None (the usual one) if it has little room."""
    return MEMORY if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM_BYTES else None


def lent_neo4j() -> dict[str, Any]:
    """Home, port and password of the Neo4j that the session is lent; empty when it is to start one of its own."""
    lent: list[dict[str, Any]] = json.loads(os.environ.get("TESTS_NEO4J") or "[]")
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return lent[worker] if worker < len(lent) else {}


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on, all different."""
    with ExitStack() as open_sockets:
        sockets = [open_sockets.enter_context(closing(socket.socket())) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]

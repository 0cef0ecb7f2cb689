"""The Django settings, and the only place that reads the environment and the configuration files.

The environment overrides files, and files override defaults (see ``configuration/``). An invalid value stops the
start with an error that names the setting. No secret has a default.
"""

import os
from datetime import timedelta
from importlib.metadata import distribution
from pathlib import Path

import environ
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from whitenoise.compress import Compressor

from knowledgetree.configuration.environment import (
    file_extensions,
    flag,
    mail_settings,
    megabytes,
    networks,
    port,
    time_zone,
    web_address,
    whole_number,
    withheld,
)
from knowledgetree.configuration.openid import openid_settings
from knowledgetree.configuration.services import (
    DEFAULT_SAMPLE_CODEX_PORT,
    codex_settings,
    core_settings,
    neo4j_settings,
)
from knowledgetree.configuration.storage import (
    CACHE_TIMEOUT_SECONDS,
    caches,
    instance_folder,
    kept_secret,
    private_folder,
    redis_url,
    sql_database,
)
from tree.files.types import DOWNLOAD_EXTENSIONS

BASE_DIR = Path(__file__).resolve().parent.parent
for _file in (BASE_DIR / ".env", BASE_DIR / ".flaskenv"):
    if _file.exists():
        environ.Env.read_env(_file)  # never overrides what the environment already has

INSTANCE_DIR = instance_folder(os.environ, BASE_DIR / "instance")

PORT = port(os.environ, "PORT", 8000)
SAMPLE_CODEX_PORT = port(os.environ, "SAMPLE_CODEX_PORT", DEFAULT_SAMPLE_CODEX_PORT)
NEO4J = neo4j_settings(os.environ, INSTANCE_DIR)
NEO4J_JARS_DIR = Path(os.environ.get("NEO4J_JARS_DIR") or BASE_DIR / ".neo4j").resolve()
MAVEN_REPOSITORY_URL = os.environ.get("MAVEN_REPOSITORY_URL") or "https://repo.maven.apache.org/maven2"
_services_file = Path(os.environ.get("SERVICES_FILE") or BASE_DIR / "services.json")
CODEX = codex_settings(os.environ, _services_file, INSTANCE_DIR)
CORE = core_settings(os.environ, _services_file)
OPENID = openid_settings(os.environ)
WITHHELD = withheld(os.environ, "WITHHELD_FROM_SERVICES")
WITHHELD_FROM_TOKENS = flag(os.environ, "WITHHELD_FROM_TOKENS", False)

RUNS_KEPT = whole_number(os.environ, "RUNS_KEPT", 5_000)
RUNS_KEPT_DAYS = whole_number(os.environ, "RUNS_KEPT_DAYS", 365)
AUDIT_DAYS = whole_number(os.environ, "AUDIT_DAYS", 400, least=30)

API_REQUESTS_PER_MINUTE = whole_number(os.environ, "API_REQUESTS_PER_MINUTE", 1_200, least=0)  # of a caller; 0: any

UPLOADS_DIR = private_folder(INSTANCE_DIR / "uploads", "uploaded files")
FILE_LIMIT_BYTES = megabytes(os.environ, "FILE_LIMIT_MB", 10)
FILES_OF_NODE_LIMIT_BYTES = megabytes(os.environ, "FILES_OF_NODE_LIMIT_MB", 200)
FILES_LIMIT_BYTES = megabytes(os.environ, "FILES_LIMIT_MB", 10_240)
IMPORT_LIMIT_BYTES = megabytes(os.environ, "IMPORT_LIMIT_MB", 2_048)  # of a file to import; unpacked, twice as much
DOWNLOAD_ONLY_FILES = file_extensions(os.environ, "DOWNLOAD_ONLY_FILES", DOWNLOAD_EXTENSIONS)
REQUEST_LIMIT_BYTES = 5 * FILE_LIMIT_BYTES + 2**20  # several files, or a text and its form
# Larger uploads are streamed to disk, within the uploads folder, so that storing them only takes a rename.
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
FILE_UPLOAD_TEMP_DIR = private_folder(UPLOADS_DIR / "incoming", "uploaded files")
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# The recipients of alarms about missing syncs (syncing/schedules/alarms.py). The URLs may contain secrets.
ALARM_WEBHOOK_URL = web_address(os.environ, "ALARM_WEBHOOK_URL")
WEBHOOKS_ALLOW_PRIVATE = flag(os.environ, "WEBHOOKS_ALLOW_PRIVATE", False)
PING_URL = web_address(os.environ, "PING_URL")
ALARM_EMAILS = [name.strip() for name in os.environ.get("ALARM_EMAILS", "").split(",") if name.strip()]
_mail = mail_settings(os.environ)
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_BACKEND"], _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"] or "", _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("MAIL_FROM") or "knowledgetree@localhost"

DEBUG = flag(os.environ, "DEBUG", False)
SECRET_KEY = os.environ.get("SECRET_KEY") or kept_secret(INSTANCE_DIR / "secret-key")
ALLOWED_HOSTS = [
    host.strip() for host in os.environ.get("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if host.strip()
]
CSRF_TRUSTED_ORIGINS = [o.strip() for o in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if o.strip()]
HTTPS = flag(os.environ, "HTTPS", False)
TRUSTED_PROXIES = networks(os.environ, "TRUSTED_PROXIES")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "knowledgetree.apps.KnowledgeTreeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "knowledgetree.apps.WrongPasswordsConfig",
    "knowledgetree.accounts.apps.AccountsConfig",
    "knowledgetree.audit.apps.AuditConfig",
    "knowledgetree.webhooks.apps.WebhooksConfig",
    "knowledgetree.apps.KnowledgeTreeConfig",  # before django_neomodel, whose clear_neo4j it replaces
    "django_neomodel",
    "django_q",
    "lucide",
    "tree",
    "syncing",
]

MIDDLEWARE = [
    "knowledgetree.middleware.request_ids.RequestIdMiddleware",
    "knowledgetree.middleware.proxies.TrustedProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "knowledgetree.middleware.compression.CompressedPagesMiddleware",
    "csp.middleware.CSPMiddleware",
    "knowledgetree.middleware.proxies.BehindPrefixMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "knowledgetree.audit.middleware.AuditMiddleware",
    "knowledgetree.accounts.middleware.IdentityMiddleware",
    "knowledgetree.accounts.rights.viewing.ViewAsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "knowledgetree.problems.MethodNotAllowedMiddleware",
    "knowledgetree.middleware.rate_limits.RateLimitMiddleware",
    "knowledgetree.middleware.enforcement.PolicyMiddleware",
    "knowledgetree.middleware.bodies.BodyLimitMiddleware",
    "knowledgetree.middleware.bodies.FullDiskMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",  # reads the whole body, so it comes after those that may refuse it
    "knowledgetree.middleware.graph.GraphUnavailableMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "knowledgetree.urls"
CSRF_FAILURE_VIEW = "knowledgetree.problems.csrf_failure"
WSGI_APPLICATION = "knowledgetree.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "knowledgetree.context_processors.page_frame",
            ],
        },
    },
]

# SQLite needs these options to support several writing processes without "database is locked" errors.
_SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
_database_url = os.environ.get("DATABASE_URL", "")
if _database_url:
    DATABASES = {"default": sql_database(_database_url)}
    if str(DATABASES["default"]["ENGINE"]).endswith("sqlite3"):
        DATABASES["default"]["OPTIONS"] = _SQLITE_OPTIONS
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": INSTANCE_DIR / "db.sqlite3",
            "OPTIONS": _SQLITE_OPTIONS,
        }
    }
CACHES = caches(redis_url(os.environ, "CACHE_URL", CACHE_TIMEOUT_SECONDS))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The first one refuses a name and address with too many wrong passwords; the second one checks the password.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "knowledgetree.accounts.backends.RoleBackend"]
AXES_HANDLER = "knowledgetree.accounts.login.wrong_passwords.CountedFirst"
AXES_LOCKOUT_CALLABLE = "knowledgetree.accounts.login.wrong_passwords.locked_page"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ADMIN = False  # knowledgetree/admin.py has our own
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en"
TIME_ZONE = time_zone(os.environ)
USE_I18N = False  # one language; Django's look-ups of others are a sixth of a page's time
FORMAT_MODULE_PATH = ["knowledgetree.formats"]
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = INSTANCE_DIR / "static"
# The style sheet and scripts of the page /api/v1/docs. If ninja were an installed app, every command would import it,
# which takes a tenth of a second.
STATICFILES_DIRS = [("ninja", str(distribution("django-ninja").locate_file("ninja/static/ninja")))]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "knowledgetree.middleware.proxies.PrefixedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_MANIFEST_STRICT = False
# Source maps, which only a developer's browser asks for: compressing those of the API's page takes half a minute.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
# Names of their own, because behind Nexus all services share a host, and with it their cookies.
_cookies = "__Secure-kt" if HTTPS else "kt"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_cookies}_session", f"{_cookies}_csrf"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    },
}
# What the pages of the Django admin need besides (knowledgetree/adminsite.py): unfold has Alpine, which evaluates
# attributes, and style sheets within pages. Scripts within pages stay forbidden.
ADMIN_CONTENT_SECURITY_POLICY = {
    "script-src": ["'self'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
}

# neomodel uses the driver of tree/graph/connection.py; with a URL it would create its own.
NEOMODEL_NEO4J_BOLT_URL = None
NEOMODEL_SIGNALS = False

# Two clusters share this configuration: short jobs, and `sync` (Q_CLUSTER_NAME=sync) for one long job at a time.
# retry must exceed timeout * (1 + ceil((queue_limit + 1) / workers)), or a waiting job is started twice.
Q_CLUSTER = {
    "name": "knowledgetree",  # the same for both, because it signs jobs; Q_CLUSTER_NAME only selects the queue
    "label": "Jobs",
    "workers": 1,
    "queue_limit": 1,
    "bulk": 1,
    "timeout": 300,
    "retry": 1_000,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    # django-q would keep results as pickles in SQL, and whoever reads a pickle runs what somebody put into it. So they
    # go to the cache, signed, for a second; failures are kept as words (FailedJob).
    "cached": 1,
    "save_limit": -1,
    "poll": 1,
    "ALT_CLUSTERS": {"sync": {"timeout": 3600, "retry": 11_000}},  # apply if Q_CLUSTER_NAME is sync
}
_broker_url = redis_url(os.environ, "Q_BROKER_URL")
if _broker_url:
    Q_CLUSTER["redis"] = _broker_url
else:
    Q_CLUSTER["orm"] = "default"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}{request_mark}: {message}", "style": "{"}},
    "filters": {
        "short": {"()": "knowledgetree.log_lines.RefusalsInOneLine"},
        "request": {"()": "knowledgetree.log_lines.WithRequestId"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["short", "request"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "neo4j": {"level": "CRITICAL"},  # logs every retry; we log the final failure in one line
        "waitress.queue": {"level": "ERROR"},  # logs every request that waits for a thread
    },
}

ADMIN_MENU = {
    "Tree": {
        "Companies": ("apartment", "tree_company"), "Locations": ("location_on", "tree_location"),
        "People": ("person", "tree_user"), "Computers": ("computer", "tree_asset"),
        "Tickets": ("confirmation_number", "tree_ticket"),
        "Folders": ("folder", "tree_folder"), "Notes": ("description", "tree_note"),
        "Note templates": ("draft", "tree_notetemplate"), "Guidance for assistants": ("smart_toy", "tree_guidance"),
        "Searches without hits": ("search_off", "tree_missedsearch"),
    },
    "Syncs": {
        "Runs": ("sync", "syncing_syncrun"), "Changes": ("difference", "syncing_nodechange"),
        "Quarantine": ("report", "syncing_quarantinedrecord"), "Refused records": ("block", "syncing_refusedrecord"),
        "Paused companies": ("pause_circle", "syncing_pausedcompany"),
        "Schedules": ("schedule", "syncing_syncschedule"),
    },
    "Jobs": {
        "Queue": ("hourglass_top", "django_q_ormq"), "Failed": ("error", "syncing_failedjob"),
        "Scheduled": ("event_repeat", "django_q_schedule"),
    },
    "Accounts": {
        "Users": ("group", "auth_user"), "Groups": ("shield_person", "auth_group"),
        "Wrong passwords": ("lock_clock", "axes_accessattempt"),
    },
}  # fmt: skip
UNFOLD = {
    "SIDEBAR": {
        "show_search": False,
        "navigation": [
            {"items": [{"title": "Back to the tree", "icon": "arrow_back", "link": reverse_lazy("home")}]},
            *({
                "title": title,
                "separator": True,
                "items": [
                    {"title": name, "icon": icon, "link": reverse_lazy(f"admin:{model}_changelist")}
                    for name, (icon, model) in entries.items()
                ],
            }
            for title, entries in ADMIN_MENU.items()),
        ],
    },
    "SITE_TITLE": "KnowledgeTree",
    "SITE_HEADER": "KnowledgeTree",
    "SITE_URL": lambda _: reverse("home"),
    "SITE_ICON": lambda _: static("tree/icon.svg"),
    "SCRIPTS": [lambda _: static("tree/admin.js")],
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _: static("tree/icon.svg")}],
    "COLORS": {
        "primary": {
            "50": "#f0f8f4", "100": "#e2f1ea", "200": "#bfe3d2", "300": "#93d1b5", "400": "#5fc79b", "500": "#2f9a72",
            "600": "#17694c", "700": "#14573f", "800": "#114534", "900": "#0e382b", "950": "#071f17",
        }
    },
}  # fmt: skip

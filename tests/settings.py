"""Settings of the tests: those of the application, pointed at a folder and a Neo4j of their own.

pytest loads this first (``--ds=tests.settings`` in pyproject.toml), so that no test can reach what
``make run`` or the person at the keyboard has. Programs that a test starts inherit the same variables.
"""

from tests.isolation import isolate

isolate()

from knowledgetree.settings import *  # noqa: E402, F403

# A file, because the thread that keeps a run alive writes beside the tests, and so do programs that tests start.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": str(INSTANCE_DIR / "tests.sqlite3")}  # noqa: F405

INSTALLED_APPS = ["tests", *INSTALLED_APPS]  # noqa: F405 (the command `flush` of tests/management)

# Static files straight from the apps: there is no `collectstatic` before tests.
STORAGES["staticfiles"] = {"BACKEND": "knowledgetree.middleware.proxies.BelowPrefix"}  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405

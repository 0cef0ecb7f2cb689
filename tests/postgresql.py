"""The tests whose outcome depends on the SQL database, once more on a real PostgreSQL; the others have SQLite.

Starts a server of its own and throws it away afterwards:

    python -m tests.postgresql [arguments of pytest]
"""

import os
import signal
import sys
import tempfile
from pathlib import Path

from tests import sessions
from tests.services.exceptions import ServiceMissing
from tests.services.postgresql_server import postgresql


def main(arguments: list[str]) -> int:
    """The exit code of pytest."""
    with tempfile.TemporaryDirectory(prefix="knowledgetree-postgresql-") as folder, postgresql(Path(folder)) as url:
        os.environ["TESTS_DATABASE_URL"] = url
        return sessions.run("-m", "postgresql", *arguments)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(sys.argv[1:]))
    except ServiceMissing as error:
        sys.exit(str(error))

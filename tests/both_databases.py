"""All tests, with SQLite; then those whose outcome depends on the SQL database once more, with PostgreSQL.

Both sessions have the same Neo4js, which know their queries the second time:

    python -m tests.both_databases [-n WORKERS]
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import lending, postgresql
from tests.isolation import in_memory
from tests.services.exceptions import ServiceMissing


def main() -> int:
    """The exit code of the session that failed, or 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", dest="workers", type=int, default=3, help="how many tests run at a time (%(default)s)")
    workers = parser.parse_args().workers
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="knowledgetree-tests-", dir=in_memory()) as folder:
        neo4js = lending.installations(Path(folder), workers)
        with lending.launched(neo4js):
            os.environ.update(lending.environment(neo4js))
            command = [sys.executable, "-m", "pytest", "-n", str(workers)]
            failed = subprocess.run(command, check=False).returncode
            return failed or postgresql.main(["-n", str(workers)])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ServiceMissing as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)

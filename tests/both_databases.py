"""All tests, with SQLite; then those whose outcome depends on the SQL database once more, with PostgreSQL.

Both sessions are lent the same Neo4js, which know their queries the second time:

    python -m tests.both_databases [-n WORKERS]
"""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

from knowledgetree.launcher.neo4j_local.exceptions import LocalNeo4jError
from tests import lending, postgresql, sessions
from tests.isolation import in_memory
from tests.services.exceptions import ServiceMissing


def main() -> int:
    """The exit code of the session that failed, or 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", dest="workers", type=int, default=3, help="how many tests run at a time (%(default)s)")
    workers = parser.parse_args().workers
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="knowledgetree-tests-", dir=in_memory()) as folder:
        neo4js = lending.installations(Path(folder), max(workers, 1))
        with lending.launched(neo4js):
            os.environ.update(lending.environment(neo4js))
            return sessions.run("-n", str(workers)) or postgresql.main(["-n", str(workers)])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (LocalNeo4jError, ServiceMissing) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)

"""Fetch what the tests need and is not there yet, so that no test waits for it: ``python -m tests.services.fetch``."""

import sys

from knowledgetree.launcher.neo4j_local.exceptions import LocalNeo4jError
from tests.services.chromium import chromium
from tests.services.class_archive import class_archive
from tests.services.exceptions import ServiceMissing
from tests.services.neo4j_jars import fetched_jars


def main() -> None:
    try:
        class_archive(fetched_jars())
        chromium()
    except (LocalNeo4jError, ServiceMissing) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

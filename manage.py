#!/usr/bin/env python
"""Django's command line for KnowledgeTree."""

import os
import sys

OWNER_ONLY = 0o077  # what we write holds customers' mail and password hashes


def main() -> None:
    os.umask(OWNER_ONLY)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "knowledgetree.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db.utils import OperationalError, ProgrammingError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"KnowledgeTree cannot start: {error}")
    except (OperationalError, ProgrammingError) as error:
        sys.exit(
            f"The SQL database cannot be used: {str(error).strip()}. "
            "Is it running, and has `manage.py migrate` made its tables?"
        )
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()

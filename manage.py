#!/usr/bin/env python
"""Django's command line for KnowledgeTree."""

import gc
import os
import sys

GARBAGE_FROM = 10_000  # objects; at Python's 700, looking for garbage takes a tenth of the work of a sync
OWNER_ONLY = 0o077  # what we write holds customers' mail and password hashes


def main() -> None:
    os.umask(OWNER_ONLY)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "knowledgetree.settings")
    gc.disable()  # until all is loaded: it stays, so there is nothing to find
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import ManagementUtility
    from django.core.management.base import BaseCommand
    from django.db.utils import OperationalError, ProgrammingError

    class CommandLine(ManagementUtility):
        def fetch_command(self, subcommand: str) -> BaseCommand:
            command = super().fetch_command(subcommand)
            _look_for_garbage()
            return command

    try:
        CommandLine(sys.argv).execute()
    except ImproperlyConfigured as error:
        sys.exit(f"KnowledgeTree cannot start: {error}")
    except (OperationalError, ProgrammingError) as error:
        sys.exit(
            f"The SQL database cannot be used: {str(error).strip()}. "
            "Is it running, and has `manage.py migrate` made its tables?"
        )
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        gc.freeze()  # or Python looks at all that was loaded once more before it ends


def _look_for_garbage() -> None:
    """From now on, and not among what is loaded, which all stays."""
    gc.freeze()
    gc.set_threshold(GARBAGE_FROM)
    gc.enable()


if __name__ == "__main__":
    main()

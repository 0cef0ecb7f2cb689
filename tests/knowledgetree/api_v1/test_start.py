"""What the API needs is loaded by those who serve it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_commands_do_not_import_what_only_the_api_needs() -> None:
    """It would be a fifth of a second of each."""
    script = (
        "import sys, django; django.setup()\n"
        "import syncing.management.commands.sync_codex, tree.management.commands.setup_graph\n"
        "print(sorted({'ninja', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, check=True)
    assert done.stdout.split()[-1] == b"[]"

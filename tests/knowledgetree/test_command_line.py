"""``manage.py`` starts quickly, and what it starts may run for months."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from manage import GARBAGE_FROM


def test_commands_look_for_garbage(tmp_path: Path) -> None:
    """It is put off only until all is loaded; without it, the pages' process would grow for ever."""
    asked = "import gc; print(gc.isenabled(), gc.get_threshold()[0], gc.get_freeze_count() > 100_000)"
    told = _printed(tmp_path, "manage.py", "shell", "--no-imports", "-c", asked)
    assert told == ["True", str(GARBAGE_FROM), "True"]


def test_a_sync_does_not_load_what_only_pages_need(tmp_path: Path) -> None:
    """Cron starts one every few minutes."""
    script = (
        "import sys, django; django.setup()\n"
        "import syncing.management.commands.sync_codex, syncing.management.commands.sync_tickets\n"
        "print(sorted({'tree.queries', 'tree.pages', 'tree.api', 'tree.context'} & set(sys.modules)))"
    )
    assert _printed(tmp_path, "-c", script) == ["[]"]


def _printed(instance: Path, *arguments: str) -> list[str]:
    """The words that Python prints with these arguments."""
    own = os.environ | {"KNOWLEDGETREE_INSTANCE": str(instance), "DJANGO_SETTINGS_MODULE": "knowledgetree.settings"}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=own, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.split()

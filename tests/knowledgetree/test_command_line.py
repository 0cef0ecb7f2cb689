"""``manage.py`` starts quickly, and what it starts may run for months."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings


def test_commands_look_for_garbage(tmp_path: Path) -> None:
    """It is put off only until all is loaded; without it, the pages' process would grow for ever."""
    asked = "import gc; print(gc.isenabled(), gc.get_threshold()[0] > 0, gc.get_freeze_count() > 100_000)"
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", asked]
    own = os.environ | {"KNOWLEDGETREE_INSTANCE": str(tmp_path), "DJANGO_SETTINGS_MODULE": "knowledgetree.settings"}
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=own, stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "True"]


def test_a_sync_does_not_load_what_only_pages_ask(tmp_path: Path) -> None:
    """Cron starts one every few minutes."""
    script = (
        "import sys, django; django.setup()\n"
        "import syncing.management.commands.sync_codex, syncing.management.commands.sync_tickets\n"
        "print(sorted({'tree.queries', 'tree.pages', 'tree.api', 'tree.context'} & set(sys.modules)))"
    )
    own = os.environ | {"KNOWLEDGETREE_INSTANCE": str(tmp_path), "DJANGO_SETTINGS_MODULE": "knowledgetree.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=settings.BASE_DIR, env=own, stdout=subprocess.PIPE, text=True, check=True
    )
    assert done.stdout.split() == ["[]"]

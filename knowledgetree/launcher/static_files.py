"""Collection of static files, skipped unless one of them has changed."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

_UNUSED = ["redoc*"]  # the other page that django-ninja brings for the API's document; compressing it takes long


def collect_if_changed(stamp_file: Path) -> bool:
    """Run ``collectstatic`` unless ``stamp_file`` shows that no file has changed. Returns whether it ran."""
    stamp = _stamp()
    up_to_date = stamp_file.exists() and stamp_file.read_text(encoding="utf-8") == stamp
    if up_to_date and Path(settings.STATIC_ROOT).is_dir():
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0, ignore_patterns=_UNUSED)
    stamp_file.write_text(stamp, encoding="utf-8")
    return True


def _stamp() -> str:
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            file = Path(storage.path(path)).stat()
            digest.update(f"{path} {file.st_size} {file.st_mtime_ns}\n".encode())
    return digest.hexdigest()

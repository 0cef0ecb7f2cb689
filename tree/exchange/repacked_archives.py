"""The entries of a zip file by the names that the export gave them, also after other programs packed it again.

Macs add ``__MACOSX/``, ``.DS_Store`` and ``._…``, Windows writes backslashes, and both may put one more folder on top.
Only the letters of our own names decide anything; the names of notes are taken from their front matter.
"""

import zipfile
from collections.abc import Iterator

from tree.exchange.archive import MANIFEST

_LEFTOVERS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", "Desktop.ini", ".localized"})
_IS_SYMBOLIC_LINK, _FILE_TYPE = 0o120000, 0o170000


def entries(archive: zipfile.ZipFile) -> list[tuple[str, zipfile.ZipInfo]]:
    """(name, entry) of all that the export may have written, sorted by name; names are as the export wrote them."""
    found = [(info.filename.replace("\\", "/"), info) for info in archive.infolist() if not info.is_dir()]
    found = [(name, info) for name, info in found if name[-1:] != "/" and not _is_leftover(name)]
    top = _top_folder([name for name, _ in found])
    return sorted(((name.removeprefix(top), info) for name, info in found), key=lambda pair: pair[0])


def faults_of_name(name: str, info: zipfile.ZipInfo) -> Iterator[str]:
    """What is wrong with an entry, whatever is in it."""
    if ".." in name.split("/") or name.startswith("/"):
        yield "its name leads outside the archive"
    if (info.external_attr >> 16) & _FILE_TYPE == _IS_SYMBOLIC_LINK:
        yield "it is a symbolic link"


def _is_leftover(name: str) -> bool:
    parts = name.split("/")
    return "__MACOSX" in parts or parts[-1] in _LEFTOVERS or parts[-1].startswith("._")


def _top_folder(names: list[str]) -> str:
    """The one folder that holds everything, with its slash; empty if the manifest is at the top."""
    if MANIFEST in names:
        return ""
    tops = {name.partition("/")[0] for name in names}
    top = f"{tops.pop()}/" if len(tops) == 1 else ""
    return top if f"{top}{MANIFEST}" in names else ""

"""Office files with a password to open: an OLE container with the encrypted file in it ([MS-OFFCRYPTO] 1.3.3)."""

from pathlib import Path

import olefile

from tree.exceptions import FileRefused

SIGNATURE = olefile.MAGIC
_ENCRYPTED = {"EncryptedPackage", "EncryptionInfo"}
_DESCRIPTIONS = {"\x06DataSpaces", "\x05SummaryInformation", "\x05DocumentSummaryInformation"}
_BROKEN = (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, MemoryError, RecursionError)


def check_locked(path: Path, filename: str, extension: str) -> None:
    """Raises FileRefused unless the container holds an encrypted file and nothing else.

    Files of Office 97 to 2003 are such containers, too, and may hold macros.
    """
    try:
        with olefile.OleFileIO(str(path)) as container:
            entries = {entry[0] for entry in container.listdir(streams=True, storages=True)}
    except _BROKEN as error:
        raise FileRefused(f"“{filename}” is damaged: it cannot be opened.") from error
    if not _ENCRYPTED.issubset(entries):
        raise FileRefused(
            f"“{filename}” is not what its ending says: it is a file of an older Office program, which may hold "
            f"macros. Open it, save it as .{extension} and send that."
        )
    if entries - _ENCRYPTED - _DESCRIPTIONS:
        raise FileRefused(f"“{filename}” is two things at once: other content stands beside what the password locks.")

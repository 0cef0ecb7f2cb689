"""Display names of files. On disk, a file has a random name."""

import unicodedata

from tree.graph.validation import UNSEEN_CATEGORIES

MAX_BYTES = 200  # every file system allows it, with room for “ (1)”
_REPLACED = str.maketrans(dict.fromkeys('<>:"|?*/', "_"))  # not allowed on Windows
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}

# Programs, scripts, archives, and Office files with macros, as they may be hidden in other files.
_PROGRAMS = {
    "zip", "7z", "rar", "ace", "cab", "jar", "class", "iso", "vhd", "vhdx", "exe", "dll", "com", "scr", "pif",
    "cpl", "msi", "msp", "msix", "appx", "lnk", "jnlp", "chm", "bat", "cmd", "ps1", "psm1", "vbs", "vbe", "js",
    "jse", "hta", "wsf", "wsh", "sct", "reg", "docm", "dotm", "xlsm", "xltm", "xlsb", "xlam", "pptm", "potm",
    "ppsm", "ppam",
}  # fmt: skip


def clean_filename(sent: str) -> str:
    """The last part of a path without misleading or unsafe characters; never empty."""
    name = unicodedata.normalize("NFC", sent.replace("\\", "/").rpartition("/")[2])
    name = "".join(c for c in name if unicodedata.category(c) not in UNSEEN_CATEGORIES)
    name = " ".join(name.translate(_REPLACED).split()).strip(" .") or "file"
    if name.partition(".")[0].strip().lower() in _RESERVED:
        name = f"_{name}"
    stem, dot, extension = name.rpartition(".")
    if len(name.encode()) > MAX_BYTES:
        if not dot or len(extension.encode()) > 10:
            return _cut(name, MAX_BYTES)
        name = f"{_cut(stem, MAX_BYTES - 1 - len(extension.encode()))}.{extension}"
    return name


def extension_of(name: str) -> str:
    """The extension in lower case, without the dot; empty if there is none."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem else ""


def is_program(name: str) -> bool:
    """Whether a name within another file is that of a program, an archive or an Office file with macros."""
    return extension_of(name.strip(" .")) in _PROGRAMS


def with_extension(name: str, extension: str) -> str:
    """The name with its extension replaced."""
    return f"{name.rpartition('.')[0] or name}.{extension}"


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode("utf-8", "ignore").rstrip(" .")

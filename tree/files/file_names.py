"""Names of files as people see them. On disk a file has another name, which nobody chooses."""

import unicodedata

MAX_BYTES = 200  # what every file system takes, with room for “ (1)”
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_REPLACED = str.maketrans(dict.fromkeys('<>:"|?*/', "_"))  # Windows refuses them
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


def clean_filename(sent: str) -> str:
    """The last part of a path, without what misleads a reader or harms a disk; never empty."""
    name = unicodedata.normalize("NFC", sent.replace("\\", "/").rpartition("/")[2])
    name = "".join(c for c in name if unicodedata.category(c) not in _UNSEEN)
    name = " ".join(name.translate(_REPLACED).split()).strip(" .") or "file"
    if name.partition(".")[0].strip().lower() in _RESERVED:
        name = f"_{name}"
    stem, dot, ending = name.rpartition(".")
    if len(name.encode()) > MAX_BYTES:
        if not dot or len(ending.encode()) > 10:
            return _cut(name, MAX_BYTES)
        name = f"{_cut(stem, MAX_BYTES - 1 - len(ending.encode()))}.{ending}"
    return name


def ending_of(name: str) -> str:
    """What stands behind the last dot, in lower case; empty without a dot."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem else ""


def with_ending(name: str, ending: str) -> str:
    """The name with this ending instead of its own."""
    return f"{name.rpartition('.')[0] or name}.{ending}"


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode("utf-8", "ignore").rstrip(" .")

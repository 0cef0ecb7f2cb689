"""Integers in place of ids, for clients whose addresses take nothing else (Brainhair's ``/api/node/<integer>``).

A number is the id itself, read as hexadecimal digits behind a 1. Nothing is stored, and the same id always has the same
number, of 30 or 40 digits. Ids of other forms, the root's and those of the old application, have none.
"""

import re

_OF_CODEX = re.compile(r"[0-9a-f]{24}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST_DIGITS = 40


def number_of(uid: str) -> int | None:
    """The number of this id, None if it has none."""
    if _OF_CODEX.fullmatch(uid) or _UUID.fullmatch(uid):
        return int("1" + uid.replace("-", ""), 16)
    return None


def id_of(number: str) -> str | None:
    """The id that this number, in decimal digits, stands for; None if it stands for none."""
    if len(number) > _MOST_DIGITS or not (number.isascii() and number.isdecimal()):
        return None
    digits = f"{int(number):x}"
    if len(digits) == 25 and digits[0] == "1":
        return digits[1:]
    if len(digits) == 33 and digits[0] == "1":
        d = digits[1:]
        return f"{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:]}"
    return None

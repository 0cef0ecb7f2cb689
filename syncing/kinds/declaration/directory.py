"""Looks up a company's people by e-mail address or login, and its computers by hostname.

An address, login or hostname that two people or two computers share finds none of them.
"""

import re
from collections.abc import Iterable
from typing import TypeVar

from msgspec import Struct

Token = TypeVar("Token", str, bytes)
# In ASCII, punctuation becomes spaces and upper case becomes lower case.
_NO_WORD = bytes(byte for byte in range(128) if not (chr(byte).isalnum() or chr(byte) in "-_@"))
_TO_WORDS = bytes.maketrans(_NO_WORD, b" " * len(_NO_WORD)).translate(
    bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz")
)
# UTF-8 punctuation: Latin-1 with the no-break space; curly quotes, dashes and invisible characters; East Asian.
_SIGNS = re.compile(rb"\xc2[\x80-\xbf]|\xe2[\x80\x81].|\xe3\x80.|\xef\xbc[\x80-\x8f\x9a-\xa0]", re.DOTALL)
_TELLING = re.compile(rb"(?=.*[a-z\x80-\xff])(?=.*[0-9]).{4,}")


class People(Struct):
    """Finds people by e-mail address or login."""

    by_email: dict[str, str]
    by_login: dict[str, str]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str | None, Iterable[str]]]) -> "People":
        """From (key, e-mail, other e-mails)."""
        by_email: dict[str, str] = {}
        by_login: dict[str, str] = {}
        for key, email, others in rows:
            for address in (email or "", *others):
                _claim(by_email, address.strip().lower(), key)
            _claim(by_login, (email or "").partition("@")[0].strip().lower(), key)
        return cls(by_email, by_login)

    def or_former(self, former: "People") -> "People":
        """Add people who have left, unless a current person has the same address or login."""
        return People(former.by_email | self.by_email, former.by_login | self.by_login)

    def with_email(self, address: str | None) -> str | None:
        """The key of the one person who has this address; None when nobody has it, or several."""
        return self.by_email.get((address or "").strip().lower()) or None

    def with_login(self, login: str | None) -> str | None:
        """The key of the one person who logs in as ``jsmith``, ``ACME\\jsmith`` or ``jsmith@acme.example``, or None."""
        text = (login or "").strip().lower()
        if "@" in text:
            return self.by_email.get(text) or None
        return self.by_login.get(text.rpartition("\\")[2]) or None


class Computers(Struct):
    """Finds the computers that a text names.

    A hostname that may be an everyday word, like RECEPTION or FRONT-DESK, is ignored. A hostname counts if it has at
    least four characters, among them a letter and a digit.
    """

    by_hostname: dict[bytes, str]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str | None]]) -> "Computers":
        """From (key, hostname). Only the part before the first dot counts, as in ``dc01.acme.example``."""
        found: dict[bytes, str] = {}
        for key, hostname in rows:
            words = _words((hostname or "").partition(".")[0])
            if len(words) == 1 and _TELLING.fullmatch(words[0]):
                _claim(found, words[0], key)
        return cls(found)

    def or_former(self, former: "Computers") -> "Computers":
        """Add computers that were removed, unless a current computer has the same hostname."""
        return Computers(former.by_hostname | self.by_hostname)

    def named_in(self, text: str) -> set[str]:
        """The keys of the computers whose hostname is a word of this text or HTML, in upper or lower case."""
        if not self.by_hostname:
            return set()
        return {self.by_hostname[word] for word in self.by_hostname.keys() & _words(text)} - {""}


def _words(text: str) -> list[bytes]:
    """The words of a text, as bytes, which Python splits several times faster than text."""
    encoded = text.encode() if text.isascii() else _SIGNS.sub(b" ", text.casefold().encode(errors="replace"))
    return encoded.translate(_TO_WORDS).split()


def _claim(owners: dict[Token, str], name: Token, key: str) -> None:
    if name:
        owners[name] = key if owners.get(name, key) == key else ""

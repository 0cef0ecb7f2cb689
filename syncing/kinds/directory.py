"""A company's directory: whom or what an e-mail address, a login or a hostname means there.

What fits two people or two computers fits none of them.
"""

import re
from collections.abc import Iterable
from typing import TypeVar

from msgspec import Struct

Token = TypeVar("Token", str, bytes)
# Of ASCII, signs become blanks and capitals small letters.
_NO_WORD = bytes(byte for byte in range(128) if not (chr(byte).isalnum() or chr(byte) in "-_@"))
_TO_WORDS = bytes.maketrans(_NO_WORD, b" " * len(_NO_WORD)).translate(
    bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz")
)
# In UTF-8: signs of Latin-1, with the no-break space; curly quotes, dashes and what is invisible; East Asian signs.
_SIGNS = re.compile(rb"\xc2[\x80-\xbf]|\xe2[\x80\x81].|\xe3\x80.|\xef\xbc[\x80-\x8f\x9a-\xa0]", re.DOTALL)
_TELLING = re.compile(rb"(?=.*[a-z\x80-\xff])(?=.*[0-9]).{4,}")


class People(Struct):
    """Who can be meant by an e-mail address or a login."""

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
        """Also those who left, where nobody who is there has the address or login."""
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
    """Which computers a text can name.

    A hostname that may be an everyday word, like RECEPTION or FRONT-DESK, names none. One is telling that has at least
    four characters, a letter and a digit among them.
    """

    by_hostname: dict[bytes, str]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str | None]]) -> "Computers":
        """From (key, hostname); of ``dc01.acme.example`` the name before the first dot."""
        found: dict[bytes, str] = {}
        for key, hostname in rows:
            words = _words((hostname or "").partition(".")[0])
            if len(words) == 1 and _TELLING.fullmatch(words[0]):
                _claim(found, words[0], key)
        return cls(found)

    def or_former(self, former: "Computers") -> "Computers":
        """Also those that left, where none that is there has the hostname."""
        return Computers(former.by_hostname | self.by_hostname)

    def named_in(self, text: str) -> set[str]:
        """The keys of the computers whose hostname is a word of this text or HTML, in capitals or not."""
        if not self.by_hostname:
            return set()
        return {self.by_hostname[word] for word in self.by_hostname.keys() & _words(text)} - {""}


def _words(text: str) -> list[bytes]:
    """In bytes, of which Python makes words several times faster."""
    encoded = text.encode() if text.isascii() else _SIGNS.sub(b" ", text.casefold().encode(errors="replace"))
    return encoded.translate(_TO_WORDS).split()


def _claim(owners: dict[Token, str], name: Token, key: str) -> None:
    if name:
        owners[name] = key if owners.get(name, key) == key else ""

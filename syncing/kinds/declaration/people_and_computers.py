"""Looks up a company's people by e-mail address or login, and its computers by hostname.

An address, login or hostname that two people or two computers share finds none of them.
"""

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import TypeVar
from urllib.parse import unquote

from ahocorasick_rs import BytesAhoCorasick
from msgspec import Struct

Token = TypeVar("Token", str, bytes)
# In ASCII, punctuation becomes spaces and upper case becomes lower case.
_NO_WORD = bytes(byte for byte in range(128) if not (chr(byte).isalnum() or chr(byte) in "-_@"))
_TO_WORDS = bytes.maketrans(_NO_WORD, b" " * len(_NO_WORD)).translate(
    bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz")
)
# UTF-8 punctuation: Latin-1 with the no-break space; curly quotes, dashes and invisible characters; East Asian.
_SIGNS = re.compile(rb"\xc2[\x80-\xbf]|\xe2[\x80\x81].|\xe3\x80.|\xef\xbc[\x80-\x8f\x9a-\xa0]", re.DOTALL)
# ``Ana Kim <ana@acme.example>``, ``<mailto:ana@acme.example>``: what stands in the last brackets.
_IN_BRACKETS = re.compile(r"<\s*+(?:mailto:|smtp:)?\s*+([^<>\s@]{1,200}@[^<>\s@]{1,255})\s*>")
_BEFORE_COMMENT = re.compile(r"([^\s()]{1,500})\s*\([^()]*\)")  # ``ana@acme.example (Ana Kim)``
_TELLING = re.compile(rb"(?=.*[a-z\x80-\xff])(?=.*[0-9]).{4,}")


@lru_cache(maxsize=8192)
def address_of(text: str) -> str:
    """The e-mail address of a sender, in lower case; any other text without blanks around it.

    ``ana@acme.example``, ``Ana Kim <ana@acme.example>``, ``"Kim, Ana" <ana@acme.example>``,
    ``mailto:ana@acme.example``, ``ana@acme.example (Ana Kim)``. The forms are those of RFC 5322 and 6068;
    Outlook also writes names with a comma and no quotes.
    """
    text = text.strip().lower()
    if "<" in text:
        found = _IN_BRACKETS.findall(text)
        return str(found[-1]) if found else text
    if text.startswith(("mailto:", "smtp:")):
        text = unquote(text.partition(":")[2].partition("?")[0]).strip()
    if text.endswith(")") and (comment := _BEFORE_COMMENT.fullmatch(text)):
        text = comment[1]
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


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
                _claim(by_email, address_of(address), key)
            _claim(by_login, address_of(email or "").partition("@")[0], key)
        return cls(by_email, by_login)

    def or_former(self, former: "People") -> "People":
        """Add people who have left, unless a current person has the same address or login."""
        return People(former.by_email | self.by_email, former.by_login | self.by_login)

    def with_email(self, address: str | None) -> str | None:
        """The key of the one person who has this address, in any form that ``address_of`` knows.

        None when nobody has it, or several.
        """
        return self.by_email.get(address_of(address or "")) or None

    def with_login(self, login: str | None) -> str | None:
        """The key of the one person who logs in as ``jsmith``, ``ACME\\jsmith`` or ``jsmith@acme.example``, or None."""
        text = (login or "").strip().lower()
        if "@" in text:
            return self.by_email.get(text) or None
        return self.by_login.get(text.rpartition("\\")[2]) or None


class Computers(Struct, dict=True):
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
        found = self._hostnames.find_matches_as_indexes(b" %b " % _spaced(text), overlapping=True)
        return {self._keys[place] for place, _, _ in found} - {""}

    @cached_property
    def _hostnames(self) -> BytesAhoCorasick:
        """Finds them between spaces, in one pass; splitting each text into words took seven times as long."""
        return BytesAhoCorasick(b" %b " % hostname for hostname in self.by_hostname)

    @cached_property
    def _keys(self) -> list[str]:
        return list(self.by_hostname.values())


def _words(text: str) -> list[bytes]:
    return _spaced(text).split()


def _spaced(text: str) -> bytes:
    """The words of a text in lower case with spaces between, as bytes, which Python handles several times faster."""
    encoded = text.encode() if text.isascii() else _SIGNS.sub(b" ", text.casefold().encode(errors="replace"))
    return encoded.translate(_TO_WORDS)


def _claim(owners: dict[Token, str], name: Token, key: str) -> None:
    if name:
        owners[name] = key if owners.get(name, key) == key else ""

"""How people type: with slips, from the middle, in another order or script."""

import random
import unicodedata

_AS_AE = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa"})
_KEYS = "abcdefghijklmnopqrstuvwxyz"


def typo(rng: random.Random, text: str, times: int = 1) -> str:
    """The text with so many letters replaced, left out, doubled or swapped with the next; never the first one."""
    for _ in range(times):
        letters = [place for place in range(1, len(text) - 1) if text[place].isalnum() and text[place + 1].isalnum()]
        place = rng.choice(letters)
        one, two = text[place], text[place + 1]
        other = rng.choice(_KEYS) if one.isalpha() else str((int(one) + rng.randrange(1, 9)) % 10)
        slip = rng.choice((other + two, two, one + one + two, two + one if one != two else other + two))
        text = text[:place] + slip + text[place + 2 :]
    return text


def plain(text: str) -> str:
    """In lower case, without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c)).replace("ø", "o")


def joined(text: str) -> str:
    """Only the letters and digits, plain."""
    return "".join(filter(str.isalnum, plain(text)))


def as_ae(text: str) -> str:
    """With umlauts as two letters, as they are typed on a keyboard without them."""
    written = text.lower().translate(_AS_AE)
    return "".join(c for c in unicodedata.normalize("NFKD", written) if not unicodedata.combining(c))


def digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text))

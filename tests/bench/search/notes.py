"""Notes and files of staff for what the sample Codex does not have: MACs, IPv6, languages, file names, camel case.

Each note lies below one client, and its words, made up from a seed, stand in no other note unless its sort says so.
"""

import random
from dataclasses import dataclass

NOTES_OF_A_SORT = 70
SHARED_TITLES = ("Backup rotation", "Door codes", "Scanner setup", "Vendor contacts", "Firewall rules")
_SYLLABLES = ("ba", "do", "ka", "lu", "mi", "no", "pe", "ra", "si", "ta", "ve", "zu", "fo", "gri", "sto", "lan")
_FRENCH = ("imprimante", "onduleur", "écran", "antenne", "armoire", "horloge", "intranet", "annuaire", "archive")
_PLURALS = ("printer", "switch", "battery", "license", "mailbox", "policy", "router", "address", "entry", "key")
_HAN = "東京大阪支店本社倉庫会計財務人事総務営業技術開発製造物流管理監視設備電源通信回線契約更新保守点検"
_KATAKANA = "プリンタサーバネットワークルータモニタキボドケブルバックアップデスク"
_HANGUL = ("서버", "프린터", "백업", "네트워크", "보안", "계정", "라우터", "장비", "창고", "회계", "지점", "모니터")
_HEBREW = "אבגדהוזחטילמנסעפצקרשת"
_ARABIC = "ابتثجحخدرزسشصضطعغفقكلمنهوي"
_NIKUD, _HARAKAT = "\u05b0\u05b4\u05b7\u05b8", "\u064e\u064f\u0650\u0652"


@dataclass(frozen=True)
class Note:
    """What is written: ``sort`` says what is special about it, ``word`` what of it somebody remembers."""

    sort: str
    word: str
    name: str
    content: str
    filename: str = ""


def notes(seed: int) -> list[Note]:
    """The same notes for the same seed."""
    rng = random.Random(f"notes/{seed}")  # noqa: S311 made-up words, no secrets
    sorts = (_mac, _ipv6, _host_text, _underscored, _camel, _file, _phrase, _shared, _french, _plural)
    scripts = (_han, _kana, _hangul, _hebrew, _arabic)
    made = [make(rng) for make in (*sorts, *scripts) for _ in range(NOTES_OF_A_SORT)]
    rng.shuffle(made)
    return made


def word(rng: random.Random, syllables: int = 3) -> str:
    return "".join(rng.choice(_SYLLABLES) for _ in range(syllables))


def _text(rng: random.Random, *lines: str) -> str:
    return "\n\n".join([f"# {word(rng, 4).title()}", *lines, f"See also the notes of {word(rng, 4)}."])


def _mac(rng: random.Random) -> Note:
    pairs = [f"{rng.randrange(256):02x}" for _ in range(6)]
    written = (
        ":".join(pairs),
        "-".join(pairs).upper(),
        "".join(pairs),
        ".".join("".join(pairs)[i : i + 4] for i in (0, 4, 8)),
    )
    name = f"Switch port {word(rng)}"
    return Note("mac", "".join(pairs), name, _text(rng, f"- MAC: {rng.choice(written)}", "- Port: 12"))


def _ipv6(rng: random.Random) -> Note:
    address = f"2001:db8:{rng.randrange(1, 0xFFFF):x}:{rng.randrange(1, 0xFFFF):x}::{rng.randrange(1, 0xFFFF):x}"
    return Note("ipv6", address, f"Uplink {word(rng)}", _text(rng, f"Address: {address} on the outer side"))


def _host_text(rng: random.Random) -> Note:
    host = f"{word(rng, 2)}-{rng.choice(('nas', 'ups', 'cam'))}-{rng.randrange(100, 999)}"
    return Note("host in a text", host, f"Rack {word(rng)}", _text(rng, f"The device {host.upper()} is on the left."))


def _underscored(rng: random.Random) -> Note:
    parts = word(rng), word(rng), word(rng, 2)
    return Note("underscored", parts[1], "_".join(parts), _text(rng, "A script."))


def _camel(rng: random.Random) -> Note:
    parts = word(rng).title(), word(rng).title()
    return Note("camel", parts[1], f"Rule {word(rng)}", _text(rng, f"The group policy is named {''.join(parts)}."))


def _file(rng: random.Random) -> Note:
    one, two = word(rng), word(rng)
    ending = rng.choice(("pdf", "docx", "xlsx"))
    filename = f"{one}_{two.title()}-v{rng.randrange(1, 9)}.{ending}"
    return Note("file", filename, f"Papers {word(rng)}", _text(rng, "The scan is attached."), filename)


def _phrase(rng: random.Random) -> Note:
    words = [word(rng, 2) for _ in range(6)]
    return Note("phrase", " ".join(words[1:4]), f"Talk {word(rng)}", _text(rng, f"They said: {' '.join(words)}."))


def _shared(rng: random.Random) -> Note:
    title = rng.choice(SHARED_TITLES)
    return Note("shared", title, f"{title} {rng.randrange(10**6)}", _text(rng, "As agreed with the client."))


def _french(rng: random.Random) -> Note:
    noun, other = rng.choice(_FRENCH), word(rng)
    elided = rng.choice(("l'", "d'", "l’"))
    return Note(
        "french",
        f"{noun} {other}",
        f"Consigne {word(rng)}",
        _text(rng, f"Redémarrer {elided}{noun} du bureau {other}."),
    )


def _plural(rng: random.Random) -> Note:
    noun, other = rng.choice(_PLURALS), word(rng)
    return Note("plural", f"{noun} {other}", f"Hint {word(rng)}", _text(rng, f"About each {noun} in room {other}."))


def _han(rng: random.Random) -> Note:
    run = "".join(rng.choice(_HAN) for _ in range(4))
    return Note("han", run, f"メモ {word(rng)}", _text(rng, f"これは{run}の設定です。"))


def _kana(rng: random.Random) -> Note:
    run = "".join(rng.choice(_KATAKANA) for _ in range(6))
    return Note("kana", run, f"Memo {word(rng)}", _text(rng, f"新しい{run}を使う。"))


def _hangul(rng: random.Random) -> Note:
    two, number = rng.sample(_HANGUL, 2), rng.randrange(100, 999)
    return Note(
        "hangul",
        f"{two[0]}{two[1]} {number}",
        f"Memo {word(rng)}",
        _text(rng, f"새 {two[0]}{two[1]}를 {number} 호실에 두었다."),
    )


def _hebrew(rng: random.Random) -> Note:
    letters = "".join(rng.choice(_HEBREW) for _ in range(6))
    marked = "".join(c + rng.choice(_NIKUD) for c in letters)
    return Note("hebrew", letters, f"Memo {word(rng)}", _text(rng, f"{marked} \u200fבמשרד"))


def _arabic(rng: random.Random) -> Note:
    letters = "".join(rng.choice(_ARABIC) for _ in range(6))
    marked = "".join(c + rng.choice(_HARAKAT) for c in letters)
    return Note("arabic", letters, f"Memo {word(rng)}", _text(rng, f"{marked} \u200fفي المكتب"))

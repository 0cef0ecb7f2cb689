"""Queries as users would type them, each with the records that are right; the same for the same seed and graph.

Where several records are equally right, such as namesakes, any of them counts. Where more than MOST_RIGHT are, nobody
could say which was meant, and the query is left out, except in classes that ask for a whole group (a subnet).
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from rapidfuzz.distance import OSA

from tests.bench.search.notes import Note
from tests.bench.search.records import Record, Records, right_of, words
from tests.bench.search.typing import as_ae, joined, plain, typo

MOST_RIGHT = 5
_TRIES = 60  # drawn records for each wanted query, before a class is taken for exhausted
_LETTERS = 3


@dataclass(frozen=True)
class Case:
    """``right``: ids of the right nodes. ``group``: so many of the first hits must be right; 0 where one will do."""

    sort: str
    text: str
    right: frozenset[str]
    group: int = 0


Draw = Callable[[random.Random, Records], tuple[str, Sequence[Record]] | None]
_DRAWS: dict[str, tuple[Draw, bool]] = {}


def cases(records: Records, seed: int, of_a_sort: int) -> list[Case]:
    """About so many queries of each sort."""
    found = [case for sort in _DRAWS for case in _of(sort, records, seed, of_a_sort)]
    return found + list(_of_notes(records, seed, of_a_sort))


def _of(sort: str, records: Records, seed: int, wanted: int) -> Iterator[Case]:
    draw, is_group = _DRAWS[sort]
    rng = random.Random(f"{sort}/{seed}")  # noqa: S311 made-up queries, no secrets
    seen: set[str] = set()
    for _ in range(_TRIES * wanted):
        drawn = draw(rng, records)
        if drawn is None or drawn[0] in seen or not (len(drawn[1]) > 0 and (is_group or len(drawn[1]) <= MOST_RIGHT)):
            continue
        seen.add(drawn[0])
        yield Case(sort, drawn[0], right_of(drawn[1]), len(drawn[1]) if is_group else 0)
        if len(seen) == wanted:
            return


def _sort(name: str, is_group: bool = False) -> Callable[[Draw], Draw]:
    def register(draw: Draw) -> Draw:
        _DRAWS[name] = (draw, is_group)
        return draw

    return register


# Phones


def _phone(rng: random.Random, records: Records) -> str:
    return rng.choice(rng.choice(records.callable).phones)


def _ending(records: Records, end: str) -> list[Record]:
    return [record for record in records.callable if any(phone.endswith(end) for phone in record.phones)]


@_sort("phone: all digits")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]]:
    phone = _phone(rng, records)
    return phone, _ending(records, phone[-10:])


@_sort("phone: last 10")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]]:
    end = _phone(rng, records)[-10:]
    return end, _ending(records, end)


@_sort("phone: last 7")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]]:
    end = _phone(rng, records)[-7:]
    return rng.choice((end, f"{end[:3]}-{end[3:]}")), _ending(records, end)


@_sort("phone: last 4 to 6")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]]:
    end = _phone(rng, records)[-rng.randrange(4, 7) :]
    tickets = [ticket for ticket in records.tickets if ticket.value("ticket_number") == end]
    return end, [*_ending(records, end), *tickets]


@_sort("phone: dots, country, extension")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]]:
    end = _phone(rng, records)[-10:]
    area, middle, last = end[:3], end[3:6], end[6:]
    forms = ("{}.{}.{}", "+1 ({}) {}-{}", "{}-{}-{} ext. 12", "+1 {} {} {} x7", "001{}{}{}")
    return rng.choice(forms).format(area, middle, last), _ending(records, end)


# Addresses


def _address(rng: random.Random, records: Records) -> str:
    return rng.choice([one for one in rng.choices(records.computers, k=20) if one.value("int_ip_address")]).value(
        "int_ip_address"
    )


def _in_network(records: Records, beginning: str) -> list[Record]:
    return [one for one in records.computers if one.value("int_ip_address").startswith(beginning)]


@_sort("IP: whole")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]]:
    address = _address(rng, records)
    return address, [one for one in records.computers if one.value("int_ip_address") == address]


@_sort("IP: first parts", is_group=True)
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]]:
    network = _address(rng, records).rpartition(".")[0]
    return rng.choice((network, f"{network}.")), _in_network(records, f"{network}.")


@_sort("IP: network with star", is_group=True)
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]]:
    network = _address(rng, records).rpartition(".")[0]
    return f"{network}.*", _in_network(records, f"{network}.")


@_sort("IP: /24", is_group=True)
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]]:
    network = _address(rng, records).rpartition(".")[0]
    return f"{network}.0/24", _in_network(records, f"{network}.")


@_sort("IP: range", is_group=True)
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]]:
    network, _, last = _address(rng, records).rpartition(".")
    first, end = int(last), min(255, int(last) + rng.randrange(3, 9))
    inside = [
        one
        for one in _in_network(records, f"{network}.")
        if first <= int(one.value("int_ip_address").rpartition(".")[2]) <= end
    ]
    return rng.choice((f"{network}.{first}-{end}", f"{network}.{first} - {network}.{end}")), inside


# Computers


def _host(rng: random.Random, records: Records) -> str:
    return rng.choice(records.computers).value("hostname")


def _hosts(records: Records, fits: Callable[[str], bool]) -> list[Record]:
    return [one for one in records.computers if fits(one.joined_name)]


@_sort("host: whole")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]]:
    host = _host(rng, records)
    return rng.choice((host, host.lower())), _hosts(records, joined(host).__eq__)


@_sort("host: without hyphens")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]] | None:
    host = _host(rng, records)
    return (joined(host), _hosts(records, joined(host).__eq__)) if "-" in host else None


@_sort("host: beginning", is_group=True)
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]] | None:
    host = _host(rng, records)
    begin = host[: max(6, len(host) - rng.randrange(1, 3))].strip("-_ ")
    right = _hosts(records, lambda name: name.startswith(joined(begin)))
    return (begin.lower(), right) if len(words(begin)) > 1 and len(right) <= 40 else None


@_sort("host: middle", is_group=True)
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]] | None:
    host = joined(_host(rng, records))
    if len(host) < 8:
        return None
    part = host[2 : 2 + rng.randrange(5, 7)]
    return part, _hosts(records, lambda name: part in name)


@_sort("host: part after a hyphen", is_group=True)
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]] | None:
    part = _host(rng, records).rpartition("-")[2]
    if not part.isalnum() or len(part) < 5:
        return None
    return part, _hosts(records, lambda name: joined(part) in name)


@_sort("host: a typo")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]] | None:
    host = _host(rng, records)
    if len(joined(host)) < 7 or not host.isascii():
        return None
    typed = typo(rng, host.lower())
    return typed, _nearest(records.computers, joined(typed), lambda one: one.joined_name)


# People


def _person(rng: random.Random, records: Records) -> Record:
    return rng.choice(records.people)


def _two_names(rng: random.Random, records: Records) -> tuple[str, str] | None:
    names = _person(rng, records).name.split()
    return (names[0], names[1]) if len(names) == 2 and all(len(name) >= _LETTERS for name in names) else None


def _named(records: Records, *names: str) -> list[Record]:
    wanted = set(words(" ".join(names)))
    return [one for one in records.people if wanted <= set(one.plain_words)]


@_sort("person: whole name")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]]:
    name = _person(rng, records).name
    return name, [one for one in records.people if one.plain_words == tuple(words(name))]


@_sort("person: swapped")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]] | None:
    names = _two_names(rng, records)
    return names and (rng.choice(("{1} {0}", "{1}, {0}")).format(*names).lower(), _named(records, *names))


@_sort("person: while typing", is_group=True)
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]] | None:
    names = _two_names(rng, records)
    if not names:
        return None
    begin = words(names[1])[0][:3]
    first = words(names[0])[0]
    right = [
        one for one in records.people if first in one.plain_words and any(w.startswith(begin) for w in one.plain_words)
    ]
    return f"{first} {begin}", right


@_sort("person: first name and client")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]] | None:
    person = _person(rng, records)
    first, client = words(person.name)[0], records.company_of[person.account]
    whole = words(client.name)
    if len(first) < _LETTERS or not whole or first in whole:
        return None
    typed = " ".join(rng.choice((whole, whole[:1])))
    accounts = {one.account for one in records.companies if words(one.name)[: len(typed.split())] == typed.split()}
    right = [one for one in records.people if one.account in accounts and first in one.plain_words]
    return (f"{first} {typed}", right) if len(typed) >= 4 else None


@_sort("person: a typo")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]] | None:
    return _person_with_slips(rng, records, 1)


@_sort("person: two typos")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]] | None:
    return _person_with_slips(rng, records, 2)


def _person_with_slips(rng: random.Random, records: Records, times: int) -> tuple[str, Sequence[Record]] | None:
    names = _two_names(rng, records)
    if not names or len(names[1]) < 4 + times:
        return None
    typed = f"{plain(names[0])} {typo(rng, plain(names[1]), times)}"
    return typed, _nearest(records.people, typed, lambda one: " ".join(one.plain_words))


@_sort("person: ä as ae")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]] | None:
    person = _person(rng, records)
    if as_ae(person.name) == plain(person.name):
        return None
    typed = as_ae(person.name)
    return typed, [one for one in records.people if as_ae(one.name) == typed]


@_sort("person: e-mail")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]]:
    mail = _person(rng, records).value("email").lower()
    return mail, [one for one in records.people if mail in _mails(one)]


@_sort("person: before the @")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]]:
    local = _person(rng, records).value("email").lower().partition("@")[0]
    return local, [one for one in records.people if local in {mail.partition("@")[0] for mail in _mails(one)}]


def _mails(person: Record) -> set[str]:
    return {mail.lower() for mail in (person.value("email"), *(person.properties.get("secondary_emails") or ()))}


# Tickets, companies


@_sort("ticket: number")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]]:
    number = rng.choice(records.tickets).value("ticket_number")
    right = [one for one in records.tickets if one.value("ticket_number") == number]
    return number, [*right, *_ending(records, number)]


@_sort("ticket: number with #")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]]:
    number = rng.choice(records.tickets).value("ticket_number")
    typed = rng.choice(("#{}", "# {}", "Ticket #{}")).format(number)
    return typed, [one for one in records.tickets if one.value("ticket_number") == number]


@_sort("ticket: words of the subject", is_group=True)
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]] | None:
    own = [one for one in rng.choice(records.tickets).plain_words if len(one) >= 3]
    if len(own) < 3:
        return None
    typed = rng.sample(own, 3)
    return " ".join(typed), [one for one in records.tickets if set(typed) <= set(one.plain_words)]


@_sort("ticket: subject and client", is_group=True)
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]] | None:
    ticket = rng.choice(records.tickets)
    client = records.company_of.get(ticket.account)
    own = [one for one in ticket.plain_words if len(one) >= 5]
    whole = words(client.name) if client else []
    if len(own) < 2 or not whole or set(own[:2]) & set(whole):
        return None
    accounts = {one.account for one in records.companies if words(one.name) == whole}
    right = [one for one in records.tickets if one.account in accounts and set(own[:2]) <= set(one.plain_words)]
    return " ".join((*own[:2], *whole)), right


@_sort("client: name")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]]:
    name = rng.choice(records.companies).name
    return rng.choice((name, name.lower())), [one for one in records.companies if words(one.name) == words(name)]


@_sort("client: beginning of the name", is_group=True)
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]] | None:
    name = rng.choice(records.companies).plain_words
    if not name or len(name[0]) < 5:
        return None
    begin = name[0][:4]
    return begin, [one for one in records.companies if any(word.startswith(begin) for word in one.plain_words)]


@_sort("client: account number")
def _(rng: random.Random, records: Records) -> tuple[str, Sequence[Record]]:
    client = rng.choice(records.companies)
    return client.account.lower(), [client]


# Notes


def _of_notes(records: Records, seed: int, wanted: int) -> Iterator[Case]:
    rng = random.Random(f"notes/{seed}")  # noqa: S311
    made: dict[str, int] = {}
    for uid, (note, account) in records.notes.items():
        for sort, typed in _typed_for(rng, note.sort, note.word, note.filename):
            client = records.company_of[account]
            text = f"{typed} {' '.join(words(client.name))}" if sort == "note: word and client" else typed
            right = _equal(records, note.sort, note.word, typed, words(client.name) if text != typed else None) | {uid}
            if text.strip() and len(right) <= MOST_RIGHT and made.get(sort, 0) < wanted:
                made[sort] = made.get(sort, 0) + 1
                yield Case(sort, text, frozenset(right))


def _equal(records: Records, sort: str, word: str, typed: str, client: list[str] | None) -> set[str]:
    """Other notes for which the typed text is as right: it stands in what is special about them, or in their names."""
    whole = joined(typed)
    return {
        uid
        for uid, (note, account) in records.notes.items()
        if ((note.sort == sort and note.word == word) or _has(note, whole, is_any=client is None))
        and (client is None or words(records.company_of[account].name) == client)
    }


def _has(note: Note, whole: str, *, is_any: bool) -> bool:
    special = (note.word, note.filename, note.name, *(note.content.split() if is_any else ()))
    return any(whole in joined(text) for text in special)


def _typed_for(rng: random.Random, sort: str, word: str, filename: str) -> Iterator[tuple[str, str]]:
    pairs = [word[place : place + 2] for place in range(0, len(word), 2)]
    if sort == "mac":
        forms = (":".join(pairs), "-".join(pairs), word.upper(), ".".join((word[:4], word[4:8], word[8:])))
        yield "MAC: any writing", rng.choice(forms)
        yield "MAC: its end", rng.choice((":".join(pairs[3:]), "".join(pairs[3:]), "-".join(pairs[3:]).upper()))
    elif sort == "file":
        yield "file: name", filename
        yield "file: a part", rng.choice((filename.partition("_")[0], filename.partition("_")[2].partition("-")[0]))
    elif sort in ("french", "plural"):
        noun, other = word.split()
        yield f"note: {sort}", f"{_as_plural(noun) if sort == 'plural' else noun} {other}"
    elif sort == "shared":
        yield "note: word and client", word.split(maxsplit=1)[0].lower()
    elif sort == "phrase":
        yield "note: phrase", f'"{word}"'
    elif sort == "ipv6":
        yield "note: ipv6", rng.choice((word, word.upper(), ip_address(word).exploded))
    elif sort == "kana":
        yield "note: kana", rng.choice((word, word[1:5]))
    elif sort in ("hebrew", "arabic"):
        yield f"note: {sort}", rng.choice((word, f"\u200f{word}"))
    else:
        yield f"note: {sort}", word.lower()


def _as_plural(noun: str) -> str:
    if noun.endswith(("x", "s", "ch")):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{noun}s"


def _nearest(records: Sequence[Record], typed: str, of: Callable[[Record], str]) -> list[Record]:
    """The records that differ from the typed text by the fewest slips."""
    found = [(OSA.distance(typed, of(record), score_cutoff=2), record) for record in records]
    least = min(slips for slips, _ in found)
    return [record for slips, record in found if slips == least < 3]

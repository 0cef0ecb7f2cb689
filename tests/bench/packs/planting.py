"""Plants facts in known places of a tree from the sample Codex, and asks for them: the same for the same seed.

Each class of questions has its facts in a place of its own. Those in BY_WORDS are reached by no edge from the node that
is asked about: only words lead there, so that the set does not favour a pack that follows edges.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations, islice
from typing import Any

from tests.bench.search.notes import word
from tree import operations
from tree.graph.connection import read, write
from tree.graph.search_keys import search_properties
from tree.vocabulary import ROOT_ID

AUTHOR = "bench-packs"
_STANDARD = "standard-77411"
NOISE = 25  # notes of each client that answer nothing
BY_WORDS = (
    "error code in a runbook",
    "same fault at a colleague",
    "host named in a note elsewhere",
    "ending of one like it",
)
_COMPANIES = "MATCH (c:Company) WHERE c.archived_at IS NULL RETURN c.id AS id, c.name AS name ORDER BY c.id"
_TICKETS = """
MATCH (c:Company {id: $id})-[:PARENT_OF]->(:Folder)-[:PARENT_OF]->(t:Ticket) WHERE t.archived_at IS NULL
OPTIONAL MATCH (t)-[:REQUESTED_BY]->(u:User)
OPTIONAL MATCH (t)-[:MENTIONS]->(a:Asset)
WITH t, head(collect(u)) AS u, head(collect(a)) AS a ORDER BY t.id
RETURN t {.*, is_closed: t.closed_at IS NOT NULL} AS ticket, u {.id, .mobile_phone_number} AS person,
  a {.id, .hostname, .int_ip_address} AS device
"""
_DEVICES = """
MATCH (c:Company {id: $id})-[:PARENT_OF]->(:Folder)-[:PARENT_OF]->(a:Asset)-[:USED_BY]->(u:User)
WHERE a.archived_at IS NULL AND u.mobile_phone_number IS NOT NULL
RETURN a {.id, .hostname, .int_ip_address} AS device, u {.id, .name, .mobile_phone_number} AS person ORDER BY a.id
"""
_CHANGE = "MATCH (n:ContextItem {id: $id}) SET n += $properties"


@dataclass(frozen=True)
class Question:
    """``gold``: strings that a good pack has. ``stale``: what they were before, which it must not have."""

    sort: str
    target: str
    text: str
    company: str
    gold: tuple[str, ...]
    stale: tuple[str, ...] = ()


@dataclass
class Planted:
    """The questions, and every string that only one client may see, with the client."""

    questions: list[Question] = field(default_factory=list)
    private: dict[str, str] = field(default_factory=dict)
    of_tickets: set[str] = field(default_factory=set)


@dataclass
class _Client:
    uid: str
    name: str
    tickets: list[dict[str, Any]]
    devices: list[dict[str, Any]]
    rng: random.Random
    planted: Planted

    def fact(self, *, is_private: bool = True) -> str:
        """A string that stands nowhere else."""
        text = f"{word(self.rng)}-{self.rng.randrange(10_000, 99_999)}"
        if is_private:
            self.planted.private[text] = self.uid
        return text

    def take(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
        """A ticket that no other question is about."""
        found = next((one for one in self.tickets if wanted(one)), None)
        if found is not None:
            self.tickets.remove(found)
        return found

    def any_ticket(self) -> dict[str, Any] | None:
        return self.take(lambda one: not one["ticket"]["is_closed"])


def plant(seed: int, clients: int, of_a_sort: int) -> Planted:
    """Write the facts below so many clients, and return the questions: ``of_a_sort`` of each sort and client."""
    planted = Planted()
    shared = {name: operations.create_folder(ROOT_ID, name, author=AUTHOR) for name in ("Runbooks", "Racks", "Rules")}
    standards = operations.create_folder(ROOT_ID, "Standards", author=AUTHOR)
    _change(standards, is_attached=True)
    operations.create_note(standards, "Passwords", f"Every password has {_STANDARD}.", author=AUTHOR)
    companies = read(_COMPANIES)
    random.Random(f"clients/{seed}").shuffle(companies)  # noqa: S311 made-up facts, no secrets
    for company in companies[:clients]:
        rng = random.Random(f"{company['id']}/{seed}")  # noqa: S311
        client = _Client(
            company["id"],
            company["name"],
            read(_TICKETS, id=company["id"]),
            read(_DEVICES, id=company["id"]),
            rng,
            planted,
        )
        for number in range(NOISE):
            operations.create_note(client.uid, f"{word(rng, 5).title()} {number}", _noise(rng, 12), author=AUTHOR)
        network = operations.create_folder(client.uid, "Network", author=AUTHOR)
        places = _Places(network, standards, **{name.lower(): uid for name, uid in shared.items()})
        for sort in _SORTS.values():
            planted.questions += islice(filter(None, (sort(client, places) for _ in range(2 * of_a_sort))), of_a_sort)
    return planted


@dataclass(frozen=True)
class _Places:
    network: str
    standards: str
    runbooks: str
    racks: str
    rules: str


_Sort = Callable[[_Client, _Places], Question | None]
_SORTS: dict[str, _Sort] = {}


def _sort(name: str) -> Callable[[_Sort], _Sort]:
    def register(sort: _Sort) -> _Sort:
        _SORTS[name] = sort
        return sort

    return register


@_sort("computer that was replaced")
def _replaced(client: _Client, places: _Places) -> Question | None:
    pairs = combinations(client.devices, 2)
    old, new = next((pair for pair in pairs if pair[0]["person"]["id"] == pair[1]["person"]["id"]), (None, None))
    if old is None or new is None:
        return None
    client.devices.remove(old)
    client.devices.remove(new)
    both = (old["device"]["id"], new["device"]["id"])
    client.tickets = [one for one in client.tickets if not one["device"] or one["device"]["id"] not in both]
    gold, stale = (
        f"10.{client.rng.randrange(60, 250)}.{client.rng.randrange(250)}.{client.rng.randrange(250)}" for _ in "12"
    )
    _change(old["device"]["id"], int_ip_address=stale, archived_at="2026-01-01T00:00:00+00:00")
    _change(new["device"]["id"], int_ip_address=gold)
    text = f"Which address has the computer of {old['person']['name']}?"
    return Question("computer that was replaced", old["person"]["id"], text, client.uid, (gold,), (stale,))


@_sort("phone of the requester")
def _phone(client: _Client, places: _Places) -> Question | None:
    found = client.take(lambda one: one["person"] and one["person"]["mobile_phone_number"])
    if not found:
        return None
    text = f"How do I reach {found['ticket'].get('requester_name')}?"
    return _asked("phone of the requester", found, client, text, found["person"]["mobile_phone_number"])


@_sort("address of the computer")
def _address(client: _Client, places: _Places) -> Question | None:
    found = client.take(lambda one: one["device"] and one["device"]["int_ip_address"])
    if not found:
        return None
    text = f"Which IP address has {found['device']['hostname']}?"
    return _asked("address of the computer", found, client, text, found["device"]["int_ip_address"])


@_sort("note two levels below the client")
def _gateway(client: _Client, places: _Places) -> Question | None:
    found, gold = client.any_ticket(), client.fact()
    if not found:
        return None
    sort = "note two levels below the client"
    name = f"Remote access {word(client.rng, 5)}"
    operations.create_note(places.network, name, _around(client.rng, f"The VPN gateway is {gold}."), author=AUTHOR)
    return _asked(sort, found, client, f"Which VPN gateway has {client.name}?", gold)


@_sort("rule in a linked note")
def _rule(client: _Client, places: _Places) -> Question | None:
    found, gold = client.any_ticket(), client.fact(is_private=False)
    if not found:
        return None
    rule = operations.create_note(
        places.rules, f"Rule {word(client.rng, 5)}", _around(client.rng, f"Ask {gold} before you start."), author=AUTHOR
    )
    operations.create_note(
        client.uid, f"Changes {word(client.rng, 5)}", f"Follow [the rule](/node/{rule}/).\n\n{_noise(client.rng, 3)}",
        author=AUTHOR,
    )  # fmt: skip
    return _asked("rule in a linked note", found, client, "Whom do I ask before a change?", gold)


@_sort("ending of one like it")
def _ending(client: _Client, places: _Places) -> Question | None:
    found = client.any_ticket()
    before = client.take(lambda one: one["ticket"]["is_closed"])
    if not found or not before:
        return None
    gold, what = client.fact(), f"{word(client.rng)} {word(client.rng)} {word(client.rng, 2)}"
    client.planted.of_tickets.add(gold)
    _rewrite(found["ticket"], f"The {what} shows an error", f"Since today the {what} shows an error.")
    _rewrite(
        before["ticket"], f"Error on the {what}", f"The {what} shows an error again.",
        notes=f"Solved with {gold}; nothing else helped.",
    )  # fmt: skip
    return _asked("ending of one like it", found, client, f"How did we fix the error of the {what} last time?", gold)


@_sort("warning on the client")
def _warning(client: _Client, places: _Places) -> Question | None:
    found, gold = client.any_ticket(), client.fact()
    if not found:
        return None
    uid = operations.create_note(client.uid, f"Never {word(client.rng, 5)}", f"Never without {gold}.", author=AUTHOR)
    _change(uid, is_warning=True)
    return _asked("warning on the client", found, client, "What must I never do there?", gold)


@_sort("person of an address")
def _person(client: _Client, places: _Places) -> Question | None:
    if not client.devices:
        return None
    found = client.devices.pop(0)
    text = f"Whom do I call about {found['device']['int_ip_address']}?"
    gold = (found["person"]["mobile_phone_number"],)
    return Question("person of an address", found["device"]["id"], text, client.uid, gold)


@_sort("same fault at a colleague")
def _colleague(client: _Client, places: _Places) -> Question | None:
    found, other = client.any_ticket(), client.any_ticket()
    if not found or not other:
        return None
    gold, code = client.fact(), f"E{client.rng.randrange(10**5, 10**6)}x"
    client.planted.of_tickets.add(gold)
    _rewrite(found["ticket"], "Cannot work", f"The screen says {code} and nothing opens.")
    _rewrite(other["ticket"], "Please call me", f"There is {code} again.", notes=f"It went away with {gold}.")
    return _asked("same fault at a colleague", found, client, f"Who else has {code}, and what helped?", gold)


@_sort("host named in a note elsewhere")
def _host(client: _Client, places: _Places) -> Question | None:
    found = client.take(lambda one: one["device"] and "-" in (one["device"]["hostname"] or ""))
    if not found:
        return None
    gold, host = client.fact(is_private=False), found["device"]["hostname"]
    operations.create_note(
        places.racks, f"Rack {word(client.rng, 5)}", _around(client.rng, f"{host} hangs on {gold}."), author=AUTHOR
    )
    return _asked("host named in a note elsewhere", found, client, f"What does {host} hang on?", gold)


@_sort("fact that has changed")
def _changed(client: _Client, places: _Places) -> Question | None:
    found, gold, stale = client.any_ticket(), client.fact(), client.fact()
    if not found:
        return None
    name = f"Provider {word(client.rng, 5)}"
    uid = operations.create_note(client.uid, name, f"The line is {stale}.", author=AUTHOR)
    operations.save(uid, content=f"The line is {gold}.\n\n{_noise(client.rng, 2)}", author=AUTHOR)
    text = "Which line does the provider have?"
    return Question("fact that has changed", found["ticket"]["id"], text, client.uid, (gold,), (stale,))


@_sort("error code in a runbook")
def _runbook(client: _Client, places: _Places) -> Question | None:
    found = client.any_ticket()
    if not found:
        return None
    gold, code = client.fact(is_private=False), f"0x8{client.rng.randrange(10**6, 10**7)}"
    _rewrite(found["ticket"], "Update fails", f"The update ends with {code} since yesterday.")
    operations.create_note(
        places.runbooks, f"Repair {word(client.rng, 5)}", _around(client.rng, f"For {code}, run {gold}."), author=AUTHOR
    )
    return _asked("error code in a runbook", found, client, f"What helps against {code}?", gold)


@_sort("standard in an attached folder")
def _standard(client: _Client, places: _Places) -> Question | None:
    found = client.any_ticket()
    if not found:
        return None
    return _asked("standard in an attached folder", found, client, "Which rule holds for passwords?", _STANDARD)


@_sort("note on the person")
def _on_person(client: _Client, places: _Places) -> Question | None:
    found, gold = client.take(lambda one: bool(one["person"])), client.fact()
    if not found:
        return None
    name = f"How to treat {word(client.rng, 5)}"
    operations.create_note(found["person"]["id"], name, f"Call only on {gold}.", author=AUTHOR)
    return _asked("note on the person", found, client, "When may I call the requester?", gold)


def _asked(sort: str, found: dict[str, Any], client: _Client, text: str, gold: str) -> Question:
    return Question(sort, found["ticket"]["id"], text, client.uid, (gold,))


def _rewrite(ticket: dict[str, Any], subject: str, description: str, notes: str = "") -> None:
    """Give a ticket another subject and text, as if Codex had it so."""
    parts = [f"# Ticket #{ticket.get('ticket_number')}: {subject}", "## Description", description]
    if notes:
        parts += ["## Internal notes", "### tess@msp.example · 2026-05-01 10:00 UTC", notes]
    properties = {**ticket, "subject": subject, "content": "\n\n".join(parts) + "\n"}
    keys = search_properties("Ticket", properties)
    _change(ticket["id"], subject=subject, content=properties["content"], **keys)


def _change(uid: str, **properties: Any) -> None:
    write(lambda transaction: transaction.run(_CHANGE, id=uid, properties=properties).consume())


def _around(rng: random.Random, fact: str) -> str:
    """A note of some length with the fact in one of its paragraphs."""
    paragraphs = _noise(rng, 6).split("\n\n")
    paragraphs.insert(rng.randrange(1, len(paragraphs)), fact)
    return "\n\n".join(paragraphs)


def _noise(rng: random.Random, paragraphs: int) -> str:
    """Text of no use. Every third paragraph has a code of its own, as facts have."""
    return "\n\n".join(_paragraph(rng, has_code=number % 3 == 0) for number in range(paragraphs))


def _paragraph(rng: random.Random, *, has_code: bool) -> str:
    words = [word(rng, 2) for _ in range(12)]
    if has_code:
        words[rng.randrange(12)] = f"{word(rng)}-{rng.randrange(10_000, 99_999)}"
    return " ".join(words).capitalize() + "."

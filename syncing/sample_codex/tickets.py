"""Generates the tickets of one account, with requester, e-mails and notes composed from ``stories``."""

import random
import re
from datetime import datetime, timedelta
from html import escape

from syncing.sample_codex import names, stories
from syncing.sample_codex.records import Contact, InternalNote, Message, Ticket
from syncing.sample_codex.stories import Topic
from syncing.sample_codex.words import drop_one, pick, stamp
from syncing.sample_codex.world import Account

THREE_YEARS = 3 * 365 * 24 * 60  # minutes
UNKNOWN_ACCOUNT = "999999-GONE"
TABLE = (
    "<table><tr><th>Computer</th><th>Where</th><th>Error</th></tr>"
    "<tr><td>{{host}}</td><td>{{place}}</td><td>{{code}}</td></tr></table>"
)
QUOTE = '<blockquote type="cite"><p>On Monday {{who}} wrote:</p><p>{first}<br>{second}</p></blockquote>'
IMAGE = stories.IMAGE.replace("{", "{{").replace("}", "}}")
# Filled in twice: with sentences, then (double braces) with the facts that the sentences speak of.
LAYOUTS = (
    "<p>{opening}</p><p>{first} {second}</p><p>{thanks}</p>",
    "<p>{opening}</p><ul><li>{one}</li><li>{two}</li></ul><p>{first}</p>",
    "<p>{opening}</p><p><b>What we tried:</b></p><ol><li>{one}</li><li>{two}</li></ol><p>{thanks}</p>",
    "<div>{opening}</div>" + TABLE + "<div>{first}</div>",
    "<div>{opening}<br>{first}<br>{second}<br><br>{thanks}</div>",
    "<p>{opening}</p>" + QUOTE,
    "<p>{opening}</p><p>" + IMAGE + "</p><p>{first} <em>{one}</em></p>",
    "{opening}\n\n{first} {second}\n\n- {one}\n- {two}\n\n{thanks}",
)
TAG, BLANK_LINES = re.compile(r"<[^<>]*+>"), re.compile(r"\n{3,}")


def tickets(rng: random.Random, before: int, count: int, account: Account, now: datetime) -> list[Ticket]:
    """``count`` tickets with the ids after ``before``."""
    hosts = [asset.hostname for asset in account.assets] or ["the PC"]
    people = [contact.name for contact in account.contacts] or ["somebody"]
    made = []
    for number in range(before + 1, before + count + 1):
        facts = {
            "host": pick(rng, hosts),
            "who": pick(rng, people),
            "place": pick(rng, stories.PLACES),
            "number": str(int(rng.random() * 9000) + 100),
            "code": f"0x{int(rng.random() * 0xFFFFFF):06X}",
        }
        ticket = _ticket(rng, number, account.contacts, facts, now)
        drop_one(ticket, number, every=6)
        made.append(ticket)
    return made


def loose_tickets(rng: random.Random, before: int, account: Account, now: datetime) -> list[tuple[str | None, Ticket]]:
    """Four tickets without a company and one of a company that Codex does not list."""
    owners = (None, None, UNKNOWN_ACCOUNT, None, None)
    return list(zip(owners, tickets(rng, before, len(owners), account, now), strict=True))


def _ticket(rng: random.Random, number: int, contacts: list[Contact], facts: dict[str, str], now: datetime) -> Ticket:
    topic = pick(rng, stories.TOPICS)
    status = pick(rng, stories.VENDOR_STATUSES if number % 23 == 5 else stories.STATUSES)
    created = now - timedelta(seconds=60 * int(rng.random() * THREE_YEARS) + 17)
    # Whole minutes, so that some tickets share the moment of their last update.
    updated = min(now, created + timedelta(seconds=43, minutes=int(rng.random() ** 4 * 30_000)))
    email, name = _requester(rng, contacts)
    html, text = _description(rng, number, topic, facts)
    return Ticket(
        ticket_id=number,
        ticket_number=str(10_000 + number),
        subject=pick(rng, topic.subjects).format_map(facts),
        description=html,
        description_text=text,
        status=status,
        priority=pick(rng, stories.PRIORITIES),
        requester_email=email,
        requester_name=name,
        created_at=stamp(rng, created),
        last_updated_at=stamp(rng, updated),
        closed_at=stamp(rng, updated) if status in ("closed", "resolved") else None,
        total_hours_spent=int(rng.random() ** 2 * 20) / 4,
        conversations=_conversation(rng, number, topic, facts, email=email, created=created),
        notes=_notes(rng, number, facts, created),
    )


def _requester(rng: random.Random, contacts: list[Contact]) -> tuple[str, str]:
    if not contacts or rng.random() < 0.08:
        return "sales@vendor.example", "Vendor Sales"
    contact = pick(rng, contacts)
    chance = rng.random()
    if chance < 0.1:
        return contact.email.upper(), contact.name
    if chance < 0.3 and contact.secondary_emails and contact.secondary_emails != "[]":
        return contact.secondary_emails.strip('[]"'), contact.name
    return contact.email, contact.name


def _description(rng: random.Random, number: int, topic: Topic, facts: dict[str, str]) -> tuple[str, str]:
    """The description as HTML (one in eight: as text), and the text of it."""
    parts = {
        "opening": pick(rng, topic.openings),
        "first": pick(rng, topic.details[:2]),
        "second": pick(rng, topic.details[2:]),
        "one": pick(rng, topic.tried[:2]),
        "two": pick(rng, topic.tried[2:]),
        "thanks": pick(rng, stories.THANKS),
    }
    layout = LAYOUTS[number % len(LAYOUTS)]
    filled = layout.format_map(parts)
    text = BLANK_LINES.sub("\n\n", TAG.sub("\n", filled)).strip().format_map(facts)
    if not layout.startswith("<"):
        return filled.format_map(facts), text
    safe = {**facts, "host": escape(facts["host"]), "who": escape(facts["who"])}
    return filled.replace("\n", "<br>").format_map(safe), text


def _conversation(
    rng: random.Random, number: int, topic: Topic, facts: dict[str, str], *, email: str, created: datetime
) -> list[Message]:
    messages = []
    for turn in range(int(rng.random() * 4)):
        created += timedelta(minutes=1 + int(rng.random() * 600))
        incoming = turn % 2 == 1
        sentence = pick(rng, topic.details if incoming else topic.fixes if turn else topic.replies).format_map(facts)
        body = sentence if incoming else f"<p>{escape(sentence, quote=False)}</p>"
        if (number + turn) % 9 == 0:
            body += f"<p>See {stories.LINK.format_map(facts)}.</p>"
        message = Message(email if incoming else pick(rng, names.TECHNICIANS), stamp(rng, created), body, incoming)
        drop_one(message, number + turn, every=11)
        messages.append(message)
    return messages


def _notes(rng: random.Random, number: int, facts: dict[str, str], created: datetime) -> list[InternalNote]:
    if rng.random() > 0.3:
        return []
    body = pick(rng, stories.NOTES).format_map(facts)
    note = InternalNote(pick(rng, names.TECHNICIANS), stamp(rng, created + timedelta(hours=1)), body)
    drop_one(note, number, every=13)
    return [note]

"""The made-up records: the same for the same seed, and as awkward as real ones."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from datetime import date

import msgspec
import pytest

from syncing.sample_codex import names, records
from syncing.sample_codex.generate import WorldOptions, generate
from syncing.sample_codex.records import nullable
from syncing.sample_codex.world import Account, World


@pytest.fixture(scope="module")
def world() -> World:
    return generate(WorldOptions())


def encoded(world: World) -> bytes:
    return msgspec.json.encode([list(world.accounts.values()), world.loose_tickets])


def every(world: World) -> dict[type, list[msgspec.Struct]]:
    accounts = list(world.accounts.values())
    tickets = [ticket for account in accounts for ticket in account.tickets]
    return {
        records.Company: [account.company for account in accounts],
        records.Contact: [contact for account in accounts for contact in account.contacts],
        records.Asset: [asset for account in accounts for asset in account.assets],
        records.Location: [location for account in accounts for location in account.locations],
        records.Ticket: list(tickets),
        records.Message: [message for ticket in tickets for message in ticket.conversations or []],
        records.InternalNote: [note for ticket in tickets for note in ticket.notes or []],
    }


KINDS = (
    records.Company,
    records.Contact,
    records.Asset,
    records.Location,
    records.Ticket,
    records.Message,
    records.InternalNote,
)


def test_the_same_seed_gives_the_same_bytes() -> None:
    options = WorldOptions(companies=4, contacts=7, assets=7, tickets=20)

    assert encoded(generate(options)) == encoded(generate(options))


def test_another_seed_or_day_gives_other_records() -> None:
    worlds = [
        WorldOptions(4, 7, 7, 20),
        WorldOptions(4, 7, 7, 20, seed=2),
        WorldOptions(4, 7, 7, 20, as_of=date(2025, 1, 1)),
    ]

    assert len({encoded(generate(options)) for options in worlds}) == 3


def test_a_larger_world_begins_with_the_same_companies() -> None:
    small, large = (generate(WorldOptions(companies, 5, 5, 5)) for companies in (3, 6))

    assert list(large.accounts.values())[:3] == list(small.accounts.values())


def test_there_are_as_many_as_asked_for(world: World) -> None:
    assert world.counts() == {
        "companies": 20,
        "contacts": 800,
        "assets": 1200,
        "tickets": 4000,
        "loose_tickets": 5,
    }


@pytest.mark.parametrize("options", [WorldOptions(0, 0, 0, 0), WorldOptions(3, 0, 0, 9), WorldOptions(2, 1, 1, 1)])
def test_tiny_worlds_hold_together(options: WorldOptions) -> None:
    counts = generate(options).counts()

    assert counts["contacts"] == options.companies * options.contacts
    assert counts["tickets"] == options.companies * options.tickets


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in KINDS for name in nullable(kind)])
def test_every_nullable_field_is_null_somewhere_and_not_everywhere(
    world: World, kind: type[msgspec.Struct], name: str
) -> None:
    nulls = {getattr(record, name) is None for record in every(world)[kind]}

    assert nulls == {True, False}


@pytest.mark.parametrize("kind", KINDS)
def test_no_other_field_is_ever_null(world: World, kind: type[msgspec.Struct]) -> None:
    for record in every(world)[kind]:
        for name in records.ALWAYS[kind]:
            assert getattr(record, name) is not None


def test_ids_are_unique_but_for_contacts_of_two_companies(world: World) -> None:
    everything = every(world)
    assets = Counter(asset.id for asset in everything[records.Asset] if isinstance(asset, records.Asset))
    tickets = Counter(ticket.ticket_id for _, ticket in world.tickets())
    contacts = Counter(c.id for account in world.accounts.values() for c in account.contacts)

    assert max(assets.values()) == max(tickets.values()) == 1
    assert set(contacts.values()) == {1, 2}


def test_company_names_are_awkward(world: World) -> None:
    names_ = [account.company.name for account in world.accounts.values()]

    for sign in ("/", "\\", '"', "'", "ü", "☕", "ש"):
        assert any(sign in name for name in names_), sign
    assert any(name != name.strip() for name in names_)
    assert Counter(names_)[names.NAMESAKE_COMPANY] == 2


def test_account_numbers_are_digits_some_with_letters_or_leading_zeros(world: World) -> None:
    numbers = list(world.accounts)

    assert any(number.isdecimal() for number in numbers)
    assert any(re.fullmatch(r"[A-Z]{3}-\d+", number) for number in numbers)
    assert any(number.startswith("00") for number in numbers)


def test_all_companies_of_a_large_world_have_numbers_and_domains_of_their_own() -> None:
    world = generate(WorldOptions(companies=500, contacts=1, assets=0, tickets=0))
    emails = Counter(account.contacts[0].email for account in world.accounts.values())

    assert len(world.accounts) == 500
    assert max(emails.values()) == 1


def test_contacts_are_awkward(world: World) -> None:
    account = first(world)
    contacts = [contact for account in world.accounts.values() for contact in account.contacts]

    assert account.contacts[2].name == account.contacts[3].name
    assert account.contacts[2].email != account.contacts[3].email
    assert set(names.AWKWARD_CONTACTS) <= {contact.name for contact in contacts}
    assert any(contact.email != contact.email.lower() for contact in contacts)
    for contact in contacts:
        assert contact.secondary_emails is None or isinstance(json.loads(contact.secondary_emails), list)


def test_hostnames_are_shared_even_inside_a_company(world: World) -> None:
    hostnames = [asset.hostname for asset in first(world).assets]
    everywhere = Counter(asset.hostname for account in world.accounts.values() for asset in account.assets)

    assert max(Counter(hostnames).values()) > 1
    assert everywhere["DC01"] > 2
    assert set(names.AWKWARD_HOSTNAMES) <= set(everywhere)


def test_the_last_user_comes_in_three_forms_and_is_mostly_a_contact(world: World) -> None:
    forms: Counter[str] = Counter()
    known = 0
    users = []
    for account in world.accounts.values():
        logins = {contact.email.lower().partition("@")[0] for contact in account.contacts}
        for asset in account.assets:
            user = asset.last_logged_in_user
            if user:
                users.append(user)
                forms["mail" if "@" in user else "domain" if "\\" in user else "login"] += 1
                known += user.lower().rpartition("\\")[2].partition("@")[0] in logins

    assert min(forms["mail"], forms["domain"], forms["login"]) > 100
    assert 0.8 < known / len(users) < 1


def test_sizes_and_domains_have_both_shapes(world: World) -> None:
    accounts = list(world.accounts.values())
    sizes = {type(asset.backup_usage_tb) for account in accounts for asset in account.assets}
    domains = [account.company.domains for account in accounts if account.company.domains]

    assert sizes == {str, float, type(None)}
    assert any(text.startswith("[") and json.loads(text) for text in domains)
    assert any(", " in text and not text.startswith("[") for text in domains)


def test_requesters_are_mostly_contacts(world: World) -> None:
    counts: Counter[str] = Counter()
    for account in world.accounts.values():
        emails = {contact.email for contact in account.contacts}
        folded = {email.lower() for email in emails}
        secondary = {mail for c in account.contacts for mail in json.loads(c.secondary_emails or "[]")}
        for ticket in account.tickets:
            counts[requester_kind(ticket.requester_email, emails, folded, secondary)] += 1

    assert counts["exact"] > 2500
    assert min(counts[kind] for kind in ("other case", "secondary", "unknown", "none")) > 10


def requester_kind(email: str | None, emails: set[str], folded: set[str], secondary: set[str]) -> str:
    if email is None:
        return "none"
    if email in emails:
        return "exact"
    if email.lower() in folded:
        return "other case"
    return "secondary" if email in secondary else "unknown"


def test_times_come_with_and_without_a_zone_and_some_updates_coincide(world: World) -> None:
    times = [ticket.last_updated_at for _, ticket in world.tickets() if ticket.last_updated_at]

    for ending in ("Z", "+00:00"):
        assert any(time.endswith(ending) for time in times)
    assert any(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", time) for time in times)
    assert max(Counter(times).values()) > 1
    assert max(times) < "2026-06-30T12:01"


def test_descriptions_are_varied_html_and_sometimes_text(world: World) -> None:
    descriptions = [ticket.description or "" for _, ticket in world.tickets()]

    for tag in ("<p>", "<ul>", "<ol>", "<table>", "<b>", "<br>", "<blockquote", "<img "):
        assert any(tag in text for text in descriptions), tag
    assert any("<a href=" in (m.body or "") for _, ticket in world.tickets() for m in ticket.conversations or [])
    assert any(text and "<" not in text for text in descriptions)
    assert len(set(descriptions)) > len(descriptions) * 0.8
    assert not [text for text in descriptions if re.search(r"\{\w*\}", text)]


def test_a_ticket_is_about_a_kilobyte(world: World) -> None:
    size = len(msgspec.json.encode([ticket for _, ticket in world.tickets()]))

    assert 800 < size / 4005 < 1300


def test_some_tickets_have_no_company_and_one_an_unknown_one(world: World) -> None:
    owners = [owner for owner, _ in world.loose_tickets]

    assert owners.count(None) == 4
    assert [owner for owner in owners if owner and owner not in world.accounts] == ["999999-GONE"]


def first(world: World) -> Account:
    return next(iter(world.accounts.values()))


def test_statuses_include_a_vendors_own(world: World) -> None:
    statuses = values(ticket.status for _, ticket in world.tickets())

    assert {"open", "pending", "resolved", "closed", "waiting_customer", "on_hold", "Awaiting Parts"} <= statuses


def values(found: Iterable[str | None]) -> set[str]:
    return {value for value in found if value}

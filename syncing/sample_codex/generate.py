"""Generates a world from a seed; the same options give exactly the same records."""

import json
import random
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as time_of_day

from syncing.sample_codex import names
from syncing.sample_codex.records import Asset, Company, Contact, Location
from syncing.sample_codex.tickets import loose_tickets, tickets
from syncing.sample_codex.words import drop_one, pick, stamp
from syncing.sample_codex.world import Account, World

GIGABYTE = 10**9


@dataclass(frozen=True)
class WorldOptions:
    """The size of a world; contacts, assets and tickets are per company. All times are before ``as_of``."""

    companies: int = 20
    contacts: int = 40
    assets: int = 60
    tickets: int = 200
    seed: int = 1
    as_of: date = date(2026, 6, 30)


def generate(options: WorldOptions) -> World:
    """Every account gets its own random numbers, so a world with more companies begins with the same ones."""
    world = World(now=datetime.combine(options.as_of, time_of_day(12)))
    previous: Account | None = None
    for index in range(options.companies):
        rng = random.Random(f"{options.seed}/{index}")  # noqa: S311 made-up records, no secrets
        company = _company(rng, index, options)
        account = Account(company)
        domain = _domain(company.name, index)
        account.contacts = _contacts(rng, index, domain, options.contacts, previous)
        account.assets = _assets(rng, index, domain, count=options.assets, contacts=account.contacts, now=world.now)
        account.locations = _locations(rng, index)
        account.tickets = tickets(rng, index * options.tickets, options.tickets, account, world.now)
        world.accounts[company.account_number] = previous = account
    if previous and options.tickets:
        rng = random.Random(f"{options.seed}/loose")  # noqa: S311
        world.loose_tickets = loose_tickets(rng, options.companies * options.tickets, previous, world.now)
    return world


# Companies


def _company(rng: random.Random, index: int, options: WorldOptions) -> Company:
    name = _company_name(index)
    domain = _domain(name, index)
    start = options.as_of - timedelta(days=rng.randrange(200, 3000))
    company = Company(
        account_number=_account_number(name, index, options.seed),
        name=name,
        description=pick(rng, names.DESCRIPTIONS) if index % 2 else None,
        compliance_level=("standard", "hipaa", "standard", "cjis")[index % 4],
        billing_plan=pick(rng, names.PLANS),
        contract_term_length=pick(rng, names.TERMS),
        contract_start_date=start.isoformat(),
        contract_end_date=(start + timedelta(days=1095)).isoformat(),
        support_level=pick(rng, names.SUPPORT_LEVELS),
        profit_or_non_profit="Non-Profit" if index % 7 == 6 else "For Profit",
        company_main_number=_phone(rng),
        company_start_date=(start - timedelta(days=rng.randrange(400))).isoformat(),
        domains=f"{domain}, mail.{domain}" if index % 3 == 2 else json.dumps([domain, f"www.{domain}"]),
        phone_system=pick(rng, names.PHONE_SYSTEMS),
        email_system=pick(rng, names.EMAIL_SYSTEMS),
    )
    drop_one(company, index, every=1)
    return company


def _company_name(index: int) -> str:
    if index in (0, 2):
        return names.NAMESAKE_COMPANY
    if index % 3 == 1 and index // 3 < len(names.AWKWARD_COMPANIES):
        return names.AWKWARD_COMPANIES[index // 3]
    words, trades = names.COMPANY_WORDS, names.COMPANY_TRADES
    lap, place = divmod(index * 1237, len(words) * len(trades))  # 1237 shares no factor: no name twice in a lap
    name = f"{words[place % len(words)]} {trades[place // len(words)]}"
    return name if index < len(words) * len(trades) else f"{name} {lap}"


def _account_number(name: str, index: int, seed: int) -> str:
    number = 100_000 + (seed * 7919 + index * 2311) % 899_999
    if index % 5 == 4:
        return f"{(_ascii(name) + 'XYZ')[:3].upper()}-{number}"
    return f"00{number}" if index % 11 == 3 else str(number)


def _domain(name: str, index: int) -> str:
    word = _ascii(name)[:24] or "client"
    return f"{word}{index if index == 2 or word == 'client' else ''}.example"


def _locations(rng: random.Random, index: int) -> list[Location]:
    locations = []
    for number in range(1 + index % 3):
        address = f"{rng.randrange(1, 9999)} {pick(rng, names.STREETS)}, {pick(rng, names.CITIES)}"
        location = Location(index * 3 + number + 1, names.OFFICES[(index + number) % 7], address, _phone(rng))
        drop_one(location, location.id, every=4)
        locations.append(location)
    return locations


# Contacts


def _contacts(rng: random.Random, index: int, domain: str, count: int, previous: Account | None) -> list[Contact]:
    contacts: list[Contact] = []
    taken: set[str] = set()
    shared = previous.contacts[0] if previous and previous.contacts and index % 3 == 1 and count >= 3 else None
    for number in range(count - 1 if shared else count):
        name = _contact_name(rng, index, index * count + number, contacts)
        login = _login(name, taken)
        contact = Contact(
            id=index * count + number + 1,
            name=name,
            email=f"{login.capitalize() if number % 31 == 30 else login}@{domain}",
            title=pick(rng, names.TITLES),
            employment_type=pick(rng, names.EMPLOYMENT_TYPES),
            active=rng.random() < 0.93,
            mobile_phone_number=_phone(rng) if rng.random() < 0.7 else None,
            work_phone_number=_phone(rng) if rng.random() < 0.8 else "",
            secondary_emails=json.dumps([f"{login}.{number}@mail.example"] if number % 6 == 4 else []),
        )
        drop_one(contact, contact.id, every=5)
        contacts.append(contact)
    return [*contacts, shared] if shared else contacts


def _contact_name(rng: random.Random, index: int, serial: int, earlier: list[Contact]) -> str:
    if len(earlier) == 3 and index % 3 == 0:
        return earlier[2].name  # a namesake
    if serial % 19 == 1:
        return names.AWKWARD_CONTACTS[serial // 19 % len(names.AWKWARD_CONTACTS)]
    return f"{pick(rng, names.FIRST_NAMES)} {pick(rng, names.LAST_NAMES)}"


def _login(name: str, taken: set[str]) -> str:
    """``jsmith`` for John Smith, ``jsmith2`` for the next one."""
    first, _, last = name.strip().partition(" ")
    base = _ascii(first)[:1] + _ascii(last) or _ascii(first) or "contact"
    login, number = base, 1
    while login in taken:
        number += 1
        login = f"{base}{number}"
    taken.add(login)
    return login


# Assets


def _assets(
    rng: random.Random, index: int, domain: str, *, count: int, contacts: list[Contact], now: datetime
) -> list[Asset]:
    prefix = domain[:4].upper()
    octets = f"{index // 250 % 250}.{index % 250}"
    assets = []
    for number in range(count):
        device_type, hardware, code = pick(rng, names.DEVICES)
        seen = now - timedelta(minutes=int(rng.random() ** 3 * 400_000))
        backed_up = int(rng.random() * 3000) * GIGABYTE if number % 4 == 0 else 0
        asset = Asset(
            id=index * count + number + 1,
            hostname=_shared_hostname(index, number) or _hostname(rng, index * count + number, prefix, code),
            hardware_type=hardware,
            operating_system=_operating_system(rng, code),
            device_type=device_type,
            last_logged_in_user=_logged_in_user(rng, number, prefix, contacts),
            antivirus_product=pick(rng, names.ANTIVIRUS),
            ext_ip_address=f"203.0.113.{index % 254 + 1}",
            int_ip_address=f"10.{octets}.{number % 250 + 2}",
            domain=domain if rng.random() < 0.8 else "WORKGROUP",
            online=rng.random() < 0.7,
            last_seen=stamp(rng, seen),
            backup_usage_tb=_terabytes(number, backed_up),
            backup_data_bytes=backed_up,
        )
        drop_one(asset, asset.id, every=4)
        assets.append(asset)
    return assets


def _shared_hostname(index: int, number: int) -> str | None:
    """The first computer of each company has a name that others have too; in every fourth so has the fourth."""
    if number == 0 or (number == 3 and index % 4 == 0):
        return names.SHARED_HOSTNAMES[index // 4 % len(names.SHARED_HOSTNAMES)]
    return None


def _hostname(rng: random.Random, serial: int, prefix: str, code: str) -> str:
    if serial % 37 == 2:
        return names.AWKWARD_HOSTNAMES[serial // 37 % len(names.AWKWARD_HOSTNAMES)]
    if rng.random() < 0.2:
        return f"DESKTOP-{int(rng.random() * 36**7):X}"[:15]
    return f"{prefix}-{code}-{serial % 1000}"


def _operating_system(rng: random.Random, code: str) -> str:
    return pick(rng, {"MAC": names.MACS, "SRV": names.SERVERS, "VM": names.SERVERS}.get(code, names.WINDOWS))


def _logged_in_user(rng: random.Random, number: int, prefix: str, contacts: list[Contact]) -> str:
    if not contacts or rng.random() < 0.12:
        return pick(rng, ("Administrator", "svc_backup", ".\\localadmin", ""))
    email = pick(rng, contacts).email
    login = email.partition("@")[0]
    return (login, f"{prefix}\\{login}", email)[number % 3]


def _terabytes(number: int, size: int) -> str | float | None:
    terabytes = size / 10**12
    return None if not size else f"{terabytes:.2f}" if number % 8 else round(terabytes, 3)


# Words


def _phone(rng: random.Random) -> str:
    number = int(rng.random() * 10_000)
    return pick(rng, ("(555) 01{a}-{b:04}", "+1 555 01{a} {b:04}", "55501{a}{b:04}")).format(a=number % 10, b=number)


def _ascii(text: str) -> str:
    """Only the letters and digits that survive in a domain name."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(filter(str.isalnum, plain)).lower()

"""Holds the records of one made-up Codex and changes them as people at work do: renames, moves, departures.

Every method takes ``World.lock`` itself; hold it for anything longer than one call if there are other threads.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NoReturn, TypeVar

from syncing.sample_codex.records import Asset, Company, Contact, Location, Ticket

Record = TypeVar("Record")


@dataclass
class Account:
    """A company and what is listed under it. A contact of two companies is the same object in both."""

    company: Company
    contacts: list[Contact] = field(default_factory=list)
    assets: list[Asset] = field(default_factory=list)
    locations: list[Location] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)


@dataclass
class World:
    """All records: ``accounts`` by account number, and the tickets that no list of a company shows.

    A test may change any record in place, for example ``world.contact(7).title = "CEO"``.
    """

    accounts: dict[str, Account] = field(default_factory=dict)
    loose_tickets: list[tuple[str | None, Ticket]] = field(default_factory=list)
    now: datetime = datetime(2026, 6, 30, 12)  # noqa: DTZ001 Codex writes times without a zone
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    changes: int = 0

    # Finding. All raise KeyError for what is not there.

    def account(self, account_number: str) -> Account:
        return self.accounts[account_number]

    def company(self, account_number: str) -> Company:
        return self.accounts[account_number].company

    def contact(self, contact_id: int) -> Contact:
        return next(self._contacts(contact_id), None) or _missing("contact", contact_id)

    def asset(self, asset_id: int) -> Asset:
        return self._home_of_asset(asset_id)[1]

    def ticket(self, ticket_id: int) -> Ticket:
        for _, ticket in self.tickets():
            if ticket.ticket_id == ticket_id:
                return ticket
        return _missing("ticket", ticket_id)

    def tickets(self) -> Iterator[tuple[str | None, Ticket]]:
        """Every ticket with the account number that it names, also those without a company."""
        for number, account in self.accounts.items():
            for ticket in account.tickets:
                yield number, ticket
        yield from self.loose_tickets

    def counts(self) -> dict[str, int]:
        """How many entries the lists hold; a contact counts in each of its companies."""
        accounts = list(self.accounts.values())
        return {
            "companies": len(accounts),
            "contacts": sum(len(account.contacts) for account in accounts),
            "assets": sum(len(account.assets) for account in accounts),
            "tickets": sum(len(account.tickets) for account in accounts),
            "loose_tickets": len(self.loose_tickets),
        }

    # Companies

    def add_company(self, account_number: str, name: str) -> Account:
        """A company that has nothing yet. Raises ValueError for an account number in use."""
        with self.lock:
            if account_number in self.accounts:
                raise ValueError(f"account number {account_number} is in use")
            nulls = (None,) * (len(Company.__struct_fields__) - 2)
            self.accounts[account_number] = Account(Company(account_number, name, *nulls))
            return self.accounts[account_number]

    def remove_company(self, account_number: str) -> Account:
        """Takes the company out with its lists, and returns it so that it may be put back."""
        with self.lock:
            return self.accounts.pop(account_number)

    def restore_company(self, account: Account) -> None:
        with self.lock:
            self.accounts[account.company.account_number] = account

    def rename_company(self, account_number: str, name: str) -> None:
        with self.lock:
            self.company(account_number).name = name

    def renumber_company(self, account_number: str, new_number: str) -> None:
        """The same company under another account number, as after a billing migration."""
        with self.lock:
            account = self.accounts.pop(account_number)
            account.company.account_number = new_number
            self.accounts[new_number] = account

    # Contacts

    def add_contact(self, account_number: str, name: str, email: str, *, contact_id: int = 0) -> Contact:
        """A new active contact with the next free id, or with the id of someone who left."""
        with self.lock:
            highest = max((c.id for a in self.accounts.values() for c in a.contacts), default=0)
            contact = Contact(contact_id or highest + 1, name, email, None, "Full Time", True, None, None, "[]")
            self.account(account_number).contacts.append(contact)
            return contact

    def share_contact(self, contact_id: int, account_number: str) -> None:
        """Lists an existing contact under one more company."""
        with self.lock:
            self.account(account_number).contacts.append(self.contact(contact_id))

    def rename_contact(self, contact_id: int, name: str) -> None:
        with self.lock:
            self.contact(contact_id).name = name

    def remove_contact(self, contact_id: int, account_number: str | None = None) -> None:
        """From one company, or from all of them."""
        with self.lock:
            self.contact(contact_id)
            accounts = [self.account(account_number)] if account_number else self.accounts.values()
            for account in accounts:
                account.contacts[:] = [c for c in account.contacts if c.id != contact_id]

    # Assets

    def add_asset(self, account_number: str, hostname: str, *, asset_id: int = 0) -> Asset:
        """A new computer with the next free id, or with the id of one that is gone."""
        with self.lock:
            highest = max((a.id for account in self.accounts.values() for a in account.assets), default=0)
            asset = Asset(asset_id or highest + 1, hostname, *(None,) * 11, 0)
            self.account(account_number).assets.append(asset)
            return asset

    def rename_asset(self, asset_id: int, hostname: str) -> None:
        with self.lock:
            self.asset(asset_id).hostname = hostname

    def move_asset(self, asset_id: int, account_number: str) -> None:
        """To another company, under the same id."""
        with self.lock:
            home, asset = self._home_of_asset(asset_id)
            target = self.account(account_number)
            home.assets.remove(asset)
            target.assets.append(asset)

    def remove_asset(self, asset_id: int) -> None:
        with self.lock:
            home, asset = self._home_of_asset(asset_id)
            home.assets.remove(asset)

    # Locations

    def add_location(self, account_number: str, name: str | None, address: str | None = None) -> Location:
        """A new office with the next free id."""
        with self.lock:
            highest = max((place.id for account in self.accounts.values() for place in account.locations), default=0)
            location = Location(highest + 1, name, address, None)
            self.account(account_number).locations.append(location)
            return location

    def remove_location(self, location_id: int) -> None:
        with self.lock:
            for account in self.accounts.values():
                account.locations = [location for location in account.locations if location.id != location_id]

    # Tickets

    def add_ticket(self, account_number: str | None, subject: str, requester: Contact | None = None) -> Ticket:
        """A new open ticket, the newest of all. An unknown account number, or none, makes it a loose one."""
        with self.lock:
            highest = max((ticket.ticket_id for _, ticket in self.tickets()), default=0)
            time = self.later()
            number = highest + 1
            ticket = Ticket(
                ticket_id=number,
                ticket_number=str(number),
                subject=subject,
                description=f"<p>{subject}</p>",
                description_text=subject,
                status="open",
                priority="medium",
                requester_email=requester.email if requester else None,
                requester_name=requester.name if requester else None,
                created_at=time,
                last_updated_at=time,
                closed_at=None,
                total_hours_spent=0.0,
                conversations=[],
                notes=[],
            )
            if account_number in self.accounts:
                self.accounts[account_number].tickets.append(ticket)
            else:
                self.loose_tickets.append((account_number, ticket))
            return ticket

    def remove_ticket(self, ticket_id: int) -> None:
        with self.lock:
            ticket = self.ticket(ticket_id)
            for account in self.accounts.values():
                account.tickets[:] = [t for t in account.tickets if t is not ticket]
            self.loose_tickets[:] = [pair for pair in self.loose_tickets if pair[1] is not ticket]

    # Several at once

    def swap_names(self, first: Company | Contact | Asset, second: Company | Contact | Asset) -> None:
        """Two records of one kind change names, as after a mix-up was set right."""
        name = "hostname" if isinstance(first, Asset) else "name"
        with self.lock:
            kept = getattr(first, name)
            setattr(first, name, getattr(second, name))
            setattr(second, name, kept)

    def change(self, percent: float) -> dict[str, int]:
        """Changes that share of every list, evenly spread: the same records each time, to a new value.

        Returns how many were changed, by kind; at least one of a kind that is there.
        """
        with self.lock:
            self.changes += 1
            accounts = list(self.accounts.values())
            companies = _share([account.company for account in accounts], percent)
            contacts = _share([c for account in accounts for c in account.contacts], percent)
            assets = _share([a for account in accounts for a in account.assets], percent)
            locations = _share([place for account in accounts for place in account.locations], percent)
            tickets = _share([t for account in accounts for t in account.tickets], percent)
            for company in companies:
                company.billing_plan = f"Changed {self.changes}"
            for contact in contacts:
                contact.title = f"Changed {self.changes}"
            for asset in assets:
                asset.operating_system = f"Changed {self.changes}"
            for location in locations:
                location.phone_number = f"Changed {self.changes}"
            for ticket in tickets:
                ticket.subject = f"Changed {self.changes}: ticket {ticket.ticket_number}"
                ticket.last_updated_at = self.later()
            return {
                "companies": len(companies),
                "contacts": len(contacts),
                "assets": len(assets),
                "locations": len(locations),
                "tickets": len(tickets),
            }

    def later(self) -> str:
        """The next minute of this world, newer than every timestamp in it."""
        with self.lock:
            self.now += timedelta(minutes=1)
            return self.now.isoformat()

    def _contacts(self, contact_id: int) -> Iterator[Contact]:
        return (c for account in self.accounts.values() for c in account.contacts if c.id == contact_id)

    def _home_of_asset(self, asset_id: int) -> tuple[Account, Asset]:
        for account in self.accounts.values():
            for asset in account.assets:
                if asset.id == asset_id:
                    return account, asset
        return _missing("asset", asset_id)


def _share(records: list[Record], percent: float) -> list[Record]:
    if not records or percent <= 0:
        return []
    wanted = min(len(records), max(1, round(len(records) * percent / 100)))
    return [records[number * len(records) // wanted] for number in range(wanted)]


def _missing(kind: str, number: int) -> NoReturn:
    raise KeyError(f"no {kind} {number} in this world")

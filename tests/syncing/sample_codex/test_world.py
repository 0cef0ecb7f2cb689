"""How the records change: what is asked for, and nothing else."""

import pytest

from syncing.sample_codex.generate import WorldOptions, generate
from syncing.sample_codex.world import World


@pytest.fixture
def world() -> World:
    return generate(WorldOptions(companies=3, contacts=5, assets=5, tickets=5))


@pytest.fixture
def numbers(world: World) -> list[str]:
    return list(world.accounts)


def test_rename_company(world: World, numbers: list[str]) -> None:
    world.rename_company(numbers[0], "..")

    assert world.company(numbers[0]).name == ".."


def test_remove_and_restore_company(world: World, numbers: list[str]) -> None:
    account = world.remove_company(numbers[1])
    assert list(world.accounts) == [numbers[0], numbers[2]]

    world.restore_company(account)
    assert world.counts()["companies"] == 3


def test_add_company_has_only_its_number_and_name(world: World) -> None:
    account = world.add_company("77", "New")

    assert (account.company.account_number, account.company.name, account.company.domains) == ("77", "New", None)
    assert [account.contacts, account.assets, account.locations, account.tickets] == [[], [], [], []]


def test_add_company_refuses_a_number_in_use(world: World, numbers: list[str]) -> None:
    with pytest.raises(ValueError, match=numbers[0]):
        world.add_company(numbers[0], "Again")


def test_renumber_company_keeps_its_lists(world: World, numbers: list[str]) -> None:
    contacts = world.account(numbers[0]).contacts

    world.renumber_company(numbers[0], "new-1")

    assert world.account("new-1").contacts is contacts
    assert world.company("new-1").account_number == "new-1"
    assert numbers[0] not in world.accounts


def test_a_shared_contact_is_renamed_in_both_companies_and_may_leave_one(world: World, numbers: list[str]) -> None:
    contact = world.add_contact(numbers[0], "Ana Kim", "ana@acme.example")
    world.share_contact(contact.id, numbers[2])

    world.rename_contact(contact.id, "Ana Lee")
    assert [world.account(n).contacts[-1].name for n in (numbers[0], numbers[2])] == ["Ana Lee", "Ana Lee"]

    world.remove_contact(contact.id, numbers[0])
    assert contact not in world.account(numbers[0]).contacts
    assert world.account(numbers[2]).contacts[-1] is contact

    world.remove_contact(contact.id)
    with pytest.raises(KeyError):
        world.contact(contact.id)


def test_a_new_contact_may_get_the_id_of_one_who_left(world: World, numbers: list[str]) -> None:
    world.remove_contact(1)

    assert world.add_contact(numbers[0], "Other", "o@acme.example", contact_id=1).id == 1
    assert world.add_contact(numbers[0], "Next", "n@acme.example").id == 16


def test_move_rename_and_remove_asset(world: World, numbers: list[str]) -> None:
    asset = world.add_asset(numbers[0], "PC-1")

    world.move_asset(asset.id, numbers[1])
    world.rename_asset(asset.id, "PC-2")
    assert [a.hostname for a in world.account(numbers[1]).assets if a.id == asset.id] == ["PC-2"]
    assert asset not in world.account(numbers[0]).assets

    world.remove_asset(asset.id)
    with pytest.raises(KeyError):
        world.asset(asset.id)


def test_add_ticket_is_the_newest_of_all(world: World, numbers: list[str]) -> None:
    before = max(ticket.last_updated_at or "" for _, ticket in world.tickets())
    ticket = world.add_ticket(numbers[0], "Help", world.account(numbers[0]).contacts[0])

    assert (ticket.last_updated_at or "") > before
    assert ticket.requester_email == world.account(numbers[0]).contacts[0].email
    assert world.ticket(ticket.ticket_id) is world.account(numbers[0]).tickets[-1]


@pytest.mark.parametrize("owner", [None, "unknown"])
def test_add_ticket_without_a_listed_company_is_loose(world: World, owner: str | None) -> None:
    ticket = world.add_ticket(owner, "Help")
    assert world.loose_tickets[-1] == (owner, ticket)

    world.remove_ticket(ticket.ticket_id)
    assert ticket not in [loose for _, loose in world.loose_tickets]


def test_swap_names_of_contacts_and_of_assets(world: World, numbers: list[str]) -> None:
    account = world.account(numbers[0])
    people, machines = account.contacts[:2], account.assets[:2]
    names, hosts = [c.name for c in people], [a.hostname for a in machines]

    world.swap_names(*people)
    world.swap_names(*machines)

    assert [c.name for c in people] == names[::-1]
    assert [a.hostname for a in machines] == hosts[::-1]


def test_change_touches_that_share_the_same_records_each_time() -> None:
    world = generate(WorldOptions(companies=10, contacts=10, assets=10, tickets=10))

    assert world.change(10) == {"companies": 1, "contacts": 10, "assets": 10, "locations": 2, "tickets": 10}
    changed = [t.ticket_id for _, t in world.tickets() if (t.subject or "").startswith("Changed 1:")]
    assert world.change(10)["tickets"] == len(changed) == 10
    assert [t.ticket_id for _, t in world.tickets() if (t.subject or "").startswith("Changed 2:")] == changed


def test_change_of_nothing_or_of_all() -> None:
    world = generate(WorldOptions(companies=2, contacts=1, assets=0, tickets=3))

    assert world.change(0) == {"companies": 0, "contacts": 0, "assets": 0, "locations": 0, "tickets": 0}
    assert world.change(100) == {"companies": 2, "contacts": 2, "assets": 0, "locations": 3, "tickets": 6}


@pytest.mark.parametrize("find", ["contact", "asset", "ticket"])
def test_what_is_not_there_raises_key_error(world: World, find: str) -> None:
    with pytest.raises(KeyError, match="999"):
        getattr(world, find)(999)

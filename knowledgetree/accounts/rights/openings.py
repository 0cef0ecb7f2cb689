"""The companies that admins have opened to people of the group ``client``."""

from typing import Any

from django.contrib.auth.models import User

from knowledgetree.accounts.models import OpenedCompany
from knowledgetree.accounts.roles import Role
from knowledgetree.accounts.signals import company_closed, company_opened


def of(user: Any) -> frozenset[str]:
    """The account numbers of the companies that are open to this person. Costs one query per request."""
    known: frozenset[str] | None = getattr(user, "_opened_companies", None)
    if known is None:
        found = OpenedCompany.objects.filter(user_id=user.pk).values_list("account_number", flat=True)
        known = user._opened_companies = frozenset(found)
    return known


def pretend(user: Any, accounts: frozenset[str]) -> None:
    """Let these companies be open to this user, as an object of one request."""
    user._opened_companies = accounts


def people_of_clients() -> list[User]:
    """The people of the group ``client`` who may log in, by name."""
    return list(User.objects.filter(groups__name=Role.CLIENT.value, is_active=True).order_by("username"))


def open_company(account: str, person: User, by: Any) -> None:
    """Open a company to a person; nothing happens if it is open to them."""
    _, is_new = OpenedCompany.objects.get_or_create(account_number=account, user=person, defaults={"opened_by": by})
    if is_new:
        company_opened.send(OpenedCompany, account=account, person=person)


def close_company(account: str, person: User) -> None:
    """Close a company to a person; nothing happens if it is not open to them."""
    deleted, _ = OpenedCompany.objects.filter(account_number=account, user=person).delete()
    if deleted:
        company_closed.send(OpenedCompany, account=account, person=person)

"""“View as …”: an admin looks at the site with the rights of a person or of a role, and can write nothing meanwhile.

The session says whose rights they are; those of a person are looked up anew at each request.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from knowledgetree.accounts.identify import identity_of
from knowledgetree.accounts.rights import openings, policy
from knowledgetree.accounts.roles import Role
from knowledgetree.accounts.signals import view_changed

_KEY = "view-as"
ROLES = (Role.TECHNICIAN, Role.BILLING, Role.CLIENT)  # that can be viewed as without naming a person


@dataclass(frozen=True)
class Viewed:
    """Whose rights: those of a role, and of one company if it is a client's; or those of the person ``name``.

    ``company_name``: what that one company was called when the view began.
    """

    role: Role
    companies: frozenset[str] = frozenset()
    name: str = ""
    company_name: str = ""

    @property
    def words(self) -> str:
        if self.name:
            return f"{self.name} ({self.role.value})"
        if not self.companies:
            return f"a person of the group {self.role.value}"
        accounts = ", ".join(sorted(self.companies))
        return f"a person of {f'{self.company_name} ({accounts})' if self.company_name else f'company {accounts}'}"


class ViewAsMiddleware:
    """Gives an admin who views the site as somebody else the rights of that one. It must follow IdentityMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        viewed = _viewed(request)
        if viewed is not None:
            policy.view_as(request.user, viewed.role)
            openings.pretend(request.user, viewed.companies)
            request.viewed_as = viewed  # type: ignore[attr-defined]
        return self.get_response(request)


def viewed_by(request: HttpRequest) -> Viewed | None:
    """As whom the site is viewed; None if it is not."""
    return getattr(request, "viewed_as", None)


def start(
    request: HttpRequest,
    *,
    person: User | None = None,
    role: Role = Role.NONE,
    account: str = "",
    company_name: str = "",
) -> None:
    """View the site as this person, or as somebody of this role; of a client, with this company."""
    company = {"account": account, "company_name": company_name}
    chosen = {"person": person.pk} if person else {"role": role.value, **company}
    request.session[_KEY] = {**chosen, "admin": request.user.pk}
    whom = f"the person {person}" if person else f"the group {role.value}"
    view_changed.send(Viewed, words=f"{whom} of company {account}" if account and not person else whom)


def stop(request: HttpRequest) -> None:
    """Give the admin their own rights back, from the next request on."""
    if request.session.pop(_KEY, None) is not None:
        view_changed.send(Viewed, words="stopped")


def _viewed(request: HttpRequest) -> Viewed | None:
    if not request.user.is_authenticated or not identity_of(request).is_person_at_a_page:
        return None
    kept: dict[str, Any] = request.session.get(_KEY) or {}
    if kept.get("admin") != request.user.pk or policy.role_of(request.user) is not Role.ADMIN:
        return None
    if "person" not in kept:
        account = kept["account"]
        return Viewed(Role(kept["role"]), frozenset({account} - {""}), company_name=kept.get("company_name", ""))
    person = User.objects.filter(pk=kept["person"]).first()
    if person is None:
        return Viewed(Role.NONE, name="somebody who is gone")
    role = policy.role_of(person) if person.is_active else Role.NONE
    if role is Role.ADMIN:  # who sees what the viewer sees
        return None
    return Viewed(role, openings.of(person), person.get_username())

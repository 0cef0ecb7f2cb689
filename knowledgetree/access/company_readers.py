"""“Who can see this company”: people by role, programs and services; an admin opens it to people of its own there."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from knowledgetree.accounts.models import ApiToken, OpenedCompany
from knowledgetree.accounts.rights import openings, policy
from knowledgetree.accounts.roles import Role
from knowledgetree.basics.address_forms import whole_number
from knowledgetree.basics.rights.scopes import Scope
from tree.graph.values import Node
from tree.kinds import Company
from tree.pages.readable import readable_node

_MOST_PEOPLE = 1000


@dataclass(frozen=True)
class Group:
    """The people of a role, and what they may do with any company."""

    title: str
    may: str
    people: list[User]


@never_cache
@require_safe
def readers(request: HttpRequest, uid: str) -> HttpResponse:
    """Who can read this company, and the form that opens it to a person of the group ``client``."""
    company, account = _company(request, uid)
    rows = OpenedCompany.objects.filter(account_number=account).select_related("user", "opened_by")
    opened = list(rows.prefetch_related("user__groups"))
    for one in opened:
        one.is_effective = one.user.is_active and policy.role_of(one.user) is Role.CLIENT  # type: ignore[attr-defined]
    have = {one.user_id for one in opened}
    context = {
        "node": company,
        "groups": _groups(),
        "tokens": [token for token in _tokens() if not token.companies or account in map(str, token.companies)],
        "services": _services(),
        "opened": opened,
        "others": [person for person in openings.people_of_clients() if person.pk not in have],
        "account": account,
    }
    return render(request, "registration/company_readers.html", context)


@require_POST
def change(request: HttpRequest, uid: str) -> HttpResponse:
    """Open a company to the ``person`` with ``on=1``, or close it to them with ``on=0``."""
    company, account = _company(request, uid)
    person = User.objects.filter(pk=whole_number(request.POST.get("person")) or 0).first()
    is_on = request.POST.get("on") == "1"
    if person is None or (is_on and policy.role_of(person) is not Role.CLIENT):
        messages.error(request, "Nothing was changed: choose a person of the group client.")
    elif is_on:
        openings.open_company(account, person, request.user)
        messages.success(request, f"“{company.title}” is open to {person.get_username()} now.")
    else:
        openings.close_company(account, person)
        messages.success(request, f"“{company.title}” is closed to {person.get_username()} now.")
    return redirect("company-readers", uid=uid)


def _company(request: HttpRequest, uid: str) -> tuple[Node, str]:
    """The company, and its account number. Raises Http404 for any other node."""
    node = readable_node(request, uid)
    account = str(node.properties.get("account_number") or "")
    if node.kind != Company.kind() or not account:
        raise Http404(f"No company has the id {uid!r}.")
    return node, account


def _groups() -> list[Group]:
    people: dict[Role, list[User]] = {}
    for person in User.objects.filter(is_active=True).prefetch_related("groups").order_by("username")[:_MOST_PEOPLE]:
        people.setdefault(policy.role_of(person), []).append(person)
    told = (
        (Role.ADMIN, "Admins", "read and write everything"),
        (Role.TECHNICIAN, "Technicians", "read everything, write notes"),
        (Role.BILLING, "Billing", "read everything but tickets"),
    )
    return [Group(title, may, people.get(role, [])) for role, title, may in told]


def _tokens() -> list[ApiToken]:
    """Those that work and may read, with owners who may."""
    rows: Any = ApiToken.objects.select_related("owner").prefetch_related("owner__groups").filter(revoked_at=None)
    return [
        row
        for row in rows
        if row.is_working and row.allowed & {Scope.READ, Scope.EXPORT} and policy.role_of(row.owner) in policy.READERS
    ]


def _services() -> list[tuple[str, str]]:
    """The services of the platform with their scopes, as SERVICE_SCOPES has them; none without Core."""
    if not settings.CORE.url:
        return []
    scopes = settings.CORE.service_scopes
    return [
        ("all others" if name == "*" and len(scopes) > 1 else "all services" if name == "*" else name,
         ", ".join(sorted(allowed)))
        for name, allowed in sorted(scopes.items(), key=lambda one: (one[0] == "*", one[0]))
        if allowed
    ]  # fmt: skip

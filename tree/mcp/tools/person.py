"""The tool ``whoami``."""

from django.urls import reverse

from knowledgetree.accounts.rights import policy
from knowledgetree.basics.rights.scopes import WHAT_SCOPES_ALLOW
from tree.mcp.callers import caller
from tree.mcp.calls import Answer
from tree.mcp.results import Whoami


def whoami() -> Answer:
    """Learn who calls, what this token may do, and what is withheld from it."""
    present = caller()
    companies = present.reader.companies
    may = [WHAT_SCOPES_ALLOW[scope] for scope in sorted(present.scopes)]
    structured: Whoami = {
        "name": present.identity.name,
        "role": policy.role_of(present.user).value,
        "way": present.identity.via.value,
        "token": present.identity.through or None,
        "scopes": sorted(scope.value for scope in present.scopes),
        "may": [*may, *(["propose notes"] if present.may_propose else [])],
        "never_told": present.withheld,
        "companies": None if companies is None else sorted(companies),
        "proposals_url": present.address(reverse("proposals")),
        "url": present.address(reverse("home")),
    }
    return Answer(structured, _text(structured))


def _text(answer: Whoami) -> str:
    token = f", by the token “{answer['token']}”" if answer["token"] else ""
    companies = "all companies" if answer["companies"] is None else f"the companies {', '.join(answer['companies'])}"
    withheld = f" Withheld: {', '.join(answer['never_told'])}." if answer["never_told"] else ""
    return (
        f"{answer['name']} ({answer['role']}){token}, at {answer['url']}. It may: {'; '.join(answer['may'])}. "
        f"It reads {companies}.{withheld} People decide on proposals at {answer['proposals_url']}."
    )

"""The table of access rights: which roles may use which route, and which routes want the password once more.

A route that is not in the table is refused. ``PolicyMiddleware`` enforces it for every view. Views and templates also
ask the functions at the end of the module: ``may_read_tickets`` (tickets are nodes, so no route of their own protects
them), the others to decide which buttons to show.
"""

from typing import Any

from django.urls import ResolverMatch

from knowledgetree.accounts.identity import Identity
from knowledgetree.accounts.rights import api_policy
from knowledgetree.accounts.roles import ADMINS, ANYONE, GROUPS, READERS, SIGNED_IN, TECHNICIANS, VISITORS, Role
from knowledgetree.basics.rights.scopes import ALL_SCOPES, Scope

__all__ = ["ADMINS", "ANYONE", "GROUPS", "READERS", "SIGNED_IN", "TECHNICIANS", "VISITORS", "Role"]

ROUTES: dict[str, frozenset[Role]] = {
    "health": ANYONE,
    "health-live": ANYONE,
    "health-ready": ANYONE,
    "login": ANYONE,
    "openid-login": ANYONE,
    "openid-callback": ANYONE,
    "logout": SIGNED_IN,
    "password_confirm": SIGNED_IN,
    "password_change": SIGNED_IN,
    "password_change_done": SIGNED_IN,
    "tokens": READERS,
    "token-make": READERS,
    "token-revoke": READERS,
    "view-as": ADMINS,
    "view-as-stop": SIGNED_IN,
    "company-readers": ADMINS,
    "company-open": ADMINS,
    "home": VISITORS,
    "browse-root": VISITORS,
    "browse": VISITORS,
    "view": VISITORS,
    "node": VISITORS,
    "node-markdown": READERS,
    "node-record": READERS,
    "node-rows": VISITORS,
    "node-children": VISITORS,
    "node-files": TECHNICIANS,
    "file-remove": TECHNICIANS,
    "file-restore": TECHNICIANS,
    "file": VISITORS,
    "uploads": VISITORS,
    "node-edit": TECHNICIANS,
    "node-draft": TECHNICIANS,
    "node-tick": TECHNICIANS,
    "node-context": TECHNICIANS,
    "node-from-tickets": TECHNICIANS,
    "node-context-file": TECHNICIANS,
    "copied": READERS,
    "node-history": READERS,
    "node-difference": READERS,
    "node-version": READERS,
    "node-restore-version": TECHNICIANS,
    "preview": TECHNICIANS,
    "paste": TECHNICIANS,
    "links-suggest": TECHNICIANS,
    "tree": VISITORS,
    "node-new": TECHNICIANS,
    "node-rename": TECHNICIANS,
    "node-warning": TECHNICIANS,
    "node-pin": READERS,
    "pins": READERS,
    "node-move": TECHNICIANS,
    "node-copy": TECHNICIANS,
    "node-trash": TECHNICIANS,
    "node-restore": TECHNICIANS,
    "node-inside": TECHNICIANS,
    "node-purge": ADMINS,
    "proposals": TECHNICIANS,
    "proposal": TECHNICIANS,
    "proposal-accept": TECHNICIANS,
    "proposal-decline": TECHNICIANS,
    "mcp": READERS,
    "mcp-resource": ANYONE,
    "tree-move": TECHNICIANS,
    "tree-trash": TECHNICIANS,
    "places": TECHNICIANS,
    "trash": TECHNICIANS,
    "search": VISITORS,
    "search-quick": VISITORS,
    "saved": READERS,
    "saved-change": READERS,
    "list": VISITORS,
    "list-number": VISITORS,
    "list-csv": VISITORS,
    "exchange": ADMINS,
    "export": ADMINS,
    "import": ADMINS,
    "import-page": ADMINS,
    "import-progress": ADMINS,
    "import-apply": ADMINS,
    "legacy-export": ADMINS,
    "legacy-import": ADMINS,
    "legacy-wipe": ADMINS,
    "legacy-settings": ADMINS,
    "legacy-docs": ANYONE,
    "legacy-apispec": ANYONE,
    "legacy-sync-status": TECHNICIANS,
    "legacy-sync-codex": ADMINS,
    "legacy-sync-tickets": ADMINS,
    "api-search": READERS,
    "api-browse": READERS,
    "api-folders": READERS,
    "api-create": TECHNICIANS,
    "api-node": READERS,
    "api-children": READERS,
    "api-browse-node": READERS,
    "api-move": TECHNICIANS,
    "api-context": TECHNICIANS,
    "api-context-tree": TECHNICIANS,
    "api-upload": TECHNICIANS,
    "audit": TECHNICIANS,
    "audit-csv": ADMINS,
    "webhooks": ADMINS,
    "webhook-add": ADMINS,
    "webhook": ADMINS,
    "webhook-secret": ADMINS,
    "webhook-choose": ADMINS,
    "webhook-switch": ADMINS,
    "webhook-remove": ADMINS,
    "webhook-test": ADMINS,
    "webhook-again": ADMINS,
    "sync": TECHNICIANS,
    "sync-state": TECHNICIANS,
    "sync-run": TECHNICIANS,
    "sync-run-progress": TECHNICIANS,
    "sync-run-json": TECHNICIANS,
    "sync-run-records": TECHNICIANS,
    "sync-run-retry": ADMINS,
    "sync-run-undo": ADMINS,
    "sync-quarantine": TECHNICIANS,
    "node-changes": READERS,
    "sync-start": ADMINS,
    "sync-cancel": ADMINS,
    "sync-companies": ADMINS,
    "sync-pause": ADMINS,
    "sync-schedules": TECHNICIANS,
    "sync-schedule": ADMINS,
    "sync-schedule-pause": ADMINS,
    "sync-schedules-recommended": ADMINS,
    "sync-plan-csv": TECHNICIANS,
    "sync-plan-json": TECHNICIANS,
    "sync-apply": ADMINS,
    "sync-approve": ADMINS,
    "sync-discard": ADMINS,
    "sync-pill": READERS,
}
# The roles that may write through routes that both read and write. Any other route allows all its methods or none.
WRITERS: dict[str, frozenset[Role]] = {"api-node": TECHNICIANS}
# The scopes that API tokens and services need for a route, besides the role. They may use no others, but for those that
# are open to anyone. What holds tickets and cannot leave them out needs the scope for tickets, too.
_READ, _WRITE = frozenset({Scope.READ}), frozenset({Scope.WRITE})
_PLANS = frozenset({Scope.SYNC, Scope.TICKETS})
SCOPES: dict[str, frozenset[Scope]] = {
    "api-search": _READ,
    "api-browse": _READ,
    "api-node": _READ,
    "api-children": _READ,
    "api-browse-node": _READ,
    "api-folders": _READ,
    "api-context": _READ,
    "api-context-tree": _READ,
    "api-create": _WRITE,
    "api-move": _WRITE,
    "api-upload": _WRITE,
    "node-markdown": _READ,
    "node-record": _READ,
    "mcp": _READ,  # proposing needs the scope for writing, too: see tree/mcp/callers.py
    "file": _READ,
    "uploads": _READ,
    "list-csv": _READ,
    "sync-run-json": frozenset({Scope.SYNC}),
    "sync-plan-csv": _PLANS,
    "sync-plan-json": _PLANS,
    "export": frozenset({Scope.EXPORT, Scope.TICKETS}),
    "legacy-export": frozenset({Scope.EXPORT, Scope.TICKETS}),
    "legacy-sync-status": frozenset({Scope.SYNC}),
}
# Routes that also need a fresh login (see fresh_login.py), and the route to come back to with it; "" is the same one.
# Whether the routes sync-apply and sync-discard need one depends on the plan, so the view asks (syncing/pages/plan.py).
FRESH: dict[str, str] = {
    "exchange": "",
    "export": "exchange",
    "import": "exchange",
    "import-apply": "import-page",
    "legacy-export": "exchange",
    "legacy-import": "exchange",
    "sync-approve": "sync-run",
    "sync-run-undo": "sync-run",
    "node-purge": "",
    "token-make": "tokens",
    "webhook-add": "webhooks",
    "webhook-secret": "webhook",
    "company-open": "company-readers",
}
# The apps whose pages in the Django admin need it, too, but for their lists: people, groups, counts of wrong passwords.
FRESH_IN_ADMIN = ("auth_", "axes_")
READING = frozenset({"GET", "HEAD", "OPTIONS"})
# What holds things of all companies, so that who may read only some may not have it.
_OF_ALL_COMPANIES = frozenset({Scope.SYNC, Scope.EXPORT})
# While an admin views the site as somebody else, nothing is written but by these routes; those that write when they
# are read are closed, too.
_WHILE_VIEWING = frozenset({"view-as-stop", "logout"})
_WRITES_WHEN_READ = frozenset({"node-edit"})
# The login page of the Django admin is open to everyone; it redirects to our own.
NAMESPACES: dict[str, frozenset[Role]] = {"admin": ADMINS}


def role_of(user: Any) -> Role:
    """The highest role of this user, who may be anonymous. Superusers are admins. Costs one query per request."""
    if not user.is_authenticated or not user.is_active:
        return Role.ANONYMOUS
    known: Role | None = getattr(user, "_policy_role", None)
    if known is None:
        names = set() if user.is_superuser else {group.name for group in user.groups.all()}
        strongest = (Role(name) for name in GROUPS if name in names)
        known = Role.ADMIN if user.is_superuser else next(strongest, Role.NONE)
        user._policy_role = known
    return known


def allowed_roles(match: ResolverMatch, method: str) -> frozenset[Role]:
    """The roles that may use this route with this method; none if the table does not contain it."""
    if match.namespaces[:1] == [api_policy.NAMESPACE]:
        needs = api_policy.needs(match.url_name or "", method)
        return needs.roles if needs else frozenset()
    if match.namespaces:
        return NAMESPACES.get(match.namespaces[0], frozenset())
    name = match.url_name or ""
    if method not in READING and name in WRITERS:
        return WRITERS[name]
    return ROUTES.get(name, frozenset())


def may_use(identity: Identity, user: Any, match: ResolverMatch, method: str) -> bool:
    """Whether this user may use the route with this method, and whether they may with what they came in with."""
    roles = allowed_roles(match, method)
    if role_of(user) not in roles:
        return False
    needed = scopes_of(match, method)
    if identity.companies is not None and needed is not None and needed & _OF_ALL_COMPANIES:
        return False
    return identity.is_person_at_a_page or roles == ANYONE or (needed is not None and needed <= identity.scopes)


def scopes_of(match: ResolverMatch, method: str) -> frozenset[Scope] | None:
    """The scopes that the route needs with this method; None if it is not for tokens and services."""
    name = match.url_name or ""
    if match.namespaces[:1] == [api_policy.NAMESPACE]:
        needs = api_policy.needs(name, method)
        return needs.scopes if needs else None
    if match.namespaces:
        return None
    return _WRITE if method not in READING and name in WRITERS else SCOPES.get(name)


def methods_of(match: ResolverMatch) -> list[str]:
    """The methods that a route of the API v1 has, as the table says; none for other routes, whose views say it."""
    is_api = match.namespaces[:1] == [api_policy.NAMESPACE]
    return api_policy.methods_of(match.url_name or "") if is_api else []


def limit(user: Any, scopes: frozenset[Scope], companies: frozenset[str] | None = None) -> None:
    """Let this user, as an object of one request, do no more than these scopes allow, and in these companies only."""
    user._policy_scopes, user._policy_companies = scopes, companies


def needs_a_company(user: Any, match: ResolverMatch) -> bool:
    """Whether this is a person of a client on a route that has nothing for them unless a company is open to them."""
    return role_of(user) is Role.CLIENT and not allowed_roles(match, "GET") >= SIGNED_IN


def view_as(user: Any, role: Role) -> None:
    """Let this admin, as an object of one request, have no more rights than this role, and write nothing."""
    user._policy_role, user._policy_is_viewing = role, True


def is_viewing(user: Any) -> bool:
    """Whether this is an admin who looks at the site with the rights of somebody else."""
    return getattr(user, "_policy_is_viewing", False)


def may_while_viewing(match: ResolverMatch, method: str) -> bool:
    """Whether this may be done by an admin who looks at the site with the rights of somebody else."""
    name = match.url_name or ""
    return name in _WHILE_VIEWING or (method in READING and name not in _WRITES_WHEN_READ)


def needs_fresh_login(match: ResolverMatch, method: str) -> bool:
    """Whether this route needs a password that was entered a short time ago."""
    name = match.url_name or ""
    if not match.namespaces:
        return name in FRESH
    is_list = method in READING and name.endswith(("_changelist", "_history"))
    return name.startswith(FRESH_IN_ADMIN) and not is_list


def may_read_tickets(user: Any) -> bool:
    """Whether somebody may read tickets. They contain internal notes, which billing must not see."""
    return role_of(user) in TECHNICIANS and Scope.TICKETS in getattr(user, "_policy_scopes", ALL_SCOPES)


def may_add_files(user: Any) -> bool:
    return role_of(user) in ROUTES["node-files"]


def may_write(user: Any) -> bool:
    """Whether somebody may create, change, move and delete notes and folders."""
    return role_of(user) in ROUTES["node-new"]


def may_purge(user: Any) -> bool:
    return role_of(user) in ROUTES["node-purge"]


def may_download_audit(user: Any) -> bool:
    return role_of(user) in ROUTES["audit-csv"]


def may_see_runs(user: Any) -> bool:
    return role_of(user) in ROUTES["sync"]


def may_sync(user: Any) -> bool:
    return role_of(user) in ROUTES["sync-start"]

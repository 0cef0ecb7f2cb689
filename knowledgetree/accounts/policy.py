"""The table of access rights: which roles may use which route, and which routes want the password once more.

A route that is not in the table is refused. ``PolicyMiddleware`` enforces it for every view. Views and templates also
ask the functions at the end of the module: ``may_read_tickets`` (tickets are nodes, so no route of their own protects
them), the others to decide which buttons to show.
"""

from enum import Enum
from typing import Any

from django.urls import ResolverMatch


class Role(Enum):
    """The role of a user. The values are the names of the Django groups."""

    ADMIN = "admin"
    TECHNICIAN = "technician"
    BILLING = "billing"
    NONE = "none"  # logged in, but in none of the groups
    ANONYMOUS = "anonymous"


GROUPS = (Role.ADMIN.value, Role.TECHNICIAN.value, Role.BILLING.value)

ANYONE = frozenset(Role)
SIGNED_IN = ANYONE - {Role.ANONYMOUS}
READERS = frozenset({Role.ADMIN, Role.TECHNICIAN, Role.BILLING})
TECHNICIANS = frozenset({Role.ADMIN, Role.TECHNICIAN})
ADMINS = frozenset({Role.ADMIN})

ROUTES: dict[str, frozenset[Role]] = {
    "health": ANYONE,
    "health-live": ANYONE,
    "health-ready": ANYONE,
    "login": ANYONE,
    "logout": SIGNED_IN,
    "password_confirm": SIGNED_IN,
    "password_change": SIGNED_IN,
    "password_change_done": SIGNED_IN,
    "home": READERS,
    "browse-root": READERS,
    "browse": READERS,
    "view": READERS,
    "node": READERS,
    "node-rows": READERS,
    "node-children": READERS,
    "node-files": TECHNICIANS,
    "file-remove": TECHNICIANS,
    "file-restore": TECHNICIANS,
    "file": READERS,
    "uploads": READERS,
    "node-edit": TECHNICIANS,
    "node-draft": TECHNICIANS,
    "node-tick": TECHNICIANS,
    "node-history": READERS,
    "node-difference": READERS,
    "node-version": READERS,
    "node-restore-version": TECHNICIANS,
    "preview": TECHNICIANS,
    "links-suggest": TECHNICIANS,
    "tree": READERS,
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
    "tree-move": TECHNICIANS,
    "tree-trash": TECHNICIANS,
    "places": TECHNICIANS,
    "trash": TECHNICIANS,
    "search": READERS,
    "search-quick": READERS,
    "list": READERS,
    "list-number": READERS,
    "list-csv": READERS,
    "exchange": ADMINS,
    "export": ADMINS,
    "import": ADMINS,
    "import-page": ADMINS,
    "import-progress": ADMINS,
    "import-apply": ADMINS,
    "api-search": READERS,
    "api-browse": READERS,
    "api-create": TECHNICIANS,
    "api-node": READERS,
    "api-children": READERS,
    "api-browse-node": READERS,
    "api-move": TECHNICIANS,
    "api-upload": TECHNICIANS,
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
# Routes that also need a fresh login (see fresh_login.py), and the route to come back to with it; "" is the same one.
# Whether the routes sync-apply and sync-discard need one depends on the plan, so the view asks (syncing/pages/plan.py).
FRESH: dict[str, str] = {
    "exchange": "",
    "export": "exchange",
    "import": "exchange",
    "import-apply": "import-page",
    "sync-approve": "sync-run",
    "sync-run-undo": "sync-run",
    "node-purge": "",
}
# The apps whose pages in the Django admin need it, too, but for their lists: people, groups, counts of wrong passwords.
FRESH_IN_ADMIN = ("auth_", "axes_")
READING = frozenset({"GET", "HEAD", "OPTIONS"})
# The login page of the Django admin is open to everyone; it redirects to our own.
NAMESPACES: dict[str, frozenset[Role]] = {"admin": ADMINS}


def role_of(user: Any) -> Role:
    """The highest role of this user, who may be anonymous. Superusers are admins. Costs one query per request."""
    if not user.is_authenticated or not user.is_active:
        return Role.ANONYMOUS
    known: Role | None = getattr(user, "_policy_role", None)
    if known is None:
        names = set() if user.is_superuser else set(user.groups.values_list("name", flat=True))
        if user.is_superuser or Role.ADMIN.value in names:
            known = Role.ADMIN
        elif Role.TECHNICIAN.value in names:
            known = Role.TECHNICIAN
        else:
            known = Role.BILLING if Role.BILLING.value in names else Role.NONE
        user._policy_role = known
    return known


def allowed_roles(match: ResolverMatch, method: str) -> frozenset[Role]:
    """The roles that may use this route with this method; none if the table does not contain it."""
    if match.namespaces:
        return NAMESPACES.get(match.namespaces[0], frozenset())
    name = match.url_name or ""
    if method not in READING and name in WRITERS:
        return WRITERS[name]
    return ROUTES.get(name, frozenset())


def needs_fresh_login(match: ResolverMatch, method: str) -> bool:
    """Whether this route needs a password that was entered a short time ago."""
    name = match.url_name or ""
    if not match.namespaces:
        return name in FRESH
    is_list = method in READING and name.endswith(("_changelist", "_history"))
    return name.startswith(FRESH_IN_ADMIN) and not is_list


def may_read_tickets(user: Any) -> bool:
    """Whether somebody may read tickets. They contain internal notes, which billing must not see."""
    return role_of(user) in TECHNICIANS


def may_add_files(user: Any) -> bool:
    return role_of(user) in ROUTES["node-files"]


def may_write(user: Any) -> bool:
    """Whether somebody may create, change, move and delete notes and folders."""
    return role_of(user) in ROUTES["node-new"]


def may_purge(user: Any) -> bool:
    return role_of(user) in ROUTES["node-purge"]


def may_see_runs(user: Any) -> bool:
    return role_of(user) in ROUTES["sync"]


def may_sync(user: Any) -> bool:
    return role_of(user) in ROUTES["sync-start"]

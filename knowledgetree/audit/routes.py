"""The table of routes: what of each goes into the audit log. A route that is missing here fails a test."""

from http import HTTPStatus

from django.contrib.admin.utils import unquote
from django.http import HttpRequest

from knowledgetree.accounts.rights import api_policy, policy
from knowledgetree.audit.actions import Action
from knowledgetree.audit.log import Trail

# Reading these shows the nodes that the view notes. Where it notes none, such as for the page of no ticket, there is no
# entry.
READ: dict[str, Action] = {
    "node": Action.TICKET_VIEWED,
    "node-markdown": Action.HANDED_OUT,
    "node-context": Action.HANDED_OUT,
    "node-context-file": Action.HANDED_OUT,
    "copied": Action.HANDED_OUT,
    "node-record": Action.HANDED_OUT,
    "node-history": Action.TICKET_VIEWED,
    "node-difference": Action.TICKET_VIEWED,
    "node-version": Action.TICKET_VIEWED,
    "node-changes": Action.TICKET_VIEWED,
    "proposal": Action.TICKET_VIEWED,
    "file": Action.FILE_VIEWED,
    "uploads": Action.FILE_VIEWED,
    "list-csv": Action.LIST_DOWNLOADED,
    "sync-plan-csv": Action.PLAN_DOWNLOADED,
    "sync-plan-json": Action.PLAN_DOWNLOADED,
    "audit-csv": Action.AUDIT_DOWNLOADED,
    "api-search": Action.HANDED_OUT,
    "api-browse": Action.HANDED_OUT,
    "api-node": Action.HANDED_OUT,
    "api-children": Action.HANDED_OUT,
    "api-browse-node": Action.HANDED_OUT,
    "api-folders": Action.HANDED_OUT,
    "api-context": Action.HANDED_OUT,
    "legacy-export": Action.EXPORTED,
}
# Sending a form to these does something that nobody else tells.
SENT: dict[str, Action] = {
    "node-context": Action.HANDED_OUT,
    "api-context": Action.HANDED_OUT,
    "export": Action.EXPORTED,
    "import": Action.IMPORT_UPLOADED,
    "import-apply": Action.IMPORT_STARTED,
    "sync-schedule": Action.SCHEDULE_CHANGED,
    "sync-schedule-pause": Action.SCHEDULE_CHANGED,
    "sync-schedules-recommended": Action.SCHEDULE_CHANGED,
}
# The same of the API v1, by route and method; what else is read there is handed out, what is written is told.
API: dict[tuple[str, str], Action] = {
    ("plan", "GET"): Action.PLAN_DOWNLOADED,
    ("schedule", "PATCH"): Action.SCHEDULE_CHANGED,
}
# What these do is told where it is done: operations of the tree, runs, signals of accounts.
TOLD = frozenset(
    {
        *("openid-callback", "login", "logout", "password_confirm", "password_change", "token-make", "token-revoke"),
        *("view-as", "view-as-stop", "company-open"),
        *("node-files", "file-remove", "file-restore", "node-edit", "node-tick", "node-restore-version", "node-new"),
        *("node-rename", "node-warning", "node-move", "node-copy", "node-trash", "node-restore", "node-purge"),
        *("mcp", "proposal-accept", "proposal-decline", "node-from-tickets"),
        *("tree-move", "tree-trash", "api-create", "api-move", "api-upload"),
        *("sync-start", "sync-cancel", "sync-pause", "sync-run-retry", "sync-run-undo"),
        *("sync-apply", "sync-approve", "sync-discard"),
        *("webhook-add", "webhook-secret", "webhook-choose", "webhook-switch", "webhook-remove"),
        *("legacy-import", "legacy-sync-codex", "legacy-sync-tickets"),
    }
)
# Lists, searches and forms for people, their own pins and drafts, and what says nothing of any client.
QUIET = frozenset(
    {
        *("openid-login", "health", "health-live", "health-ready", "password_change_done", "tokens", "audit"),
        "company-readers",
        *("mcp-resource", "proposals"),
        *("home", "browse-root", "browse", "view", "node-rows", "node-children", "tree", "places", "trash"),
        *("node-draft", "preview", "paste", "links-suggest", "node-pin", "pins", "node-inside"),
        *("search", "search-quick", "saved", "saved-change", "list", "list-number"),
        *("exchange", "import-page", "import-progress"),
        *("webhooks", "webhook", "webhook-test", "webhook-again"),
        *("sync", "sync-state", "sync-run", "sync-run-progress", "sync-run-json", "sync-run-records"),
        *("api-context-tree", "legacy-wipe", "legacy-settings", "legacy-docs", "legacy-apispec", "legacy-sync-status"),
        *("sync-quarantine", "sync-companies", "sync-schedules", "sync-pill"),
    }
)
_TICKET_IN_ADMIN = "tree_ticket_change"
# These have an entry even if no node is noted. What their address says: a word, and the part of the address.
_NAMED: dict[Action, tuple[str, str]] = {
    Action.EXPORTED: ("", ""),
    Action.IMPORT_UPLOADED: ("", ""),
    Action.AUDIT_DOWNLOADED: ("", ""),
    Action.IMPORT_STARTED: ("import ", "number"),
    Action.LIST_DOWNLOADED: ("", "listed"),
    Action.PLAN_DOWNLOADED: ("run ", "run_id"),
    Action.SCHEDULE_CHANGED: ("", "command"),
}


def seen_action(request: HttpRequest, status: int) -> Action | None:
    """What it is called that this request was answered with what its view noted; None for what is not recorded."""
    match = request.resolver_match
    if match is None or status >= HTTPStatus.BAD_REQUEST:
        return None
    name = match.url_name or ""
    if match.namespaces[:1] == [api_policy.NAMESPACE]:
        other = Action.HANDED_OUT if request.method in policy.READING else None
        return API.get((name, request.method or ""), other)
    if match.namespaces:
        return Action.TICKET_VIEWED if name == _TICKET_IN_ADMIN else None
    return READ.get(name) if request.method in policy.READING else SENT.get(name)


def note_address(trail: Trail, seen: Action) -> None:
    """Note what the address says: the number of a run or an import, the name of a list, a ticket in the admin."""
    match = trail.request.resolver_match
    given = match.kwargs if match else {}
    if seen is Action.TICKET_VIEWED and "object_id" in given:
        trail.note([unquote(str(given["object_id"]))])
    if seen in _NAMED:
        word, key = _NAMED[seen]
        detail = f"{word}{given[key]}" if key in given else ""
        for company in [*trail.noted] or [None]:
            trail.note([], company, detail)

"""How tests read pages, and which pages there are."""

from django.test import Client

# The addresses of each route that has a page of its own; {…} stands for the ids of the world in
# tests/browser/test_accessible.py, which looks at all of them.
PAGES: dict[str, tuple[str, ...]] = {
    "home": ("/",),
    "node": (
        "/node/{company}/",
        "/node/{ana}/",
        "/node/{laptop}/",
        "/node/{open}/",
        "/node/{tickets}/",
        "/node/{note}/",
    ),
    "node-edit": ("/node/{note}/edit/", "/node/{company}/edit/"),
    "node-history": ("/node/{note}/history/",),
    "node-context": ("/node/{open}/context/",),
    "node-difference": ("/node/{note}/history/diff/?from=1&to=2",),
    "node-version": ("/node/{note}/history/1/",),
    "node-new": ("/node/{company}/new/",),
    "node-rename": ("/node/{note}/rename/",),
    "node-move": ("/node/{note}/move/",),
    "node-copy": ("/node/{note}/copy/",),
    "node-trash": ("/node/{note}/trash/",),
    "node-restore": ("/node/{trashed}/restore/",),
    "node-purge": ("/node/{trashed}/purge/",),
    "node-changes": ("/node/{ana}/changes/",),
    "trash": ("/trash/",),
    "search": ("/search/?q=acme", "/search/?q=nothingisso"),
    "list": ("/list/tickets/", "/list/people/?words=nobody", "/list/notes/"),
    "exchange": ("/exchange/",),
    "import-page": ("/exchange/import/{compared}/", "/exchange/import/{refused}/"),
    "saved": ("/saved/?query=q%3Dacme", "/saved/?query="),
    "saved-change": ("/saved/{saved}/",),
    "proposals": ("/proposals/",),
    "proposal": ("/proposals/{clash}/", "/proposals/{change}/", "/proposals/{new}/"),
    "audit": ("/audit/", "/audit/?who=nobody"),
    "view-as": ("/accounts/view-as/",),
    "company-readers": ("/node/{company}/readers/",),
    "webhooks": ("/webhooks/",),
    "webhook": ("/webhooks/{webhook}/", "/webhooks/{webhook}/?state=failed"),
    "sync": ("/sync/",),
    "sync-run": ("/sync/runs/{planned}/", "/sync/runs/{held}/"),
    "sync-run-records": ("/sync/runs/{planned}/records/", "/sync/runs/{planned}/records/?outcome=refused"),
    "sync-quarantine": ("/sync/quarantine/",),
    "sync-schedules": ("/sync/schedules/",),
    "sync-schedule": ("/sync/schedules/sync_codex/",),
    "password_confirm": ("/accounts/confirm/",),
    "password_change": ("/accounts/password/",),
    "password_change_done": ("/accounts/password/done/",),
    "tokens": ("/accounts/tokens/",),
}
_JSON, _LEADS_ON, _PART = "answers JSON", "leads to another page", "a part of a page"
_FORM, _FILE, _ANONYMOUS = "takes a form and leads to a page", "sends a file", "is for people who are not logged in"
# The other routes, by the reason why they have no page of their own.
WITHOUT_PAGE: dict[str, str] = {
    **dict.fromkeys(("health", "health-live", "health-ready", "sync-run-json", "node-draft", "node-tick"), _JSON),
    "node-record": _JSON,
    "node-markdown": "sends the text alone",
    "node-context-file": "sends a file",
    "copied": "notes that something was copied",
    **dict.fromkeys(("preview", "paste", "links-suggest", "list-number"), _JSON),
    **dict.fromkeys(("api-search", "api-browse", "api-folders", "api-create", "api-node", "api-children"), _JSON),
    **dict.fromkeys(("api-browse-node", "api-move", "api-upload", "api-context", "api-context-tree"), _JSON),
    **dict.fromkeys(("legacy-import", "legacy-wipe", "legacy-sync-status"), _JSON),
    **dict.fromkeys(("legacy-sync-codex", "legacy-sync-tickets"), _JSON),
    **dict.fromkeys(("browse-root", "browse", "view", "legacy-settings", "legacy-docs", "legacy-apispec"), _LEADS_ON),
    **dict.fromkeys(("openid-login",), _LEADS_ON),
    **dict.fromkeys(("node-rows", "node-children", "tree", "search-quick", "pins", "places"), _PART),
    **dict.fromkeys(("import-progress", "node-inside"), _PART),
    **dict.fromkeys(("sync-state", "sync-run-progress", "sync-companies", "sync-pill"), _PART),
    **dict.fromkeys(("logout", "token-make", "token-revoke", "node-files", "file-remove", "file-restore"), _FORM),
    **dict.fromkeys(("node-restore-version", "node-warning", "node-pin", "tree-move", "tree-trash"), _FORM),
    **dict.fromkeys(("import", "import-apply", "sync-start", "sync-cancel", "sync-pause", "sync-run-retry"), _FORM),
    **dict.fromkeys(("sync-run-undo", "sync-schedule-pause", "sync-schedules-recommended", "sync-apply"), _FORM),
    **dict.fromkeys(("sync-approve", "sync-discard"), _FORM),
    **dict.fromkeys(("webhook-add", "webhook-secret", "webhook-choose", "webhook-switch", "webhook-remove"), _FORM),
    **dict.fromkeys(("mcp", "mcp-resource"), _JSON),
    **dict.fromkeys(("proposal-accept", "proposal-decline", "node-from-tickets"), _FORM),
    **dict.fromkeys(("webhook-test", "webhook-again", "view-as-stop", "company-open"), _FORM),
    **dict.fromkeys(("file", "uploads", "list-csv", "export", "legacy-export", "audit-csv"), _FILE),
    **dict.fromkeys(("sync-plan-csv", "sync-plan-json"), _FILE),
    **dict.fromkeys(("login", "openid-callback"), _ANONYMOUS),
}


def squeezed(page: str) -> str:
    """The page with one space for each run of white space, as a browser shows it outside of <pre>."""
    return " ".join(page.split())


def text_of(client: Client, address: str, status: int = 200, **headers: str) -> str:
    """The page at this address, squeezed; its status is looked at."""
    answer = client.get(address, headers=headers)
    assert answer.status_code == status, answer.content[:500]
    return squeezed(answer.content.decode())

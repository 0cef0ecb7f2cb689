"""The editor of notes: open, preview, draft, save, conflict. ``tree.operations`` enforces the rules for texts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import get_script_prefix, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from knowledgetree.accounts.rights.reader_of import reader_of
from knowledgetree.basics.address_forms import whole_number, without_prefix
from tree import operations, queries
from tree.exceptions import Conflict, InvalidName, InvalidText, NodeNotFound, Refused
from tree.graph.validation import checked_text
from tree.graph.values import Hit, Node
from tree.kinds.titles import shown_name, stored_name
from tree.pages.readable import readable_node
from tree.pages.responses import author
from tree.pages.writing import drafts
from tree.pages.writing.conflicts import MARKS_LEFT, changes
from tree.pages.writing.drafts import Typed
from tree.text.escaping import link
from tree.text.merging import has_marks, merge
from tree.text.pasting import NotConverted, clipboard_as_markdown
from tree.text.rendering import render_linked
from tree.text.ticking import TaskNotFound, ticked

INVALID, CONFLICT = 422, 409


@dataclass(frozen=True)
class EditorContent:
    """The content of the editor: the name to store, the text, as stored or as typed, and the errors in them."""

    name: str
    text: str
    base_version: int
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, uid: str) -> HttpResponse:
    """The editor of a staff node; a POST saves its content."""
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(request.get_full_path())  # the editor's script needs a full page load
    if request.method == "POST":
        return _save(request, uid)
    node = readable_node(request, uid)
    reason = node.read_only_reason
    if reason or node.is_trashed:
        return _refused(request, node, reason or f"“{node.title}” lies in the trash. Restore it first.")
    stored = EditorContent(node.name, node.content, node.version)
    draft = drafts.find(request.user, uid)
    shown = stored if draft is None else EditorContent(_stored(node, draft.name), draft.text, draft.base_version)
    if draft is not None and (shown.name, shown.text) == (stored.name, stored.text):
        drafts.forget(request.user, uid)
        draft = None
    return _editor(request, node, shown, draft=draft)


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The text that is being typed, rendered as on its page."""
    html = render_linked(request.POST.get("content", ""), _link_states(request))
    return render(request, "tree/_preview.html", {"html": html})


@require_POST
def paste(request: HttpRequest) -> HttpResponse:
    """The HTML of a clipboard as Markdown; with an error, the browser pastes the plain text."""
    try:
        markdown = clipboard_as_markdown(request.POST.get("html", ""), _site(request))
    except NotConverted as error:
        return JsonResponse({"error": str(error)}, status=INVALID)
    return JsonResponse({"markdown": markdown})


def _site(request: HttpRequest) -> str:
    """The address of this site, without a slash at its end."""
    return f"{request.scheme}://{request.get_host()}{get_script_prefix()}".removesuffix("/")


@require_POST
def draft(request: HttpRequest, uid: str) -> HttpResponse:
    """Store the typed text as a draft, or delete the draft with ``discard``; also records who has the editor open.

    A request without ``content`` is only a heartbeat. ``leave`` says that the editor was closed.
    """
    if uid not in queries.get_link_states([uid], reader=reader_of(request)):
        return JsonResponse({"error": "This note is gone: it was purged."}, status=404)
    response: dict[str, Any] = {}
    if "discard" in request.POST:
        drafts.forget(request.user, uid)
    elif "content" in request.POST:
        try:
            typed = _typed(request)
            typed = Typed(checked_text(typed.name), checked_text(typed.text), typed.base_version)
        except InvalidText as error:
            return JsonResponse({"error": str(error)}, status=INVALID)
        response["saved_at"] = drafts.keep(request.user, uid, typed).saved_at.isoformat()
    if "leave" in request.POST:
        drafts.leave(request.user, uid)
    else:
        response["others"] = drafts.enter(request.user, uid)
    return JsonResponse(response)


@require_POST
def tick(request: HttpRequest, uid: str) -> HttpResponse:
    """Tick or untick a task on the node's page: its ``number``, ``done``, and the ``version`` on display."""
    node = readable_node(request, uid)
    number = whole_number(request.POST.get("number"))
    try:
        _require_version(node, _version(request))
        changed = ticked(
            node.content,
            -1 if number is None else number,
            is_done=request.POST.get("done") == "1",
        )
        saved = operations.save(uid, author=author(request), base_version=_version(request), content=changed)
    except Conflict as error:
        return JsonResponse({"error": f"{error} Reload the page, then tick it."}, status=CONFLICT)
    except TaskNotFound:
        return JsonResponse({"error": "This box cannot be ticked here. Edit the text instead."}, status=CONFLICT)
    except (Refused, NodeNotFound) as error:
        return JsonResponse({"error": str(error)}, status=CONFLICT)
    return JsonResponse({"version": saved.version})


@require_safe
def suggest_links(request: HttpRequest) -> HttpResponse:
    """Suggest nodes to link to, for the text typed after ``[[``."""
    hits = queries.suggest(request.GET.get("q", "")[:200], reader=reader_of(request))
    return JsonResponse({"found": [_suggestion(hit) for hit in hits]})


def _suggestion(hit: Hit) -> dict[str, str]:
    """A node to link to. ``markdown`` is the link to insert into a note."""
    url = reverse("node", args=[hit.row.uid])
    return {
        "id": hit.row.uid,
        "title": hit.row.title,
        "kind": hit.row.kind,
        "url": url,
        "path": " / ".join(crumb.title for crumb in hit.crumbs[1:]),
        "markdown": link(hit.row.title, without_prefix(url)),
    }


def _save(request: HttpRequest, uid: str) -> HttpResponse:
    typed, message = _typed(request), request.POST.get("message", "")
    try:
        node = queries.get_node(uid, reader=reader_of(request))
    except NodeNotFound:
        return render(request, "tree/gone.html", {"typed": typed}, status=404)
    name = _stored(node, typed.name)
    form = EditorContent(name, typed.text, typed.base_version, message)
    if "merged" in request.POST and has_marks(typed.text):
        return _editor(request, node, replace(form, errors={"content": MARKS_LEFT}), status=INVALID)
    try:
        operations.save(
            uid,
            author=author(request),
            base_version=typed.base_version,
            name=None if name == node.name else name,
            content=None if _is_same(typed.text, node.content) else typed.text,
            message=message,
        )
    except Conflict as error:
        return _conflict(request, uid, form, error)
    except (Refused, NodeNotFound) as error:
        about = error.field if isinstance(error, Refused) else ""
        status = INVALID if isinstance(error, InvalidName | InvalidText) else CONFLICT
        return _editor(request, node, replace(form, errors={about or "form": str(error)}), status=status)
    drafts.forget(request.user, uid)
    drafts.leave(request.user, uid)
    address = reverse("node", args=[uid])
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"location": address})
    messages.success(request, "Saved.")
    return HttpResponseRedirect(address)


def _conflict(request: HttpRequest, uid: str, form: EditorContent, error: Conflict) -> HttpResponse:
    """What both changed, and the editor with both changes merged; nothing is saved yet."""
    node = readable_node(request, uid)
    base_name, base_text = _revision_text(request, uid, form.base_version)
    mine = form.text.replace("\r\n", "\n").replace("\r", "\n")
    merged = merge(base_text, mine, node.content, their_name=error.author)
    name = node.name if form.name == base_name else form.name
    return _editor(
        request,
        node,
        EditorContent(name, merged.text, node.version, form.message),
        status=CONFLICT,
        conflict={
            "reason": str(error),
            "author": error.author,
            "saved_at": node.properties.get("updated_at"),
            "changes": changes(base_text, mine, node.content, merged),
            "mine": mine,
            "merged": merged.text,
            "their_name": node.title if node.name != form.name else "",
            "my_name": shown_name(node.kind, form.name),
        },
    )


def _revision_text(request: HttpRequest, uid: str, version: int) -> tuple[str, str]:
    """The name and text of a version; both empty if it was not kept."""
    try:
        base = queries.get_revision(uid, version, reader=reader_of(request))
    except NodeNotFound:
        return "", ""
    return base.name, base.content


def _editor(request: HttpRequest, node: Node, form: EditorContent, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "node": node,
        "crumbs": node.crumbs,
        "form": form,
        "name": shown_name(node.kind, form.name),
        "html": render_linked(form.text, _link_states(request)),
        "others": drafts.enter(request.user, node.uid),
    }
    return render(request, "tree/edit.html", context | more, status=status)


def _refused(request: HttpRequest, node: Node, reason: str) -> HttpResponse:
    return render(request, "tree/not_editable.html", {"node": node, "reason": reason}, status=CONFLICT)


def _link_states(request: HttpRequest) -> Callable[[list[str]], Mapping[str, str | None]]:
    return partial(queries.get_link_states, reader=reader_of(request))


def _stored(node: Node, typed: str) -> str:
    return stored_name(node.kind, typed, node.name)


def _typed(request: HttpRequest) -> Typed:
    return Typed(request.POST.get("name", ""), request.POST.get("content", ""), _version(request))


def _version(request: HttpRequest) -> int:
    """The version that the person started from; 0, which no node has, if the form does not contain it."""
    return whole_number(request.POST.get("version")) or 0


def _require_version(node: Node, read: int) -> None:
    """Raises Conflict if the node has another version by now.

    The number of a checkbox is only valid for the version on display, so even a tick that changes nothing is refused.
    """
    if read != node.version:
        author = str(node.properties.get("updated_by") or "Somebody")
        raise Conflict(f"{author} saved “{node.title}” after you opened it.", node.version, author)


def _is_same(typed: str, stored: str) -> bool:
    """Whether two texts are equal apart from line endings: browsers send CRLF, whatever the stored text has."""
    return typed == stored or typed.replace("\r\n", "\n") == stored.replace("\r\n", "\n").replace("\r", "\n")

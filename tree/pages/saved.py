"""Saved searches: a search or a list with its filters and columns, under a name. Some are shared with all staff."""

from typing import Any

from django import forms
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from knowledgetree.accounts import policy
from tree.kinds import KINDS, Ticket
from tree.models import SavedSearch
from tree.pages.lists.address import LISTED_KINDS, read_address
from tree.pages.responses import done, show

_SHARERS = policy.TECHNICIANS
_SEARCH_FLAGS = ("archived", "everywhere")
_FULL = f"You have saved {SavedSearch.MOST} searches, which is the most there can be. Delete one first."


class SavedForm(forms.Form):
    """The name of a saved search, and whether all staff see it."""

    name = forms.CharField(
        max_length=100,
        error_messages={"required": "A saved search needs a name."},
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "size": 40}),
    )
    is_shared = forms.BooleanField(required=False, label="All staff see it")


def saved_for(user: Any, listed: str | None = None) -> list[SavedSearch]:
    """This person's, and those that others share with them; of one list or of the search (""), or of all."""
    mine = Q(user=user)
    found = SavedSearch.objects.filter(mine | Q(is_shared=True) if _may_share(user) else mine).select_related("user")
    if listed is not None:
        found = found.filter(listed=listed)
    tickets = policy.may_read_tickets(user)
    return [each for each in found if tickets or LISTED_KINDS.get(each.listed) != Ticket.kind()]


@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest) -> HttpResponse:
    """Save the search or list ``listed`` with the query string ``query``. A name that is there is saved anew."""
    given = request.POST if request.method == "POST" else request.GET
    listed = given.get("listed", "")
    query = _kept(listed, given.get("query", ""))
    form = SavedForm(request.POST or None)
    problem = "" if query else "There is nothing to save: search for something, or filter a list, first."
    if len(query) > SavedSearch.LONGEST:
        problem = "This has too many filters to be saved."
    if request.method == "POST" and not problem and form.is_valid():
        problem = _store(request, form, listed, query)
        if not problem:
            address = SavedSearch(listed=listed, query=query).address
            return done(request, address, f"Saved as “{form.cleaned_data['name']}”.", changes_tree=False)
    context = {
        "form": form,
        "listed": listed,
        "query": query,
        "problem": problem,
        "may_share": _may_share(request.user),
    }
    status = 422 if request.method == "POST" or problem else 200
    return show(request, "tree/_saved_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Rename a saved search of one's own, share it, or delete it with ``delete``."""
    person: Any = request.user
    saved = SavedSearch.objects.filter(user=person, pk=number).first()
    if saved is None:
        raise Http404("No saved search of yours has this number.")
    if request.method == "POST" and "delete" in request.POST:
        saved.delete()
        return done(request, reverse("home"), f"Deleted the saved search “{saved.name}”.", changes_tree=False)
    form = SavedForm(request.POST if request.method == "POST" else None, initial=vars(saved))
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        if SavedSearch.objects.filter(user=person, name=name).exclude(pk=number).exists():
            form.add_error("name", "Another search of yours has this name.")
        else:
            saved.name, saved.is_shared = name, form.cleaned_data["is_shared"] and _may_share(person)
            saved.save()
            return done(request, saved.address, f"Saved as “{name}”.", changes_tree=False)
    context = {"form": form, "saved": saved, "may_share": _may_share(person)}
    return show(request, "tree/_saved_form.html", context, status=422 if form.errors else 200)


def _store(request: HttpRequest, form: SavedForm, listed: str, query: str) -> str:
    """Why it cannot be saved; empty if it was."""
    person: Any = request.user
    name, mine = form.cleaned_data["name"], SavedSearch.objects.filter(user=person)
    if mine.count() >= SavedSearch.MOST and not mine.filter(name=name).exists():
        return _FULL
    shared = form.cleaned_data["is_shared"] and _may_share(person)
    values = {"listed": listed, "query": query, "is_shared": shared}
    SavedSearch.objects.update_or_create(user=person, name=name, defaults=values)
    return ""


def _kept(listed: str, query: str) -> str:
    """What of a query string is a search or the address of a list; empty if nothing is."""
    asked = QueryDict(query)
    if listed:
        kind = LISTED_KINDS.get(listed)
        return read_address(kind, asked).query(after=None) if kind else ""
    kept = QueryDict(mutable=True)
    if words := asked.get("q", "").replace("\0", "").strip()[:300]:
        kept["q"] = words
    if (kind := asked.get("kind", "")) in KINDS:
        kept["kind"] = kind
    if company := asked.get("company", "").replace("\0", "")[:200]:
        kept["company"] = company
    kept.update({name: "1" for name in _SEARCH_FLAGS if asked.get(name) == "1"})
    return kept.urlencode() if words else ""


def _may_share(user: Any) -> bool:
    return policy.role_of(user) in _SHARERS

"""Saved searches: a search or a list with its filters and columns, under a name. Some are shared with all staff."""

from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.db.models import Case, Q, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from knowledgetree.accounts.rights import policy
from knowledgetree.accounts.rights.reader_of import reader_of
from tree.graph.folding import PARTS, folded
from tree.kinds import KINDS, Ticket
from tree.models import SavedSearch
from tree.pages.responses import done, show
from tree.queries.lists.address import LISTED_KINDS, read_address

_SHARERS = policy.TECHNICIANS
_SEARCH_FLAGS = ("archived", "everywhere")
_SHOWN = 200  # saved searches in one list
_NOT_FOLDED = r"[^ -~]"  # letters that the database compares in another way than the switcher does
_TAKEN = "You have one of this name."
_FULL = f"You have saved {SavedSearch.MOST} searches, which is the most there can be. Delete one first."


class SavedForm(forms.Form):
    """The name of a saved search, and whether all staff see it."""

    name = forms.CharField(
        max_length=100,
        error_messages={"required": "A saved search needs a name."},
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "size": 40}),
    )
    is_shared = forms.BooleanField(required=False, label="Share with all staff")


def saved_for(user: Any, listed: str | None = None) -> list[SavedSearch]:
    """This person's, and those that others share with them; of one list or of the search (""), or of all."""
    found = _visible(user).select_related("user")
    return _first(found if listed is None else found.filter(listed=listed))


def saved_named(user: Any, typed: str = "") -> list[SavedSearch]:
    """Those with all the words of ``typed`` somewhere in their name; the names of some others may come with them."""
    found = _visible(user)
    for word in PARTS.findall(folded(typed)):
        found = found.filter(Q(name__icontains=word) | Q(name__regex=_NOT_FOLDED))
    return _first(found)


@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest) -> HttpResponse:
    """Save the search or list ``listed`` with the query string ``query``.

    Another one of this name is replaced only if ``replace`` is its number.
    """
    given = request.POST if request.method == "POST" else request.GET
    listed = given.get("listed", "")
    query = _kept(listed, given.get("query", ""))
    form = SavedForm(request.POST or None)
    taken: SavedSearch | None = None
    problem = "" if query else "There is nothing to save: search for something, or filter a list, first."
    if len(query) > SavedSearch.LONGEST:
        problem = "This has too many filters to be saved."
    if request.method == "POST" and not problem and form.is_valid():
        taken = _store(request, form, listed, query)
        if not form.errors:
            address = SavedSearch(listed=listed, query=query).address
            return done(request, address, f"Saved as “{form.cleaned_data['name']}”.", changes_tree=False)
    context = {
        "form": form,
        "listed": listed,
        "query": query,
        "problem": problem,
        "taken": taken,
        "may_share": _may_share(request.user),
    }
    status = 422 if request.method == "POST" or problem else 200
    return show(request, "tree/_saved_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Rename a saved search of one's own, share it, or delete it with ``delete``. ``back``: the page that led here."""
    person: Any = request.user
    saved = SavedSearch.objects.filter(user=person, pk=number).first()
    if saved is None:
        raise Http404("No saved search of yours has this number.")
    if request.method == "POST" and "delete" in request.POST:
        saved.delete()
        back = _back(request) or reverse("home")
        return done(request, back, f"Deleted the saved search “{saved.name}”.", changes_tree=False)
    form = SavedForm(request.POST if request.method == "POST" else None, initial=vars(saved))
    if request.method == "POST" and form.is_valid():
        saved.name, saved.is_shared = form.cleaned_data["name"], form.cleaned_data["is_shared"] and _may_share(person)
        try:
            with transaction.atomic():
                saved.save()
        except IntegrityError:
            form.add_error("name", _TAKEN)
        else:
            return done(request, saved.address, f"Saved as “{saved.name}”.", changes_tree=False)
    context = {"form": form, "saved": saved, "may_share": _may_share(person), "back": _back(request)}
    return show(request, "tree/_saved_form.html", context, status=422 if form.errors else 200)


def _visible(user: Any) -> QuerySet[SavedSearch]:
    """What this person may use, their own first."""
    mine = Q(user=user)
    found = SavedSearch.objects.filter(mine | Q(is_shared=True) if _may_share(user) else mine)
    if not reader_of(user).tickets:
        found = found.exclude(listed__in=[slug for slug, kind in LISTED_KINDS.items() if kind == Ticket.kind()])
    return found.order_by(Case(When(mine, then=0), default=1), "name", "pk")


def _first(found: QuerySet[SavedSearch]) -> list[SavedSearch]:
    return sorted(found[:_SHOWN], key=lambda saved: (saved.name, saved.pk))


def _store(request: HttpRequest, form: SavedForm, listed: str, query: str) -> SavedSearch | None:
    """Save it, or say in the form why not. Returns the saved search that has its name already, if that is why."""
    person: Any = request.user
    name, mine = form.cleaned_data["name"], SavedSearch.objects.filter(user=person)
    if mine.count() >= SavedSearch.MOST and not mine.filter(name=name).exists():
        form.add_error(None, _FULL)
        return None
    shared = form.cleaned_data["is_shared"] and _may_share(person)
    values = {"listed": listed, "query": query, "is_shared": shared}
    saved, is_new = SavedSearch.objects.get_or_create(user=person, name=name, defaults=values)
    if not is_new and request.POST.get("replace") != str(saved.pk):
        form.add_error("name", f"{_TAKEN} It is shared with all staff." if saved.is_shared else _TAKEN)
        return saved
    if not is_new:
        mine.filter(pk=saved.pk).update(**values)
    return None


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


def _back(request: HttpRequest) -> str:
    """The page of this site that led here; empty if none is given."""
    back = (request.POST if request.method == "POST" else request.GET).get("back", "")
    return back if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None) else ""


def _may_share(user: Any) -> bool:
    return policy.role_of(user) in _SHARERS

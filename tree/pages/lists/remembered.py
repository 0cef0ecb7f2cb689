"""The filters, order and columns in which a person left a list, kept in the session until they log out.

They come back when somebody opens the list without saying anything about it. An address that says something wins: its
filters are all that there are, and the order and the columns are remembered only if it names none. The client, the
words and the place in the list are not kept.
"""

from dataclasses import replace

from django.http import HttpRequest, QueryDict

from tree.queries.lists.address import ListAddress, read_address

_KEY = "lists"


def with_remembered(request: HttpRequest, address: ListAddress) -> ListAddress:
    """The address, completed by what is remembered."""
    kept = request.session.get(_KEY, {}).get(address.kind, "")
    if not kept or ("sort" in request.GET and "column" in request.GET):
        return address
    left = read_address(address.kind, QueryDict(kept))
    if not request.GET:
        return left
    sort = address.sort if "sort" in request.GET else left.sort
    return replace(address, sort=sort, columns=address.columns if "column" in request.GET else left.columns)


def remember(request: HttpRequest, address: ListAddress) -> None:
    """Keep what an address says. Writes only what has changed."""
    query = replace(address, client="", words="", after=None).query()
    kept = request.session.get(_KEY, {})
    if query != kept.get(address.kind, ""):
        request.session[_KEY] = {**kept, address.kind: query}

"""Routes of pages that programs use as well, where something may be withheld from them: files, CSV lists, archives."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from knowledgetree import problems
from knowledgetree.accounts.rights.reader_of import reader_of
from knowledgetree.basics.rights.withholding import Part
from tree import queries
from tree.api.compliance import Disclosure, withheld_from, withholds_anywhere

View = Callable[..., HttpResponseBase]
_LISTS_OF_TICKETS = ("tickets",)


def of_files(view: View) -> View:
    """A view of one file: refused if a node that has it withholds its files or is withheld as a whole.

    Only nodes that the request may read count; the view says that a file of others does not exist.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if withholds_anywhere(request, Part.FILES, Part.TICKETS):
            file_id, filename = kwargs.get("file_id", ""), kwargs.get("filename", "")
            ways = queries.get_ways_to_file(file_id, filename, reader=reader_of(request))
            known = Disclosure.of(request, (crumb for way in ways for crumb in way))
            if any(known.parts(way) & {Part.FILES, Part.TICKETS} for way in ways):
                return _refused(request, "This file is withheld from you, because of the compliance level.")
        return view(request, *args, **kwargs)

    return guarded


def of_lists(view: View) -> View:
    """A view of a list: refused if the list has columns, or rows, that are withheld at some level."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        parts = [Part.CONTACTS, *([Part.TICKETS] if kwargs.get("listed") in _LISTS_OF_TICKETS else [])]
        if withholds_anywhere(request, *parts):
            return _refused(request, "Lists hold what is withheld from you. The JSON routes leave only that out.")
        return view(request, *args, **kwargs)

    return guarded


def of_everything(view: View) -> View:
    """A view of an archive or plan, which holds texts of all companies: refused if anything is withheld."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if any(withheld_from(request).values()):
            return _refused(request, "This holds what is withheld from you, because of the compliance level.")
        return view(request, *args, **kwargs)

    return guarded


def _refused(request: HttpRequest, why: str) -> HttpResponseBase:
    return problems.problem(request, 403, f"{why} An administrator sets it (WITHHELD_FROM_SERVICES).")

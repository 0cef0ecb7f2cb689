"""The routes of the old application that give a node's context to assistants; ``context_text`` makes the text."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_http_methods, require_safe
from msgspec import Struct

from knowledgetree.accounts.rights.reader_of import reader_of
from knowledgetree.basics.rights.withholding import Part
from tree import queries
from tree.api.compliance import Disclosure
from tree.api.legacy.context_text import pack
from tree.api.legacy.readable import readable
from tree.api.legacy.requests import answers_json, body_if_any
from tree.api.legacy.responses import ROOT_NAME
from tree.exceptions import NodeNotFound
from tree.queries.texts.path_texts import get_attached, get_sections
from tree.vocabulary import ROOT_ID


class Excluded(Struct):
    """The body of a POST: the ids of attached folders that are left out."""

    excluded_ids: list[str] | None = None


@require_http_methods(["GET", "HEAD", "POST"])
@answers_json
def context(request: HttpRequest, uid: str) -> HttpResponse:
    """The texts from the root down to a node, as one Markdown text."""
    excluded = body_if_any(request, Excluded).excluded_ids if request.method == "POST" else None
    node = readable(request, uid)
    if node.path[0].uid != ROOT_ID:
        raise NodeNotFound("Node not found")
    reader = reader_of(request)
    sections = get_sections(node, reader)
    attached = get_attached(node, reader, excluded=excluded)
    articles = [article for folder in attached for article in folder.articles]
    known = Disclosure.of(request, [*node.path, *(crumb for article in articles for crumb in article.way)])
    held = () if Part.FILES in known.parts(node.path) else queries.get_files(node.uid, reader=reader)
    files = [file for file in held if not file.removed_at]
    packed = pack(node, sections, attached, files, known, ROOT_NAME)
    more = {"left_out": packed.left_out, "withheld": packed.withheld}
    return JsonResponse({"context": packed.text} | known.item({}, node.path) | more)


@require_safe
@answers_json
def context_tree(request: HttpRequest, uid: str) -> HttpResponse:
    """The attached folders that a node's context has texts of; none if there is no such node."""
    try:
        node = readable(request, uid)
    except NodeNotFound:
        return JsonResponse({"attached_folders": []})
    found = get_attached(node, reader_of(request), with_texts=False)
    return JsonResponse({"attached_folders": [{"id": folder.uid, "name": folder.name} for folder in found]})

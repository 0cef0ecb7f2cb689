"""The pages by which people hand what the tree knows to an assistant: a node as Markdown, and its context."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from knowledgetree.accounts.rights.reader_of import reader_of
from tree import audited, queries
from tree.context.copied import as_markdown
from tree.context.pack import DEFAULT_BUDGET, LEAST_BUDGET, MOST_BUDGET, Pack, build
from tree.exceptions import NodeNotFound
from tree.graph.values import Node
from tree.models import ContextChoice
from tree.pages.readable import readable_node
from tree.pages.responses import asks_only_for
from tree.vocabulary import MOST_COPIED

SLIDER = (1_000, 50_000, 1_000)  # the least and the most tokens of the slider, and its step
_BUDGET = f"Choose how many tokens the text may have: {LEAST_BUDGET:,} to {MOST_BUDGET:,}."


class ChoiceForm(forms.Form):
    """What a person chose on the page. ``shown`` are the ids that had a tick box, of which ``ticked`` are wanted."""

    budget = forms.IntegerField(
        min_value=LEAST_BUDGET,
        max_value=MOST_BUDGET,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _BUDGET),
    )
    question = forms.CharField(
        max_length=1000, required=False, error_messages={"max_length": "The question has over 1,000 characters."}
    )
    shown = forms.CharField(max_length=200_000, required=False)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def context(request: HttpRequest, uid: str) -> HttpResponse:
    """The context of a node, with a tick for each block. A choice is remembered for the person and the node."""
    node = readable_node(request, uid)
    if node.is_trashed:
        raise Http404("It lies in the trash.")
    choice = ContextChoice.of(request.user, uid, DEFAULT_BUDGET)
    form = ChoiceForm(request.POST if request.method == "POST" else None)
    question = ""
    if request.method == "POST":
        if not form.is_valid():
            return _page(request, node, choice, question, form, status=422)
        question = form.cleaned_data["question"]
        shown = form.cleaned_data["shown"].split(",")
        choice.keep(form.cleaned_data["budget"], filter(None, shown), request.POST.getlist("in"))
    return _page(request, node, choice, question, form)


def _page(
    request: HttpRequest, node: Node, choice: ContextChoice, question: str, form: ChoiceForm, status: int = 200
) -> HttpResponse:
    pack = _pack(request, node.uid, choice, question)
    context: dict[str, Any] = {
        "node": node,
        "crumbs": node.crumbs,
        "pack": pack,
        "question": question,
        "errors": [why for errors in form.errors.values() for why in errors] if form.is_bound else [],
        "lines": [line for line in pack.lines if line.is_in or line.why == "not wanted"],
        "left": [line for line in pack.lines if not line.is_in and line.why != "not wanted"],
        "slider": SLIDER,
        "share": min(100 * pack.tokens // pack.budget, 100),
    }
    template = "tree/_context.html" if asks_only_for(request, "context") else "tree/context.html"
    return render(request, template, context, status=status)


@never_cache
@require_safe
def download(request: HttpRequest, uid: str) -> HttpResponse:
    """The context as the person last chose it, as a file."""
    node = readable_node(request, uid)
    if node.is_trashed:
        return redirect("node", uid)
    pack = _pack(request, uid, ContextChoice.of(request.user, uid, DEFAULT_BUDGET), request.GET.get("question", ""))
    response = HttpResponse(pack.text, content_type="text/markdown; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="context.md"'
    return response


def _pack(request: HttpRequest, uid: str, choice: ContextChoice, question: str) -> Pack:
    reader = reader_of(request)
    try:
        pack = build([uid], reader, budget=choice.budget, question=question[:1000], excluded=choice.excluded)
    except NodeNotFound as error:
        raise Http404(str(error)) from error
    audited.note_pack(pack)
    return pack


@never_cache
@require_safe
def copied(request: HttpRequest) -> HttpResponse:
    """Nodes as Markdown: title, facts, text and relations. ``ids``: separated by commas. What is left out is told."""
    reader, texts = reader_of(request), []
    ids = request.GET.get("ids", "").split(",")
    for uid in ids[:MOST_COPIED]:
        node = readable_node(request, uid)
        backlinks = queries.get_backlinks(uid, reader=reader)
        texts.append(as_markdown(node, backlinks, request.build_absolute_uri))
        audited.note_handed_out(node.path)
    if len(ids) > MOST_COPIED:
        texts.append(f"{len(ids) - MOST_COPIED} more were chosen and are left out: {MOST_COPIED} are copied at most.\n")
    return HttpResponse("\n\n---\n\n".join(texts), content_type="text/plain; charset=utf-8")

"""The operation of the API v1 that gives a node's context to assistants."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from tree.api.packs import pack_for
from tree.api.v1 import schemas
from tree.api.v1.answers import answer
from tree.api.v1.parameters import NodeId
from tree.api.v1.readable import live
from tree.context.pack import DEFAULT_BUDGET, LEAST_BUDGET, MOST_BUDGET

router = Router(tags=["Context"])
Budget = Annotated[
    int, Query(ge=LEAST_BUDGET, le=MOST_BUDGET, description="The most tokens.", examples=[DEFAULT_BUDGET])
]
Question = Annotated[
    str, Query(max_length=1000, description="What is asked about the node: its words come first.", examples=[""])
]
Format = Annotated[Literal["json", "md"], Query(description="md: the text alone, as Markdown.")]
_TEXT = {"schema": {"type": "string"}, "examples": {"text": {"value": "# VPN set-up\n\nAsk for the token."}}}
_MARKDOWN: dict[str, Any] = {"responses": {200: {"content": {"text/markdown": _TEXT}}}}


@router.get(
    "/nodes/{node_id}/context", url_name="context", response=schemas.Context, summary="The context of a node",
    openapi_extra=_MARKDOWN,
)  # fmt: skip
def context(
    request: HttpRequest, node_id: NodeId, budget: Budget = DEFAULT_BUDGET, question: Question = "",
    format: Format = "json",  # noqa: A002
) -> HttpResponse:  # fmt: skip
    """What an assistant needs to know about a node, as one text: rules, the node, who and what is concerned, notes and
    tickets. The manifest says of each candidate whether it is in, and why.
    """
    pack = pack_for(request, [live(request, node_id).uid], budget=budget, question=question)
    if format == "md":
        return HttpResponse(pack.text, content_type="text/markdown; charset=utf-8")
    return answer({"text": pack.text, "manifest": pack.manifest()})

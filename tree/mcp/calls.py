"""Runs what a caller asks for: with its rights, in the thread of the request, and told to the audit log."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Annotated, Any, TypeVar

from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, ContentBlock, ResourceLink, TextContent

from knowledgetree.accounts.identity import BadToken, CoreSilent
from knowledgetree.audit import log
from knowledgetree.audit.actions import Action
from tree.exceptions import GraphUnavailable, NodeNotFound, Refused
from tree.mcp.results import Placed, Structured

Result = TypeVar("Result")


@dataclass(frozen=True)
class Answer:
    """The answer of a tool: for people and older clients as text, for programs as structure, with links to nodes."""

    structured: Structured
    text: str
    linked: list[Placed] = field(default_factory=list)


class Wrong(Exception):
    """An argument is wrong: its name, and what would be right."""

    def __init__(self, argument: str, why: str) -> None:
        super().__init__(f"{argument}: {why}")


def as_tool(work: Callable[..., Answer], result: type) -> Callable[..., Any]:
    """The function as a tool of the SDK, with the same parameters; ``result`` is the type of its structure."""

    @wraps(work)
    async def tool(**given: Any) -> CallToolResult:
        answer = answered(work.__name__, lambda: work(**given))
        return CallToolResult(
            content=[TextContent(type="text", text=answer.text), *map(_link, answer.linked)],
            structured_content=dict(answer.structured),
        )

    returns = Annotated[CallToolResult, result]
    tool.__signature__ = inspect.signature(work).replace(return_annotation=returns)  # type: ignore[attr-defined]
    return tool


@contextmanager
def outside_loop() -> Iterator[None]:
    """Within it, this thread counts as one without an event loop: for work that waits for databases.

    With a loop running, Django would refuse to work, and take other connections than those of the thread. The loop
    serves one caller alone, so that the work may hold it up, and another thread would cost more than most calls. With
    ``manage.py mcp``, the first Ctrl-C therefore takes effect when the work is done.
    """
    loop = asyncio.get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)


@outside_loop()
def answered(name: str, work: Callable[[], Result]) -> Result:
    """The result of the work; what it hands out goes into the audit log, as does a call that hands out nothing.

    Raises ToolError in words for the caller.
    """
    refusal = ""
    with log.noting() as noted:
        try:
            result = work()
        except (NodeNotFound, Refused, Wrong, BadToken, CoreSilent) as error:
            refusal = str(error)
        except GraphUnavailable as error:
            refusal = f"{error.in_short} Try again in a minute."
    for company, shown in (noted or {None: log.Noted()}).items():
        detail = f"MCP {name}{', refused' if refusal else ''}"
        log.record(Action.HANDED_OUT, nodes=shown.nodes, company=company, detail=detail)
    if refusal:
        raise ToolError(refusal)
    return result


def _link(node: Placed) -> ContentBlock:
    return ResourceLink(
        type="resource_link", uri=f"kt://node/{node['id']}", name=node["title"] or node["id"], mime_type="text/markdown"
    )

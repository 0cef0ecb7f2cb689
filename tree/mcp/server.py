"""The server: its tools, resources, prompts and instructions."""

from collections.abc import Callable
from functools import cache, lru_cache
from inspect import signature
from typing import Any

from mcp import MCPError
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp_types import INVALID_PARAMS, CallToolResult, GetPromptResult, InputRequiredResult, TextContent, ToolAnnotations
from mcp_types import Tool as ListedTool
from pydantic import ValidationError

from knowledgetree.basics.version import VERSION
from knowledgetree.basics.wrong_values import in_words
from tree.context.customers import LEGEND
from tree.mcp import prompts, results
from tree.mcp.callers import caller
from tree.mcp.calls import Answer, answered, as_tool, outside_loop
from tree.mcp.tools import context, finding, person, proposing, reading
from tree.models import Guidance

INSTRUCTIONS = f"""\
KnowledgeTree is the knowledge base of a managed-service provider: its client companies with their people, computers, \
locations and tickets, and the notes of its technicians, in one tree.

- Find with `search`, read one node with `fetch`, walk with `tree`. For work on a ticket, person or computer, \
`context` gives all that matters at once.
- Rules and warnings of the staff come first: keep to them.
- Every node names its `company_id` and `compliance_level`. Never use what belongs to one company for another one.
- Name the `url` of what you rely on.
- Nothing that you do here changes the tree. `propose_note` makes a proposal; a technician accepts or declines it.
- `never_told` says what you are never told of: if nothing is found, it may still be there. `withheld` names what is \
empty because of the compliance level.
- {LEGEND}
"""
_READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_PROPOSES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_TOOLS: tuple[tuple[Callable[..., Answer], type, str, ToolAnnotations], ...] = (
    (finding.search, results.Search, "Search", _READS),
    (reading.fetch, results.Fetched, "Fetch a node", _READS),
    (reading.tree, results.Tree, "List children", _READS),
    (context.context, results.Context, "Context of a node", _READS),
    (proposing.propose_note, results.Proposed, "Propose a note", _PROPOSES),
    (person.whoami, results.Whoami, "Who am I", _READS),
)
_ARGUMENTS = {work.__name__: list(signature(work).parameters) for work, *_ in _TOOLS}
_PROPOSING = proposing.propose_note.__name__
_MARKDOWN = "text/markdown"
_ASK_FOR_INSTRUCTIONS = (b"initialize", b"discover")  # parts of the methods: JSON may write "server\\/discover"


class Server(MCPServer[Any]):
    """Lists to each caller the tools that it may use, and says in words what is wrong with arguments."""

    async def list_tools(self) -> list[ListedTool]:
        may_propose = _may_propose()
        return [tool for tool in await super().list_tools() if tool.name != _PROPOSING or may_propose]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        if name == _PROPOSING and not _may_propose():
            return _refused(f"Unknown tool: {name}. This token may not propose notes.")
        if unknown := _unknown(name, arguments):
            return _refused(unknown)
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                return _refused(_in_words(error.__cause__))
            if isinstance(error.__cause__, ToolError):
                return _refused(str(error.__cause__))
            raise

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Context[Any, Any] | None = None
    ) -> GetPromptResult | InputRequiredResult:
        try:
            return await super().get_prompt(name, arguments, context)
        except ValueError as error:  # an unknown prompt, or an argument is missing
            raise MCPError(code=INVALID_PARAMS, message=str(error)) from error


def answering(message: bytes) -> Server:
    """The server for a message of a client. SQL is asked for the guidance only if the message asks for instructions."""
    return with_guidance() if any(method in message for method in _ASK_FOR_INSTRUCTIONS) else _server("")


def with_guidance() -> Server:
    """The server, with what administrators tell assistants at the end of its instructions."""
    return _server(Guidance.present())


@lru_cache(maxsize=4)
def _server(guidance: str) -> Server:
    told = (
        f"{INSTRUCTIONS}\nFrom the administrators of this installation:\n\n{guidance}\n" if guidance else INSTRUCTIONS
    )
    server = Server(
        "knowledgetree",
        title="KnowledgeTree",
        version=VERSION,
        instructions=told,
        log_level="WARNING",
        subscriptions=False,
    )
    for work, result, title, hints in _TOOLS:
        server.add_tool(as_tool(work, result), title=title, description=_description(work), annotations=hints)
    server.resource(
        "kt://node/{id}", name="node", title="A node", description="A node in Markdown, by its id.", mime_type=_MARKDOWN
    )(_node)
    for prompt in (prompts.triage_ticket, prompts.write_runbook):
        server.prompt(title=prompts.TITLES[prompt.__name__], description=_description(prompt))(prompt)
    return server


async def _node(id: str) -> str:  # noqa: A002 - the name in the address
    try:
        return answered("resource", lambda: reading.fetch(id).text)
    except ToolError as error:
        raise ResourceNotFoundError(str(error)) from error


@outside_loop()
def _may_propose() -> bool:
    return caller().may_propose


@cache
def _description(work: Any) -> str:
    return " ".join((work.__doc__ or "").split())


def _unknown(name: str, arguments: dict[str, Any]) -> str:
    """What is wrong with the names of these arguments: a misspelt filter must not be left out in silence."""
    known = _ARGUMENTS.get(name, list(arguments))
    strange = [one for one in arguments if one not in known]
    takes = f"It takes {', '.join(known)}." if known else "It takes none."
    return f"{', '.join(strange)[:200]}: {name} has no such argument. {takes}" if strange else ""


def _refused(why: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=why)], is_error=True)


def _in_words(error: ValidationError) -> str:
    """Each wrong argument by its name, without what was sent."""
    told = (f"{'.'.join(map(str, one['loc'])) or 'arguments'}: {in_words(one)}" for one in error.errors())
    return " ".join(told)

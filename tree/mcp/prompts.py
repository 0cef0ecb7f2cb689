"""The prompts: work that people start by a name in their client. Each holds what the work needs to be begun."""

from typing import Annotated

from mcp import MCPError
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import INVALID_PARAMS
from pydantic import Field

from tree.mcp.callers import caller
from tree.mcp.calls import answered
from tree.mcp.tools.context import packed

TITLES = {"triage_ticket": "Triage this ticket", "write_runbook": "Write the runbook that these tickets ask for"}
_TOKENS = 12_000
_MOST_TICKETS = 10
_TRIAGE = """\
Triage this ticket for a technician. From the context below, and with the tools where it is not enough, say:

1. what is wrong, who and what is concerned, and how urgent it is;
2. which rules and warnings of the staff apply;
3. what ended similar tickets, each with its url;
4. the next steps, in order; and what to ask the customer, in a draft of a reply.

Say which of it is known and which is a guess.
"""
_RUNBOOK = """\
Write the runbook that these tickets ask for: a note by which a technician who does not know the client solves the \
next one. Give it: when it applies; what to check first; the steps, with commands and the names of real systems; how \
to see that it worked; whom to ask if not. Link to the nodes that it names as [title](/node/ID/).

Look with `search` whether there is such a runbook already. If there is, improve it: `fetch` it and propose its new \
text with its base_version. If not, propose it with `propose_note` below the company, or where runbooks are kept. \
Leave out names and words of customers that the runbook does not need.
"""


async def triage_ticket(
    ticket: Annotated[str, Field(description="# and the ticket's number, its id, or the address of its page")],
) -> str:
    """What is wrong, what applies, what helped before, and the next steps."""
    return _filled("triage_ticket", _TRIAGE, [ticket])


async def write_runbook(
    tickets: Annotated[str, Field(description="Tickets as for the other prompt, up to ten, with commas between them")],
) -> str:
    """A note by which the next of these tickets is solved, as a proposal."""
    named = [one.strip() for one in tickets.split(",") if one.strip()]
    if len(named) > _MOST_TICKETS:
        raise MCPError(code=INVALID_PARAMS, message=f"tickets: name at most {_MOST_TICKETS}.")
    return _filled("write_runbook", _RUNBOOK, named or [tickets])


def _filled(name: str, work: str, named: list[str]) -> str:
    """The work to do, and the context of what is named. Raises MCPError in words."""
    try:
        return answered(f"prompt {name}", lambda: f"{work}\n{_pack(named)}")
    except ToolError as error:
        raise MCPError(code=INVALID_PARAMS, message=str(error)) from error


def _pack(named: list[str]) -> str:
    return packed(named, _TOKENS, caller()).text

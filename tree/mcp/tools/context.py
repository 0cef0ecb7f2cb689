"""The tool ``context``."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from tree.api.compliance import withheld_by
from tree.api.packs import pack_of
from tree.context.pack import LEAST_BUDGET, Line, Pack
from tree.context.targets import find_target
from tree.mcp.callers import Caller, caller
from tree.mcp.calls import Answer
from tree.mcp.results import Context, Packed
from tree.mcp.told import placed
from tree.mcp.tools.parameters import Named

MOST_TOKENS, TOKENS = 50_000, 8_000


def context(
    id: Named,  # noqa: A002
    budget: Annotated[int, Field(ge=LEAST_BUDGET, le=MOST_TOKENS, description="The most tokens of the text.")] = TOKENS,
    question: Annotated[
        str, Field(max_length=1000, description="What is asked about the node: what has its words comes first.")
    ] = "",
) -> Answer:
    """Read all that matters for working on a node, at once: rules and warnings, the node, people and computers
    concerned, notes, open tickets, and how similar tickets ended.
    """
    present = caller()
    pack = packed([id], budget, present, question)
    contains = _contained(pack.lines, present)
    left = sum(not line.is_in for line in pack.lines)
    structured: Context = {
        "text": pack.text,
        "tokens": pack.tokens,
        "budget": pack.budget,
        "contains": contains,
        "left_out": left,
        "truncated": left > 0,
        "next_cursor": None,
        "never_told": present.withheld,
    }
    return Answer(structured, pack.text, list(contains))


def packed(named: Sequence[str], budget: int, present: Caller, question: str = "") -> Pack:
    """The pack about the nodes that are named. The audit log is told of it. Raises NodeNotFound in words."""
    reader, withheld = present.reader, withheld_by(present.identity.via)
    return pack_of([find_target(one, reader) for one in named], reader, withheld, budget=budget, question=question)


def _contained(lines: Sequence[Line], present: Caller) -> list[Packed]:
    """The nodes that the pack shows, without those that it only names as left out."""
    shown = [line for line in lines if line.is_in]
    known = present.disclosure(crumb for line in shown for crumb in line.path)
    return [
        placed(line.path, known, present, section=line.section.value, tokens=line.tokens, archived=line.is_archived)
        for line in shown
    ]

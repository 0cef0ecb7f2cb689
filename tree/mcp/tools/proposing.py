"""The tool ``propose_note``."""

from typing import Annotated

from django.urls import reverse
from pydantic import Field

from tree.mcp.callers import caller
from tree.mcp.calls import Answer
from tree.mcp.results import Proposed
from tree.mcp.told import headline, placed
from tree.mcp.tools.parameters import Named
from tree.mcp.tools.reading import readable
from tree.models import Proposal
from tree.proposals import Draft, propose


def propose_note(
    id: Named,  # noqa: A002
    text: Annotated[str, Field(min_length=1, description="The whole text of the note, in Markdown.")],
    reason: Annotated[
        str,
        Field(min_length=1, max_length=2000, description="Why, for the person who decides: sources, with their URLs."),
    ],
    assistant: Annotated[str, Field(min_length=1, max_length=100, description="Your own name, as people know you.")],
    name: Annotated[
        str,
        Field(
            max_length=255,
            description="For a new note below the node: its name. Empty: a new text for the node itself.",
        ),
    ] = "",
    base_version: Annotated[
        int | None, Field(ge=1, description="For a new text: the base_version that fetch gave with the old one.")
    ] = None,
    idempotency_key: Annotated[
        str,
        Field(max_length=100, description="Any text of yours, the same when you repeat a call that may have failed."),
    ] = "",
) -> Answer:
    """Propose a new note, or a new text for a note. Nothing changes: a technician reads it, edits it, and accepts or
    declines it. Repeat a call with the same key to learn what has become of it.
    """
    present = caller()
    node = readable(id, present)
    draft = Draft(text, reason, assistant, name.strip(), base_version, idempotency_key.strip())
    account = present.user if present.user.pk else None
    made, is_repeated = propose(node, draft, account=account, reader=present.reader)
    current = None if made.is_new else node.version
    structured: Proposed = {
        "proposal": made.pk,
        "state": made.state,
        "repeated": is_repeated,
        "url": present.address(reverse("proposal", args=[made.pk])),
        "node": placed(node.path, present.disclosure(node.path), present),
        "base_version": made.base_version,
        "current_version": current,
        "message": _message(made, current),
    }
    return Answer(structured, _text(structured), [structured["node"]])


def _message(made: Proposal, current: int | None) -> str:
    if not made.is_open:
        word = f": {made.word}" if made.word else ""
        return f"{made.decided_by} has {made.state} it{word}."
    if current is not None and made.base_version != current:
        return f"The note has version {current} by now; the changes of both will be merged."
    return "Nothing has changed yet: a technician decides."


def _text(answer: Proposed) -> str:
    about = f"Proposal {answer['proposal']} ({answer['state']}) for {headline(answer['node'])}."
    return f"{about} {answer['message']} People decide at {answer['url']}."

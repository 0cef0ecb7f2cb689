"""The parameters that operations share, and the names of the headers that the OpenAPI document adds to them."""

from typing import Annotated, Any

from ninja import Path, Query

from tree.api.v1.schemas import EXAMPLE_ID

NodeId = Annotated[str, Path(description="The id of a node.", examples=["root", EXAMPLE_ID])]
Archived = Annotated[bool, Query(description="Archived ones too: those that have left Codex.")]
FileId = Annotated[str, Path(description="The id of a file.", examples=[EXAMPLE_ID])]
Number = Annotated[int, Path(description="The number of a saved version.", examples=[1])]
Cursor = Annotated[
    str, Query(description="Where the page begins: next_cursor of the page before.", max_length=4000, examples=[""])
]


def limit_of(most: int, example: int = 50) -> Any:
    """The type of the parameter that says how many entries a page has."""
    what = f"At most so many entries, 1 to {most}."
    return Annotated[int, Query(ge=1, le=most, description=what, examples=[example])]  # type: ignore[type-arg]


IF_MATCH: dict[str, Any] = {
    "parameters": [
        {
            "name": "If-Match",
            "in": "header",
            "required": True,
            "description": "The ETag of the node, as it was read; * for any.",
            "schema": {"type": "string"},
            "examples": {"any": {"value": "*"}},
        }
    ]
}
IF_NONE_MATCH: dict[str, Any] = {
    "parameters": [
        {
            "name": "If-None-Match",
            "in": "header",
            "required": False,
            "description": "The ETag that the caller has; the response is a 304 if it still is the present one.",
            "schema": {"type": "string"},
        }
    ]
}
IDEMPOTENCY_KEY: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "A new UUID. The same request with it gets the first response again, for 24 hours.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        }
    ]
}

__all__ = [
    "IDEMPOTENCY_KEY",
    "IF_MATCH",
    "IF_NONE_MATCH",
    "Archived",
    "Cursor",
    "FileId",
    "NodeId",
    "Number",
    "limit_of",
]

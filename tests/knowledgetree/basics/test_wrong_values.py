"""What Pydantic refuses is told in words, whatever is sent to a field."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from knowledgetree.basics.wrong_values import in_words


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str


def told(kind: Any, value: Any) -> str:
    """What is said of this value where this type is wanted."""
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    return " ".join(in_words(error) for error in refused.value.errors())


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Record, {}, "It is missing."),
        (Record, {"name": "x", "other": 1}, "There is no such field."),
        (Record, [1], "It must be an object with named fields."),
        (int, "ten", "It must be a whole number."),
        (int, 1.5, "It must be a whole number."),
        (bool, "perhaps", "It must be true or false."),
        (str, 7, "It must be a text."),
        (list[str], "x", "It must be a list."),
        (date, "yesterday", "It must be a day such as 2026-11-29."),
        (datetime, "noon", "It must be a moment such as 2026-11-29T14:30:00Z."),
        (Annotated[int, Field(ge=1)], 0, "It must be at least 1."),
        (Annotated[int, Field(le=1000)], 1001, "It must be at most 1,000."),
        (Annotated[str, Field(min_length=1)], "", "It must not be empty."),
        (Annotated[str, Field(min_length=2)], "x", "It must have at least 2 characters."),
        (Annotated[str, Field(max_length=1)], "xx", "It must have at most 1 character."),
        (Annotated[list[int], Field(max_length=1)], [1, 2], "It must have at most 1 entry."),
        (Annotated[str, Field(pattern="^(yes|no)?$")], "maybe", "It must be yes or no."),
        (Annotated[str, Field(pattern="^((a|b_c|d))?$")], "x", "It must be a, b_c or d."),
        (
            Annotated[str, Field(pattern="^(-?(name|kind))?$")],
            "x",
            "It must be name or kind, or one of them after a -.",
        ),
        (Annotated[str, Field(pattern="^(open)?$")], "x", "It must be open."),
        (Annotated[str, Field(pattern="^[0-9]{2}:[0-9]{2}$")], "x", "It must fit the pattern “^[0-9]{2}:[0-9]{2}$”."),
        (Literal["a", "b"], "c", "It must be a or b."),
        (Colour, "green", "It must be red or blue."),
    ],
)
def test_words(kind: Any, value: Any, words: str) -> None:
    assert told(kind, value) == words

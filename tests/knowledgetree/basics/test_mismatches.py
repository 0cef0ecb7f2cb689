"""What does not fit is said in words that one can mend it by."""

from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, Struct

from knowledgetree.basics.mismatches import in_words, mismatch_of


class Mail(Struct, forbid_unknown_fields=True):
    body: str | None = None


class Record(Struct, kw_only=True):
    id: Annotated[int, Meta(ge=0, le=99)]
    name: Annotated[str, Meta(min_length=1, max_length=5000)]
    hours: float = 0
    usage: str | float | None = None
    online: bool | None = None
    mails: list[Mail] | None = None
    colour: Literal["red", "blue"] = "red"
    codes: dict[str, int] | None = None


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"id": None}, "“id” must be a whole number, but is empty."),
        ({"id": "7"}, "“id” must be a whole number, but is a text."),
        ({"id": True}, "“id” must be a whole number, but is true or false."),
        ({"id": 1.5}, "“id” must be a whole number, but is a number with a decimal point."),
        ({"id": -1}, "“id” must be at least 0."),
        ({"id": 100}, "“id” must be at most 99."),
        ({"name": ""}, "“name” must have at least 1 character."),
        ({"name": "x" * 5001}, "“name” must have at most 5,000 characters."),
        ({"name": ["x"]}, "“name” must be a text, but is a list."),
        ({"hours": {}}, "“hours” must be a number, but is a record with named fields."),
        ({"usage": []}, "“usage” must be a number or a text or empty, but is a list."),
        ({"online": 1}, "“online” must be true or false or empty, but is a number."),
        ({"mails": [{}, {"body": 7}]}, "“mails[1].body” must be a text or empty, but is a number."),
        ({"mails": [7]}, "“mails[0]” must be a record with named fields, but is a number."),
        ({"mails": [{"from": "x"}]}, "“mails[0].from” is an unknown field."),
        ({"hours": 10**400}, "“hours” is too large or too small."),
        ({"codes": {7: 1}}, "A name in “codes” must be a text, but is a number."),
        ({7: 1}, "The name of a field must be a text."),
    ],
)
def test_a_field_that_does_not_fit(raw: dict[str, Any], said: str) -> None:
    assert in_words(mismatch_of(refusal({"id": 1, "name": "x"} | raw))) == said


def test_what_is_missing_and_what_is_no_record() -> None:
    assert in_words(mismatch_of(refusal({"id": 1}))) == "“name” is missing."
    assert in_words(mismatch_of(refusal("x"))) == "It must be a record with named fields, but is a text."


def test_what_else_msgspec_says_is_quoted() -> None:
    assert in_words(mismatch_of(refusal({"id": 1, "name": "x", "colour": "grey"}))) == (
        "“colour” must be otherwise: Invalid enum value 'grey'."
    )
    assert in_words(mismatch_of(msgspec.ValidationError("Something new"))) == "Something new"


def refusal(raw: object) -> msgspec.ValidationError:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(raw, Record)
    return caught.value

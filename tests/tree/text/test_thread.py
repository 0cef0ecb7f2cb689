"""A ticket's text in parts: who said what, to whom, and what is only quoted."""

import pytest

from tree.text.plain import first_lines
from tree.text.thread import DESCRIPTION, NOTES, parts_of, thread_of

TICKET = """# Ticket #7: VPN

## Description

It fails.

### Only in the plain text

A line.

## Conversation

### ana\\_k@acme.example · 2026-02-06T16:39:43Z · from the client

Hello

### Steps

1. one

```
## Internal notes
### eve@acme.example · 2026-02-06T16:39:43Z · from us
```

### tess@msp.example · Fri, 6 Feb 2026 18:39:43 +0000 · from us

Done.

## Internal notes

### tess@msp.example · 2026-02-06 17:00 UTC

Secret.

### Message

No time.
"""


def test_a_ticket_in_its_parts_by_time() -> None:
    thread = thread_of(TICKET)
    assert thread.description == "It fails.\n\n### Only in the plain text\n\nA line."
    assert [(m.writer, m.is_internal, m.is_from_client, m.is_from_us) for m in thread.messages] == [
        ("ana_k@acme.example", False, True, False),
        ("tess@msp.example", True, False, False),
        ("", True, False, False),
        ("tess@msp.example", False, False, True),
    ]
    first = thread.messages[0].text
    assert first.startswith("Hello\n\n### Steps")
    assert "eve@acme.example" in first


def test_nothing_is_lost_of_other_texts(subtests: pytest.Subtests) -> None:
    texts = (
        "",
        "Some words",
        "## Description\n\nWords",
        "### a@b · c",
        "```\n## Conversation",
        "## Internal notes\nWords",
    )
    for text in texts:
        with subtests.test(text):
            thread = thread_of(text)
            left = "\n".join([thread.description, *(message.text for message in thread.messages)]).split()
            assert left == text.removeprefix(DESCRIPTION).removeprefix(NOTES).split()
    assert thread_of(f"{NOTES}\nWords").messages[0].is_internal


def test_what_is_quoted(subtests: pytest.Subtests) -> None:
    cases: list[tuple[str, list[tuple[str, bool]]]] = [
        ("Hello", [("Hello", False)]),
        ("Hi\n\nOn Mon, Bob wrote:\n\n> a\n>\n> b", [("Hi", False), ("On Mon, Bob wrote:\n\n> a\n>\n> b", True)]),
        ("Hi\n\\> a\n\\> b\n\nBye", [("Hi", False), ("\\> a\n\\> b", True), ("Bye", False)]),
        (
            "Yes\n\n**From:** Bob\n**Sent:** Monday\n\nold",
            [("Yes", False), ("**From:** Bob\n**Sent:** Monday\n\nold", True)],
        ),
        ("Ok\n\n-----Original Message-----\nold", [("Ok", False), ("-----Original Message-----\nold", True)]),
        ("Am 3. Mai schrieb Bob:\n> a\n\nJa", [("Am 3. Mai schrieb Bob:\n> a", True), ("Ja", False)]),
        ("> nothing but a quote", [("> nothing but a quote", False)]),
        ("On Monday we wrote: nothing", [("On Monday we wrote: nothing", False)]),
    ]
    for text, parts in cases:
        with subtests.test(text):
            assert [(part.text, part.is_quoted) for part in parts_of(text)] == parts


def test_first_lines(subtests: pytest.Subtests) -> None:
    cases = [
        ("# VPN\n\nA **bold** line\n\n---\n\n- two", "VPN", "A bold line\ntwo"),
        ("one\ntwo\nthree\nfour", "x", "one\ntwo\nthree …"),
        ("", "x", ""),
        ("one\n" + "w" * 300, "x", "one\n" + "w" * 276 + " …"),
        ("word " * 100, "x", ("word " * 56).strip() + " …"),
    ]
    for text, title, expected in cases:
        with subtests.test(text[:20]):
            assert first_lines(text, title) == expected

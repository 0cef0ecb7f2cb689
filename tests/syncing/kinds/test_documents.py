"""What a person reads: HTML as Markdown, text as it was typed, nothing of Codex taken for markup."""

import msgspec
import pytest

from syncing.kinds import ASSETS, CONTACTS, TICKETS
from syncing.kinds.asset import Asset
from syncing.kinds.contact import Contact
from syncing.kinds.declaration.documents import text_as_markdown
from syncing.kinds.ticket import Message, Ticket
from tree.text.escaping import escaped
from tree.text.rendering import render


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("<p>The <b>printer</b> jams</p>", "The **printer** jams"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ('<a href="https://x.example/a">how-to</a>', "[how-to](https://x.example/a)"),
        ("<blockquote>try again</blockquote>", "> try again"),
        ("first line\nsecond line  \n", "first line  \nsecond line"),
        ("Ben &amp; Ana", "Ben & Ana"),
        ("<html><head><title>Mail</title></head><body><p>Hello</p></body></html>", "Hello"),
        ("", ""),
    ],
)
def test_bodies_become_markdown(text: str, markdown: str) -> None:
    assert text_as_markdown(text) == markdown


def test_absurdly_deep_html_keeps_its_text() -> None:
    assert "lost?" in text_as_markdown("<blockquote>" * 5000 + "lost?")


@pytest.mark.parametrize("text", [r"see \\server\share\x", r"<p>see \\server\share\x</p>"])
def test_a_windows_path_is_read_as_it_was_typed(text: str) -> None:
    assert r"see \\server\share\x" in render(text_as_markdown(text))


def test_scripts_of_a_mail_are_not_kept() -> None:
    assert "alert" not in text_as_markdown("<p>hi</p><script>alert(1)</script>")


def test_one_line_in_which_nothing_is_markup() -> None:
    assert escaped("a *b*\n# [c](d) <e>") == r"a \*b\* \# \[c\](d) \<e\>"


def test_the_first_lines_are_those_of_the_old_application() -> None:
    contact = CONTACTS.document(Contact(id=1, name="Ana Kim", email="ana@acme.example", active=True))
    assert contact.splitlines()[0] == "# Contact Information for Ana Kim"
    assert "- **Email:** ana@acme.example" in contact
    assert "- **Active:** yes" in contact
    asset = ASSETS.document(Asset(id=2, hostname="PC-1", backup_data_bytes=0))
    assert asset.splitlines()[0] == "# Computer Information: PC-1"


def test_a_ticket_holds_description_conversation_and_internal_notes() -> None:
    ticket = Ticket(
        ticket_id=5,
        ticket_number="1005",
        total_hours_spent=1.5,
        subject="No *sound*",
        description="<p>Since Monday</p>",
        conversations=[Message(from_email="ana@acme.example", body="<p>Still</p>", incoming=True)],
        notes=[Message(from_email="tess@msp.example", body="cable")],
    )
    assert TICKETS.document(ticket).split("\n\n") == [
        r"# Ticket #1005: No \*sound\*",
        "## Description",
        "Since Monday",
        "## Conversation",
        "### ana@acme.example · from the client",
        "Still",
        "## Internal notes",
        "### tess@msp.example",
        "cable\n",
    ]


TIMES = {
    "2026-02-06T16:39:43Z": "2026-02-06 16:39 UTC",
    "2026-02-06T16:39:43.123+02:00": "2026-02-06 14:39 UTC",
    "Fri, 06 Feb 2026 16:39:43 +0100": "2026-02-06 15:39 UTC",
    "2026-02-06T19:03:43": "2026-02-06 19:03",
    "2026-02-06": "2026-02-06",
    "9999-12-31T23:59:59-02:00": "9999-12-31T23:59:59-02:00",
    "last *week*": r"last \*week\*",
}


def test_times_of_messages_have_one_form(subtests: pytest.Subtests) -> None:
    for time, shown in TIMES.items():
        with subtests.test(time=time):
            ticket = Ticket(ticket_id=1, total_hours_spent=0, notes=[Message(created_at=time)])
            assert f"\n### {shown}\n" in TICKETS.document(ticket)


def test_null_everywhere_is_no_none_in_the_text() -> None:
    ticket = msgspec.convert({"ticket_id": 1, "total_hours_spent": 0}, Ticket)
    assert "None" not in TICKETS.document(ticket)

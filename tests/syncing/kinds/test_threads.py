"""The text that a sync writes of a ticket is the thread that the page reads."""

from syncing.kinds.ticket import Message, Ticket, Tickets
from tree.text.thread import thread_of


def test_a_tickets_text_is_read_as_the_thread_that_it_is() -> None:
    written = Ticket(
        ticket_id=7,
        total_hours_spent=0,
        subject="VPN",
        description="It fails.\n## Conversation",
        conversations=[
            Message(from_email="ana_k@acme.example", created_at="2026-02-06T16:39:43Z", body="One", incoming=True),
            Message(from_email=None, created_at="2026-02-06T17:39:43", body="Two\n### a · b", incoming=False),
            Message(body="Three"),
        ],
        notes=[Message(from_email="tess@msp.example", created_at="2026-02-06T17:00:00Z", body="<b>Four</b>")],
    )
    thread = thread_of(Tickets().document(written))
    assert thread.description.split("\\")[0].strip() == "It fails."
    assert [(m.writer, m.is_internal, m.is_from_client, m.is_from_us, m.text[:4].strip()) for m in thread.messages] == [
        ("ana_k@acme.example", False, True, False, "One"),
        ("tess@msp.example", True, False, False, "**Fo"),
        ("", False, False, True, "Two"),
        ("", False, False, False, "Thre"),
    ]
    assert [bool(message.at) for message in thread.messages] == [True, True, True, False]

"""What changed lately, on the pages of clients and records."""

from datetime import UTC, datetime

from django.test import Client

from syncing.decisions.recent_changes import recent_changes
from syncing.models import NodeChange, SyncRun
from tests.pages import text_of
from tests.tree.factory import Acme


def test_a_client_and_a_record_show_what_changed_lately(acme: Acme, billing: Client) -> None:
    run = SyncRun.objects.create(command="codex", trigger="command")

    def change(uid: str, kind: str, name: str, minute: int, **more: object) -> None:
        NodeChange.objects.create(
            run=run, at=datetime(2026, 11, 1, 9, minute, tzinfo=UTC), node_id=uid, codex_key=f"k:{uid}", kind=kind,
            account="1001", action="update", name=name, **{"is_certain": True} | more,
        )  # fmt: skip

    change(acme.laptop, "Asset", "LAPTOP-59.md", 1, before={"online": False}, after={"online": True, "content": "x"})
    change(acme.ana, "User", "Ana Díaz", 2, before={"title": "Clerk"}, after={"title": "Manager"})
    change(acme.open, "Ticket", "Ticket_7.md", 3, after={"status": "open"})
    change(acme.contact, "Note", "Contact.md", 4)
    change(acme.ana, "User", "Ana Díaz", 5, is_certain=False)
    of_company = recent_changes("Company", {"id": acme.company, "account_number": "1001"})
    assert [(one.uid, one.title, one.fields) for one in of_company] == [
        (acme.ana, "Ana Díaz", ["title"]),
        (acme.laptop, "LAPTOP-59", ["online"]),
    ]
    assert [one.uid for one in recent_changes("Asset", {"id": acme.laptop})] == [acme.laptop]
    page = text_of(billing, f"/node/{acme.company}/")
    assert page.index("Changed lately") < page.index(f'href="/node/{acme.laptop}/changes/"')
    assert f'href="/node/{acme.open}/changes/"' not in page

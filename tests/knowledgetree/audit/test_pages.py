"""The page of the audit log: filters, pages by cursor, the CSV."""

import csv
import html
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from knowledgetree.audit import pages
from knowledgetree.audit.models import Entry
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def entry(day: int = 1, **values: Any) -> Entry:
    given = {"action": "edited", "who": "tess", "way": "page", "nodes": ["n1"], "detail": "VPN"}
    made = Entry(**given | {"at": datetime(2026, 11, day, 12, tzinfo=UTC)} | values)
    made.save()
    return made


def details(client: Client, query: str) -> list[str]:
    """The details of the entries on the page, in their order."""
    answer = client.get(f"/audit/?{query}")
    assert answer.status_code == 200
    return [row.detail for row in answer.context["rows"] if row.detail.startswith("#")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["#4", "#3", "#2", "#1"]),
        ("who=anna", ["#2"]),
        ("action=trashed", ["#3"]),
        ("way=token", ["#4"]),
        ("through=nightly", ["#4"]),
        ("through=night", []),
        ("company=1001", ["#2"]),
        ("company=acme+dental", ["#2"]),
        ("company=acme", []),
        ("node=n7", ["#3"]),
        ("since=2026-11-02", ["#4", "#3", "#2"]),
        ("until=2026-11-02", ["#2", "#1"]),
        ("since=2026-11-02&until=2026-11-03&who=tess", ["#3"]),
        ("since=0001-01-01&until=9999-12-31", ["#4", "#3", "#2", "#1"]),
        ("since=9999-12-31&until=0001-01-01", ["#4", "#3", "#2", "#1"]),
        ("who=nobody", []),
        ("action=none&way=x&since=yesterday&before=x&node=%00", ["#4", "#3", "#2", "#1"]),
        ("action=none&way=x&since=yesterday&before=99999999999999999999", ["#4", "#3", "#2", "#1"]),
    ],
)
def test_filters(technician: Client, query: str, found: list[str]) -> None:
    entry(1, detail="#1")
    entry(2, detail="#2", who="anna", company="1001", company_name="Acme Dental")
    entry(3, detail="#3", action="trashed", nodes=["n6", "n7"])
    entry(4, detail="#4", way="token", through="nightly", nodes=["n77"])
    assert details(technician, query) == found


def test_pages(technician: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "ROWS", 2)
    for number in range(5):
        entry(detail=f"#{number}")
    seen, query = [], "who=tess"
    while query:
        seen += details(technician, query)
        query = technician.get(f"/audit/?{query}").context["next"]
    assert seen == ["#4", "#3", "#2", "#1", "#0"]


def test_what_is_shown(technician: Client) -> None:
    entry(
        who="<b>",
        way="token",
        through="nightly",
        company="1001",
        company_name="Acme",
        nodes=[f"n{n}" for n in range(30)],
    )
    entry(action="of_a_later_version")
    page = technician.get("/audit/").content.decode()
    assert "&lt;b&gt;" in page
    for words in ("with the API token “<bdi>nightly</bdi>”", "30 pages", "and more, in the CSV", "of_a_later_version"):
        assert words in page
    assert "/audit/csv/" not in page


def test_the_csv_has_all_and_no_formulas(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_ROWS_A_READ", 2)
    for number in range(5):
        entry(detail=f"=1+{number}", who="@tess", nodes=["n1", "n2"])
    answer: Any = admin.get("/audit/csv/?who=@tess")
    head, *lines = csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    rows = [dict(zip(head, line, strict=True)) for line in lines]
    assert [row["detail"] for row in rows] == [f"'=1+{number}" for number in (4, 3, 2, 1, 0)]
    assert (rows[0]["who"], rows[0]["nodes"], rows[0]["at"]) == ("'@tess", "n1 n2", "2026-11-01T12:00:00+00:00")
    assert Entry.objects.filter(action="audit_downloaded", who="admin").count() == 1


def test_what_was_given_to_programs_last_month_is_one_link_away(admin: Client) -> None:
    first = timezone.localdate().replace(day=1)
    noon = datetime(first.year, first.month, 1, 12, tzinfo=UTC)
    given: dict[str, Any] = {"action": "handed_out", "way": "token", "through": "Claude", "company": "1001"}
    entry(at=noon - timedelta(days=1), detail="#last", **given)
    entry(at=noon, detail="#this", **given)
    entry(at=noon - timedelta(days=1), detail="#edited")
    [link] = re.findall(r'href="/audit/\?([^"]+)">Given to programs', text_of(admin, "/audit/"))
    assert details(admin, html.unescape(link)) == ["#last"]
    assert "Given to programs" not in text_of(admin, f"/audit/?{html.unescape(link)}")

"""Codex's endpoints over HTTP: every field named by the API, the errors word for word."""

import pytest

from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import API_KEY, MakeCodex
from tests.syncing.sample_codex.conftest import Ask

COMPANY = (
    "account_number name description compliance_level billing_plan contract_term_length contract_start_date "
    "contract_end_date support_level profit_or_non_profit company_main_number company_start_date domains "
    "phone_system email_system"
)
CONTACT = "id name email title employment_type active mobile_phone_number work_phone_number secondary_emails"
ASSET = (
    "id hostname hardware_type operating_system device_type last_logged_in_user antivirus_product "
    "ext_ip_address int_ip_address domain online last_seen backup_usage_tb backup_data_bytes"
)
LOCATION = "id name address phone_number"
TICKET = (
    "ticket_id ticket_number subject description description_text status priority requester_email "
    "requester_name created_at last_updated_at closed_at total_hours_spent conversations notes"
)
FIELDS = {
    "contacts": CONTACT,
    "users": CONTACT,
    "assets": ASSET,
    "locations": LOCATION,
    "tickets": TICKET,
}
PROBLEM = {"type", "title", "status", "detail", "instance"}


def first_number(codex: SampleCodex) -> str:
    return next(iter(codex.world.accounts))


def test_companies(codex: SampleCodex, ask: Ask) -> None:
    answer = ask(codex, "/api/companies")

    assert answer.headers["Content-Type"] == "application/json"
    assert [set(row) for row in answer.json()] == [set(COMPANY.split())] * 3


def test_one_company(codex: SampleCodex, ask: Ask) -> None:
    assert ask(codex, f"/api/companies/{first_number(codex)}").json() == ask(codex, "/api/companies").json()[0]


@pytest.mark.parametrize("kind", FIELDS)
def test_lists_of_a_company(codex: SampleCodex, ask: Ask, kind: str) -> None:
    rows = ask(codex, f"/api/companies/{first_number(codex)}/{kind}").json()

    assert len(rows) == (1 if kind == "locations" else 5)
    assert {frozenset(row) for row in rows} == {frozenset(FIELDS[kind].split())}


def test_users_are_the_contacts(codex: SampleCodex, ask: Ask) -> None:
    path = f"/api/companies/{first_number(codex)}"

    assert ask(codex, f"{path}/users").json() == ask(codex, f"{path}/contacts").json()


def test_messages_and_notes_of_tickets(make_codex: MakeCodex, ask: Ask) -> None:
    codex = make_codex(companies=1, tickets=40)
    tickets = ask(codex, f"/api/companies/{first_number(codex)}/tickets").json()

    assert {frozenset(m) for t in tickets for m in t["conversations"] or []} == {
        frozenset(("from_email", "created_at", "body", "incoming"))
    }
    assert {frozenset(n) for t in tickets for n in t["notes"] or []} == {
        frozenset(("from_email", "created_at", "body"))
    }


@pytest.mark.parametrize("path", ["/api/companies/x", "/api/companies/x/assets", "/api/companies/x/tickets?year=2026"])
def test_unknown_company_is_404_of_the_view(codex: SampleCodex, ask: Ask, path: str) -> None:
    answer = ask(codex, path)

    assert (answer.status_code, answer.json()) == (404, {"error": "Company not found"})


def test_account_numbers_come_percent_encoded(codex: SampleCodex, ask: Ask) -> None:
    codex.world.add_company("A B#ü", "Odd")

    assert ask(codex, "/api/companies/A%20B%23%C3%BC").json()["name"] == "Odd"


def test_unknown_path_is_a_problem(codex: SampleCodex, ask: Ask) -> None:
    answer = ask(codex, "/api/nothing")

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert set(answer.json()) == PROBLEM


def test_wrong_method_is_500_as_codex_makes_it(codex: SampleCodex, ask: Ask) -> None:
    assert ask(codex, "/api/companies", method="DELETE").status_code == 500


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("", ["company", "assets", "contacts", "locations"]),
        ("?include_tickets=true", ["company", "assets", "contacts", "locations", "tickets"]),
        ("?include_tickets=false", ["company", "assets", "contacts", "locations"]),
    ],
)
def test_bulk_holds_what_the_lists_hold(codex: SampleCodex, ask: Ask, query: str, kinds: list[str]) -> None:
    answer = ask(codex, f"/api/companies/bulk{query}")

    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert [list(entry) for entry in answer.json()] == [kinds] * 3
    for entry in answer.json():
        path = f"/api/companies/{entry['company']['account_number']}"
        assert entry["company"] == ask(codex, path).json()
        for kind in kinds[1:]:
            assert entry[kind] == ask(codex, f"{path}/{kind}").json()


def test_bulk_without_companies_is_an_empty_list(make_codex: MakeCodex, ask: Ask) -> None:
    assert ask(make_codex(companies=0), "/api/companies/bulk").json() == []


def test_an_old_codex_takes_bulk_for_an_account_number(make_codex: MakeCodex, ask: Ask) -> None:
    answer = ask(make_codex(bulk=False), "/api/companies/bulk?include_tickets=true")

    assert (answer.status_code, answer.json()) == (404, {"error": "Company not found"})


def test_year_filters_on_the_last_update(make_codex: MakeCodex, ask: Ask) -> None:
    codex = make_codex(tickets=50)
    path = f"/api/companies/{first_number(codex)}/tickets"
    everything, of_year = ask(codex, path).json(), ask(codex, f"{path}?year=2025").json()
    bulk = ask(codex, "/api/companies/bulk?include_tickets=true&year=2025").json()

    assert of_year == [t for t in everything if (t["last_updated_at"] or "").startswith("2025")]
    assert 0 < len(of_year) < 50
    assert bulk[0]["tickets"] == of_year


def test_all_tickets_newest_first_with_company_and_without_bodies(codex: SampleCodex, ask: Ask) -> None:
    page = ask(codex, "/api/tickets?limit=1000").json()
    rows = page.pop("tickets")
    hidden = {"ticket_id", "description", "conversations", "notes"}
    updates = [row["last_updated_at"] or "" for row in rows]

    assert page == {"count": 20, "total": 20, "offset": 0, "limit": 1000}
    expected = {"id", "company_id", "company_compliance_level", *TICKET.split()} - hidden
    assert {frozenset(row) for row in rows} == {frozenset(expected)}
    assert updates == sorted(updates, reverse=True)
    assert {row["company_id"] for row in rows} == {*codex.world.accounts, None, "999999-GONE"}


def test_pages_of_tickets(codex: SampleCodex, ask: Ask) -> None:
    everything = ask(codex, "/api/tickets?limit=1000").json()["tickets"]
    page = ask(codex, "/api/tickets?limit=6&offset=18").json()

    assert page == {"tickets": everything[18:], "count": 2, "total": 20, "offset": 18, "limit": 6}


@pytest.mark.parametrize("name", ["status", "priority", "company_id"])
def test_filters_of_tickets(make_codex: MakeCodex, ask: Ask, name: str) -> None:
    codex = make_codex(tickets=30)
    everything = ask(codex, "/api/tickets?limit=1000").json()["tickets"]
    value = next(row[name] for row in everything if row[name])
    found = ask(codex, "/api/tickets", params={"limit": 1000, name: value}).json()

    assert found["tickets"] == [row for row in everything if row[name] == value]
    assert found["total"] < len(everything)


def test_health_needs_no_token(codex: SampleCodex, ask: Ask) -> None:
    answer = ask(codex, "/health", token=None)

    assert (answer.status_code, answer.json()["status"]) == (200, "healthy")
    assert set(answer.json()) == {"service", "status", "checks", "timestamp"}
    assert set(answer.json()["checks"]) == {"database", "dependencies", "disk"}


@pytest.mark.parametrize("token", [None, "", "wrong", API_KEY + "x", "ключ".encode().decode("latin-1")])
def test_a_missing_or_wrong_key_is_401(codex: SampleCodex, ask: Ask, token: str | None) -> None:
    answer = ask(codex, "/api/companies", token=token)

    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
    assert answer.json()["status"] == 401


def test_beyond_the_limit_codex_answers_500(make_codex: MakeCodex, ask: Ask) -> None:
    codex = make_codex(requests_per_minute=3)
    statuses = [ask(codex, "/api/companies").status_code for _ in range(5)]

    assert statuses == [200, 200, 200, 500, 500]
    refused = ask(codex, "/api/companies")
    assert "Retry-After" not in refused.headers
    assert "429" not in refused.text
    assert ask(codex, "/health").status_code == 200


def test_the_limit_counts_by_route(make_codex: MakeCodex, ask: Ask) -> None:
    codex = make_codex(requests_per_minute=2)
    one, two, three = codex.world.accounts
    asked = [f"/api/companies/{account}/assets" for account in (one, two, three)]
    statuses = [ask(codex, path).status_code for path in asked]

    assert statuses == [200, 200, 500]
    others = [ask(codex, path).status_code for path in (f"/api/companies/{one}/contacts", "/api/companies/bulk")]
    assert others == [200, 200]


def test_control_is_off_unless_asked_for(make_codex: MakeCodex, ask: Ask) -> None:
    path = "/_control/change?percent=100"

    assert ask(make_codex(), path, method="POST").status_code == 404
    codex = make_codex(control=True)
    assert ask(codex, path, method="POST", token="wrong").status_code == 401
    changed = {"companies": 3, "contacts": 15, "assets": 15, "locations": 6, "tickets": 15}
    assert ask(codex, path, method="POST").json() == changed
    assert ask(codex, "/_control/change?percent=x", method="POST").status_code == 400
    assert ask(codex, "/api/companies").json()[0]["billing_plan"] == "Changed 1"


def test_changes_of_the_world_show_at_once(codex: SampleCodex, ask: Ask) -> None:
    codex.world.rename_company(first_number(codex), "Renamed")

    assert ask(codex, "/api/companies/bulk").json()[0]["company"]["name"] == "Renamed"

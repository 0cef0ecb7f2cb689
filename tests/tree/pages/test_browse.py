import re
from urllib.parse import quote

import pytest
from django.test import Client

from tests.pages import squeezed, text_of
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme, make, node, relate, run_together
from tree import operations
from tree.graph import connection
from tree.pages.finding import search as search_page
from tree.queries import branches as branch_queries
from tree.queries import fulltext as search_queries
from tree.queries import nodes as node_queries
from tree.queries.records import company as company_queries
from tree.queries.records import ticket as ticket_queries
from tree.queries.texts import notes as note_queries
from tree.vocabulary import COMPANIES_ID, ROOT_ID

QUERY_MODULES = (branch_queries, company_queries, node_queries, note_queries, search_queries, ticket_queries)


def test_home_lists_companies_and_counts(acme: Acme, technician: Client) -> None:
    page = text_of(technician, "/")
    assert f'href="/node/{acme.company}/"' in page
    assert "HIPAA" in page
    assert "<strong>1</strong> company" in page


def test_home_filters(acme: Acme, technician: Client) -> None:
    assert "Acme Dental" in text_of(technician, "/?company=dent")
    assert "No company has" in text_of(technician, "/?company=zzz")


def test_an_empty_home_says_what_to_do(graph: Graph, technician: Client, admin: Client) -> None:
    assert "An administrator can start the first sync" in text_of(technician, "/")
    assert "Sync companies, contacts, locations, assets" in text_of(admin, "/")


def test_a_company_page(acme: Acme, technician: Client) -> None:
    page = text_of(technician, f"/node/{acme.company}/")
    assert "<strong>sites</strong>" in page  # the Markdown
    assert 'data-copy="acme.example"' in page  # a fact
    assert "VPN is down" in page  # the latest tickets
    assert "<strong>1</strong> open" in page
    assert f'href="/node/{acme.users}/"' in page  # children
    assert f'href="/node/{COMPANIES_ID}/"' in page  # breadcrumb


@pytest.mark.parametrize("status", ["Closed", "RESOLVED ", "closed - no reply", "Deleted", " closed"])
def test_a_closed_ticket_is_closed_in_any_spelling(status: str, acme: Acme, graph: Graph, technician: Client) -> None:
    graph.rows("MATCH (t {id: $id}) SET t.status = $status", id=acme.open, status=status)
    assert "<strong>0</strong> open" in text_of(technician, f"/node/{acme.company}/")
    page = text_of(technician, f"/node/{acme.ana}/")
    assert page.index("Printer jams") < page.index("VPN is down")  # now the later one comes first
    graph.rows("MATCH (t {id: $id}) SET t.status = 'Unresolved', t.closed_at = null", id=acme.open)
    assert "<strong>1</strong> open" in text_of(technician, f"/node/{acme.company}/")


def test_tickets_are_sorted_by_time_whatever_its_form(acme: Acme, graph: Graph, technician: Client) -> None:
    graph.rows(
        "UNWIND $tickets AS one MATCH (t {id: one[0]}) "
        "SET t.status = 'open', t.closed_at = null, t.last_updated_at = one[1], t.latest_at = one[2]",
        tickets=[
            [acme.open, "2026-11-01T01:00:00-05:00", "2026-11-01T06:00:00+00:00"],
            [acme.closed, "2026-11-01T02:00:00Z", "2026-11-01T02:00:00+00:00"],
        ],
    )
    for uid in (acme.company, acme.ana):
        page = text_of(technician, f"/node/{uid}/")
        assert page.index("VPN is down") < page.index("Printer jams")


def test_a_person_page_shows_contact_and_tickets_at_once(acme: Acme, technician: Client) -> None:
    page = text_of(technician, f"/node/{acme.ana}/")
    assert 'href="mailto:ana@acme.example"' in page
    assert page.index("VPN is down") < page.index("Printer jams")
    assert "Old splines" not in page
    assert "LAPTOP-59</bdi>" in page


def test_an_attached_folder_shows_its_linked_tickets_open_first(acme: Acme, technician: Client) -> None:
    page = text_of(technician, f"/node/{acme.ana_tickets}/")
    assert page.index("VPN is down") < page.index("Printer jams")
    assert "Old splines" not in page
    assert "Old splines" in text_of(technician, f"/node/{acme.ana_tickets}/?archived=1")


def test_a_ticket_page(acme: Acme, technician: Client) -> None:
    page = text_of(technician, f"/node/{acme.open}/")
    assert "reticulating" in page
    assert "#40007" in page
    assert f'class="card-name" href="/node/{acme.ana}/"' in page
    assert "named in the text" in page
    assert "Requested by" not in page  # nothing twice


def test_a_ticket_that_mentions_many_folds_them(acme: Acme, technician: Client) -> None:
    def folded() -> list[str]:
        return re.findall(r"<summary class=\"hint\">(\d+) more</summary>", text_of(technician, f"/node/{acme.open}/"))

    for number in range(12):  # three computers are in the card beside the text
        relate("MENTIONS", acme.open, make("Asset", f"PC-{number}.md", acme.company), "hostname in the text")
    assert folded() == []
    relate("MENTIONS", acme.open, make("Asset", "PC-12.md", acme.company), "hostname in the text")
    assert folded() == ["1"]
    page = text_of(technician, f"/node/{acme.open}/")
    assert page.count("<ul") == page.count("</ul>")
    assert all(f">PC-{number}<" in page for number in range(13))


def test_a_computer_shows_the_tickets_that_mention_it(acme: Acme, technician: Client) -> None:
    page = text_of(technician, f"/node/{acme.laptop}/")
    assert "Tickets that mention it" in page
    assert page.index("VPN is down") < page.index("Printer jams")
    assert "Old splines" not in page
    relate("MENTIONS", acme.closed, acme.ana, "wrote in the conversation")
    assert "Also wrote in" in text_of(technician, f"/node/{acme.ana}/")
    assert "are listed" not in page
    for number in range(24):
        relate("MENTIONS", make("Ticket", f"Ticket_1{number}.md", acme.tickets), acme.laptop, "hostname in the text")
    page = text_of(technician, f"/node/{acme.laptop}/")
    assert "The first 25 are listed." in page
    assert 'href="/search/?q=LAPTOP-59&amp;kind=Ticket"' in page


def test_an_archived_node_says_so_and_is_listed_on_demand(acme: Acme, technician: Client) -> None:
    assert "archived" in text_of(technician, f"/node/{acme.gone}/")
    assert "Old splines" not in text_of(technician, f"/node/{acme.tickets}/")
    assert "Old splines" in text_of(technician, f"/node/{acme.tickets}/?archived=1")


def test_names_are_text_wherever_they_are_shown(acme: Acme, technician: Client) -> None:
    name = "<img src=x onerror=alert(1)>\"'"
    company = make("Company", name, description=name, account_number=name, content=f"# {name}")
    user = make("User", name, make("Folder", "Users", company), email=name)
    for address in (
        "/",
        f"/node/{company}/",
        f"/node/{user}/",
        f"/tree/?open={user}",
        f"/node/{company}/children/",
        f"/search/?q={quote(name)}",
        f"/search/quick/?q={quote(name)}",
        "/search/?q=onerror",
    ):
        assert "<img" not in text_of(technician, address), address


def test_rows_go_on(graph: Graph, technician: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_queries, "PAGE_ROWS", 100)
    folder = make("Folder", "Many")
    ids = [make("Note", f"n {number}", folder) for number in range(103)]
    page = text_of(technician, f"/node/{folder}/")
    assert f"/node/{ids[99]}/" in page
    assert f"/node/{ids[100]}/" not in page
    following = re.search(r'hx-get="([^"]+/rows/[^"]+)"', page)
    assert following is not None
    rest = text_of(technician, following[1].replace("&amp;", "&"))
    assert [uid for uid in ids if f"/node/{uid}/" in rest] == ids[100:]
    assert "hx-get" not in rest


def test_the_tree_pane_selects_the_open_node(acme: Acme, technician: Client) -> None:
    tree = text_of(technician, f"/tree/?open={acme.ana}")
    row = re.search(rf'data-id="{acme.ana}"[^>]*>', tree)
    assert row is not None
    assert 'aria-selected="true"' in row[0]
    assert 'aria-level="5"' in row[0]
    assert 'role="tree"' in tree


def test_the_tree_pane_of_an_unknown_node_is_the_root(acme: Acme, technician: Client) -> None:
    assert f'data-id="{ROOT_ID}"' in text_of(technician, "/tree/?open=nobody")


def test_children_of_the_tree_pane(acme: Acme, technician: Client) -> None:
    fragment = text_of(technician, f"/node/{acme.company}/children/?level=4")
    assert re.findall(r"<bdi ?>([^<]+)</bdi>", fragment) == ["Assets", "Tickets", "Users"]
    assert 'aria-level="4"' in fragment


def test_odd_levels_do_no_harm(acme: Acme, technician: Client) -> None:
    for level in ["", "x", "-1", "²", "9" * 50]:
        text_of(technician, f"/node/{acme.company}/children/?level={level}")


def test_odd_search_parameters_do_no_harm(acme: Acme, technician: Client) -> None:
    for query in [
        "page=0",
        "page=x",
        "page=²",
        "page=99999999",
        "kind=Nothing",
        "kind=Ticket%00",
        "company=nobody",
        "company=%00",
        "q=%00",
        "archived=maybe",
    ]:
        text_of(technician, f"/search/?q=acme&{query}")


def test_odd_offsets_do_no_harm(acme: Acme, technician: Client) -> None:
    for skip in ["x", "²", "9" * 40, "-1"]:
        text_of(technician, f"/node/{acme.ana_tickets}/rows/?skip={skip}")


def test_tickets_do_not_crowd_out_what_else_is_found(
    acme: Acme, technician: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where only a few of the best are looked at, and tickets say the word more often."""
    monkeypatch.setattr(search_queries, "SEARCH_DEPTH", 3)
    for number in range(5):
        make("Ticket", f"Ticket_90{number}.md", acme.tickets, subject="frobnicator", content="A frobnicator rattles.")
    note = make("Note", "Spare parts.md", acme.company, content="A frobnicator rattles.")
    page = text_of(technician, "/search/?q=frobnicator")
    assert f'href="/node/{note}/"' in page
    assert "over 4" in page, "not all tickets were looked at"
    monkeypatch.setattr(search_queries, "SEARCH_DEPTH", 6)
    page = text_of(technician, "/search/?q=frobnicator")
    assert '<span class="hint">6</span>' in page, "all were looked at, five of one index and one of the other"


def test_a_note_stands_before_a_ticket_that_says_the_same(acme: Acme, technician: Client) -> None:
    """Although the word is rarer among tickets, which are more."""
    for number in range(12):
        make("Ticket", f"Ticket_90{number}.md", acme.tickets, content="A printer rattles.")
    ticket = make("Ticket", "Ticket_99.md", acme.tickets, content="A frobnicator rattles.")
    note = make("Note", "Spare parts.md", acme.company, content="A frobnicator rattles.")
    page = text_of(technician, "/search/?q=frobnicator")
    assert page.index(f"/node/{note}/") < page.index(f"/node/{ticket}/")


def test_the_last_page_of_a_search_leads_nowhere(
    acme: Acme, technician: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All hits can be reached, and each once."""
    monkeypatch.setattr(search_page, "SEARCH_ROWS", 5)
    for number in range(25):
        _, ticket = node("Ticket", f"Ticket_90{number}.md", acme.tickets, content="frobnicator")
        _, note = node("Note", f"Spare part {number}.md", acme.company, content="frobnicator")
        run_together([ticket, note])
    pages = [text_of(technician, f"/search/?q=frobnicator&page={number}") for number in range(1, 11)]
    hits = [hit for page in pages for hit in re.findall(r'class="hit" href="/node/([^/]+)/', page)]
    assert len(set(hits)) == len(hits) == 50
    assert ['rel="next"' in page for page in pages] == 9 * [True] + [False]


@pytest.mark.parametrize("query", ['"', "AND", "c++ (foo", "zzzz"])
def test_what_cannot_be_found_is_no_missing_index(query: str, acme: Acme, technician: Client) -> None:
    page = text_of(technician, f"/search/?q={quote(query)}")
    assert "is not ready" not in page
    assert "Nothing found" in page


def test_search_marks_what_was_found_and_offers_kinds(acme: Acme, technician: Client) -> None:
    page = text_of(technician, "/search/?q=reticulating")
    assert "<mark>reticulating</mark>" in page
    assert "Tickets" in page
    assert "Nothing found" in text_of(technician, "/search/?q=zzzz")
    assert "What are you looking for?" in text_of(technician, "/search/")


def test_quick_results(acme: Acme, technician: Client) -> None:
    fragment = text_of(technician, "/search/quick/?q=dia")
    assert f'href="/node/{acme.ana}/"' in fragment
    assert "<!doctype" not in fragment


def test_browse_leads_to_the_lasting_address(acme: Acme, technician: Client) -> None:
    answer = technician.get("/browse/Companies/Acme%20Dental/Users/Ana%20D%C3%ADaz")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/node/{acme.ana}/"
    assert technician.get("/browse/").headers["Location"] == "/node/root/"
    lost = technician.get("/browse/Companies/Nobody", follow=True)
    assert lost.redirect_chain == [("/node/root/", 302)]
    assert "There is nothing at “/Companies/Nobody”" in squeezed(lost.content.decode())
    assert technician.get(f"/browse/Gone?article={acme.ana}").headers["Location"] == f"/node/{acme.ana}/"
    assert technician.get("/browse/Companies?article=none").headers["Location"] == f"/node/{COMPANIES_ID}/"
    old = make("Note", "Who?_Inc", uid="root_Companies_Who?_Inc")
    assert technician.get("/view/root_Companies_Who?_Inc").headers["Location"] == f"/node/{quote(old, safe='')}/"


def test_the_old_applications_lasting_links(acme: Acme, technician: Client) -> None:
    answer = technician.get("/view/root_Companies")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/node/root_Companies/")


def test_unknown_nodes_are_404(graph: Graph, technician: Client) -> None:
    for uid in ["nobody", "a b", "%23", "%3F", "%25", "..%2f", "%00", "🦊", "x" * 900]:
        text_of(technician, f"/node/{uid}/", 404)


def test_ids_of_older_graphs_may_hold_anything_but_slashes(graph: Graph, technician: Client) -> None:
    for uid in ["with blank", "hash#tag", "what?", "100%", "pc-2.md"]:
        make("Note", f"Old {uid}", uid=uid, content="hello")
        assert "hello" in text_of(technician, f"/node/{quote(uid, safe='')}/")


def test_pages_only_read(graph: Graph, technician: Client) -> None:
    for address in ["/", "/node/root/", "/search/", "/tree/", "/browse/", "/view/root", "/search/quick/"]:
        for method in (technician.post, technician.put, technician.delete):
            assert method(address).status_code == 405


def test_billing_sees_companies_and_people_but_no_tickets(acme: Acme, billing: Client) -> None:
    for address in (
        f"/node/{acme.company}/",
        f"/node/{acme.ana}/",
        f"/node/{acme.laptop}/",
        f"/node/{acme.tickets}/",
        f"/node/{acme.ana_tickets}/",
        f"/tree/?open={acme.tickets}",
        f"/node/{acme.tickets}/children/",
        f"/node/{acme.tickets}/rows/",
        f"/node/{acme.ana_tickets}/rows/?skip=0",
        "/search/?q=vpn",
        "/search/quick/?q=vpn",
        "/",
    ):
        page = text_of(billing, address)
        assert acme.open not in page, address
        assert "splines" not in page, address
        assert "VPN is down" not in page, address


def test_a_folder_that_staff_called_tickets_hides_nothing(acme: Acme, billing: Client) -> None:
    of_staff = operations.create_folder(ROOT_ID, "Tickets", author="tess")
    not_yours = "Your group cannot see tickets."
    assert not_yours not in text_of(billing, f"/node/{of_staff}/")
    assert not_yours in text_of(billing, f"/node/{acme.tickets}/")


def test_billing_may_not_open_a_ticket_nor_what_hangs_on_it(acme: Acme, billing: Client) -> None:
    note = make("Note", "Workaround", acme.open, content="secret")
    for uid in (acme.open, note):
        for address in (f"/node/{uid}/", f"/node/{uid}/rows/", f"/node/{uid}/children/"):
            page = text_of(billing, address, 404)
            assert "secret" not in page
    assert "cannot see them" in squeezed(text_of(billing, f"/node/{acme.open}/", 404))


def test_pages_ask_the_graph_little(acme: Acme, technician: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    read = connection.read

    def counted(cypher: str, /, **parameters: object) -> list[dict[str, object]]:
        asked.append(cypher)
        return read(cypher, **parameters)

    for module in QUERY_MODULES:
        monkeypatch.setattr(module, "read", counted)
    for uid in (acme.company, acme.ana, acme.ana_tickets, acme.open, acme.tickets):
        asked.clear()
        text_of(technician, f"/node/{uid}/")
        assert len(asked) <= (5 if uid == acme.open else 4)  # a ticket also asks the full-text index


def test_values_never_become_cypher(acme: Acme, technician: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()
    read = connection.read

    def noted(cypher: str, /, **parameters: object) -> list[dict[str, object]]:
        asked.add(cypher)
        return read(cypher, **parameters)

    for module in QUERY_MODULES:
        monkeypatch.setattr(module, "read", noted)

    def visit(value: str) -> None:
        text = quote(value, safe="")
        for address in (
            f"/?company={text}",
            f"/node/{text}/",
            f"/node/{text}/rows/?after={text}",
            f"/node/{text}/children/?after={text}",
            f"/node/{text}/children/?before={text}",
            f"/tree/?open={text}",
            f"/browse/{text}",
            f"/search/?q=acme&company={text}&kind={text}",
        ):
            assert technician.get(address).status_code < 500

    visit("harmless")
    harmless = set(asked)
    for value in ("' OR 1=1 //", '"}) DETACH DELETE n //', "`) RETURN 1", "$id", "\\u0027", "*/ MATCH (n) DELETE n /*"):
        visit(value)
    assert asked == harmless


def test_answers_are_private(acme: Acme, technician: Client) -> None:
    headers = technician.get("/").headers
    assert "private" in headers["Cache-Control"]
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_no_page_has_inline_script_or_style(acme: Acme, admin: Client) -> None:
    for address in ("/", f"/node/{acme.ana}/", "/search/?q=acme", "/sync/", "/accounts/password/"):
        page = text_of(admin, address)
        assert not re.search(r"<script(?![^>]*\bsrc=)", page), address
        assert not re.search(r"\s(style|on[a-z]+)=", re.sub(r'data-copy="[^"]*"', "", page)), address

"""Opening, previewing, drafting, saving, and what happens when two people do it at once."""

import html
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from tests.graph_assertions import graph_hash
from tests.pages import squeezed
from tests.people import client_of
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme, make
from tree import operations, queries
from tree.models import Draft, Presence
from tree.pages.writing import drafts
from tree.vocabulary import COMPANIES_ID, ROOT_ID

JSON = {"Accept": "application/json"}


@pytest.fixture
def note(graph: Graph) -> str:
    return operations.create_note(ROOT_ID, "VPN", "\none\ntwo\nthree\n", author="tess")


def form(**changed: str) -> dict[str, str]:
    """What the browser sends: line ends as CRLF."""
    fields = {"version": "1", "name": "VPN", "content": "\none\ntwo\nthree\n", "message": ""} | changed
    return fields | {"content": fields["content"].replace("\n", "\r\n")}


def shown_text(page: str) -> str:
    """The text in the editor, as a browser reads it: the first line end of a textarea is not part of it."""
    found = re.search(r'<textarea\s+id="text".*?>\n(.*?)</textarea>', page, re.DOTALL)
    assert found
    return html.unescape(found.group(1))


def content_of(uid: str) -> str:
    return queries.get_node(uid).content


def test_the_editor_opens_with_the_text_its_version_and_a_preview(note: str, technician: Client) -> None:
    page = technician.get(f"/node/{note}/edit/").content.decode()
    assert shown_text(page) == "\none\ntwo\nthree\n"
    assert '<input type="hidden" name="version" value="1">' in page
    assert "<p>one<br>" in page


def test_saving_an_unchanged_text_writes_nothing(note: str, technician: Client, graph: Graph) -> None:
    before = graph_hash(graph)
    answer = technician.post(f"/node/{note}/edit/", form())
    assert answer.headers["Location"] == f"/node/{note}/"
    assert graph_hash(graph) == before


def test_an_old_text_with_other_line_ends_is_left_as_it_is(graph: Graph, technician: Client) -> None:
    old = make("Note", "Old", origin="staff", read_only=False, content="a\r\nb\rc")
    before = graph_hash(graph)
    answer = technician.post(f"/node/{old}/edit/", form(name="Old", content="a\nb\nc"))
    assert answer.status_code == 302
    assert graph_hash(graph) == before


def test_a_save_keeps_text_name_author_and_message(note: str, technician: Client) -> None:
    technician.post(f"/node/{note}/edit/", form(content="new\n", name="VPN set-up", message="Clearer"))
    stored, latest = queries.get_node(note), queries.get_revisions(note)[0]
    assert (stored.name, stored.content) == ("VPN set-up", "new\n")
    assert (latest.author, latest.message) == ("technician", "Clearer")


def test_a_script_is_told_where_to_go_on(note: str, technician: Client) -> None:
    answer = technician.post(f"/node/{note}/edit/", form(content="new"), headers=JSON)
    assert answer.json() == {"location": f"/node/{note}/"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"content": "x" * (257 * 1024)}, "at most 262,144 are possible"),
        ({"content": "a\0b"}, "NUL character"),
        ({"name": "  "}, "Give it a name."),
        ({"name": ".."}, "cannot be a name"),
        ({"name": "n" * 300}, "300 characters"),
        ({"name": "a\u200bb"}, "cannot be seen"),
    ],
)
def test_bad_input_is_told_beside_the_field_and_what_was_typed_stays(
    note: str, technician: Client, changed: dict[str, str], said: str
) -> None:
    answer = technician.post(f"/node/{note}/edit/", form(**{"content": "typed for an hour"} | changed))
    page = answer.content.decode()
    assert answer.status_code == 422
    field = "content" if "content" in changed else "name"
    error = re.search(rf'id="{field}-error" role="alert">(.*?)</p>', page)
    assert error
    assert said in html.unescape(error.group(1))
    assert html.escape(form(**changed)["name"]) in page
    assert shown_text(page) == form(**{"content": "typed for an hour"} | changed)["content"]
    assert content_of(note) == "\none\ntwo\nthree\n"


def test_half_a_character_is_refused(note: str, technician: Client) -> None:
    body = b"version=1&name=VPN&content=typed+%ED%A0%80+text"
    answer = technician.post(f"/node/{note}/edit/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 302  # Django has put U+FFFD there: nothing that cannot be stored reaches us
    assert content_of(note).startswith("typed \ufffd")


def test_a_taken_name_is_told_and_the_text_stays(note: str, technician: Client) -> None:
    operations.create_note(ROOT_ID, "Taken", "", author="ann")
    answer = technician.post(f"/node/{note}/edit/", form(name="Taken", content="typed"))
    assert (answer.status_code, shown_text(answer.content.decode())) == (409, "typed")
    assert "has “Taken” already" in answer.content.decode()


@pytest.mark.parametrize("kind", ["synced", "frame", "trashed"])
def test_what_may_not_be_edited_says_why(acme: Acme, note: str, technician: Client, kind: str) -> None:
    operations.trash(note, author="ann")
    uid, why = {
        "synced": (acme.open, "comes from Codex"),
        "frame": (COMPANIES_ID, "part of the tree"),
        "trashed": (note, "lies in the trash"),
    }[kind]
    assert why in technician.get(f"/node/{uid}/edit/").content.decode()
    answer = technician.post(f"/node/{uid}/edit/", form(content="typed"))
    assert answer.status_code == 409
    assert why in answer.content.decode()
    assert shown_text(answer.content.decode()) == "typed"


def test_a_purged_note_gives_the_text_back(graph: Graph, technician: Client) -> None:
    answer = technician.post("/node/gone/edit/", form(content="typed for an hour"))
    assert answer.status_code == 404
    assert "typed for an hour</textarea>" in answer.content.decode()


def test_a_stale_save_shows_both_texts_merged_and_writes_nothing(note: str, technician: Client, graph: Graph) -> None:
    operations.save(note, author="ann", base_version=1, content="\nANN\ntwo\nthree\n")
    before = graph_hash(graph)
    answer = technician.post(f"/node/{note}/edit/", form(content="\none\ntwo\nMINE\n"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert graph_hash(graph) == before
    assert shown_text(page) == "\nANN\ntwo\nMINE\n"
    assert "<del>one</del><ins>ANN</ins>" in page  # against what both began with
    assert "<del>three</del><ins>MINE</ins>" in page
    assert "clash-state" not in page
    assert 'name="version" value="2"' in page
    technician.post(f"/node/{note}/edit/", form(content=shown_text(page), version="2", merged="1"))
    assert content_of(note) == "\nANN\ntwo\nMINE\n"


def test_a_clash_has_to_be_decided(note: str, technician: Client) -> None:
    operations.save(note, author="ann", base_version=1, content="\none\nANN\nthree\n")
    page = technician.post(f"/node/{note}/edit/", form(content="\none\nMINE\nthree\n")).content.decode()
    merged = shown_text(page)
    assert merged == "\none\n<<<<<<< yours\nMINE\n=======\nANN\n>>>>>>> ann\nthree\n"
    answer = technician.post(f"/node/{note}/edit/", form(content=merged, version="2", merged="1"))
    assert answer.status_code == 422
    assert shown_text(answer.content.decode()).replace("\r\n", "\n") == merged
    assert 'name="merged"' in answer.content.decode()  # and the next try is looked at, too
    assert content_of(note) == "\none\nANN\nthree\n"


def test_a_second_conflict_while_merging_is_a_conflict_again(note: str, technician: Client) -> None:
    operations.save(note, author="ann", content="two")
    operations.save(note, author="ann", content="three")
    answer = technician.post(f"/node/{note}/edit/", form(content="mine", version="2", merged="1"))
    assert answer.status_code == 409
    assert content_of(note) == "three"


def test_a_rename_meanwhile_is_kept_when_only_the_text_was_changed(note: str, technician: Client) -> None:
    operations.rename(note, "VPN for all", author="ann")
    page = technician.post(f"/node/{note}/edit/", form(content="mine")).content.decode()
    assert 'name="name" value="VPN for all"' in squeezed(page)


@pytest.mark.parametrize("version", ["", "x", "0", "99999"])
def test_a_form_without_a_right_version_overwrites_nothing(note: str, technician: Client, version: str) -> None:
    assert technician.post(f"/node/{note}/edit/", form(content="mine", version=version)).status_code == 409
    assert content_of(note) == "\none\ntwo\nthree\n"


def test_a_draft_is_kept_shown_again_and_gone_after_the_save(note: str, technician: Client) -> None:
    answer = technician.post(f"/node/{note}/draft/", form(content="half a")).json()
    assert answer["saved_at"] == Draft.objects.get().saved_at.isoformat()
    page = technician.get(f"/node/{note}/edit/").content.decode()
    assert shown_text(page) == "half a"
    assert "This is your draft" in page
    assert "You have an unsaved draft" in technician.get(f"/node/{note}/").content.decode()
    technician.post(f"/node/{note}/edit/", form(content="half a line"))
    assert not Draft.objects.exists()
    assert "You have an unsaved draft" not in technician.get(f"/node/{note}/").content.decode()


def test_a_draft_older_than_the_text_carries_the_version_it_was_written_for(note: str, technician: Client) -> None:
    technician.post(f"/node/{note}/draft/", form(content="\none\ntwo\nthree and more\n"))
    operations.save(note, author="ann", content="\nONE\ntwo\nthree\n")
    page = technician.get(f"/node/{note}/edit/").content.decode()
    assert 'name="version" value="1"' in page
    answer = technician.post(f"/node/{note}/edit/", form(content=shown_text(page)))
    assert answer.status_code == 409


def test_a_draft_is_its_authors_alone_and_can_be_thrown_away(note: str, technician: Client, admin: Client) -> None:
    technician.post(f"/node/{note}/draft/", form(content="mine"))
    assert shown_text(admin.get(f"/node/{note}/edit/").content.decode()) == "\none\ntwo\nthree\n"
    admin.post(f"/node/{note}/draft/", {"discard": "1"})
    assert Draft.objects.count() == 1
    technician.post(f"/node/{note}/draft/", {"discard": "1"})
    assert not Draft.objects.exists()


@pytest.mark.parametrize(("content", "said"), [("a\0", "NUL"), ("x" * (257 * 1024), "at most")])
def test_a_draft_that_cannot_be_kept_is_refused_aloud(note: str, technician: Client, content: str, said: str) -> None:
    answer = technician.post(f"/node/{note}/draft/", form(content=content))
    assert answer.status_code == 422
    assert said in answer.json()["error"]
    assert not Draft.objects.exists()


def test_a_draft_of_a_node_that_never_was_is_refused(graph: Graph, technician: Client) -> None:
    assert technician.post("/node/gone/draft/", form()).status_code == 404


def test_others_in_the_editor_are_shown_until_they_leave_or_fall_silent(note: str, technician: Client) -> None:
    ann = User.objects.create_user("ann", first_name="Ann")
    drafts.enter(ann, note)
    assert "<span data-others>Ann</span>" in technician.get(f"/node/{note}/edit/").content.decode()
    assert technician.post(f"/node/{note}/draft/").json() == {"others": ["Ann"]}
    Presence.objects.filter(user=ann).update(seen_at=timezone.now() - timedelta(seconds=60))
    assert technician.post(f"/node/{note}/draft/").json() == {"others": []}
    technician.post(f"/node/{note}/draft/", {"leave": "1"})
    assert not Presence.objects.filter(user__username="technician").exists()


def test_the_preview_is_what_the_page_shows(note: str, technician: Client) -> None:
    text = "# T\n\n- [ ] a\n\n```python\nx = 1\n```\n\n[gone](/node/nothing/)"
    preview = technician.post("/preview/", {"content": text}).content.decode()
    technician.post(f"/node/{note}/edit/", form(content=text))
    page = technician.get(f"/node/{note}/").content.decode()
    shown = preview[preview.index(">") + 1 : preview.rindex("</div>")]
    assert '<span class="n">x</span>' in shown
    assert shown in page


def test_broken_links_are_marked_and_follow_the_node(note: str, technician: Client) -> None:
    target = operations.create_note(ROOT_ID, "Target", "", author="ann")
    text = f"[Target](/node/{target}/#part) [old](/view/{target}) [never](/node/no-such/)"
    technician.post(f"/node/{note}/edit/", form(content=text))

    def broken() -> list[tuple[str, str]]:
        page = technician.get(f"/node/{note}/").content.decode()
        return re.findall(r'<a class="broken" data-why="([^"]*)" href="([^"]*)"', page)

    gone = ("This node is gone", "/node/no-such/")
    assert broken() == [gone]
    operations.trash(target, author="ann")  # the rendered text is cached; what it links to is looked up each time
    trashed = "This lies in the trash"
    assert broken() == [(trashed, f"/node/{target}/#part"), (trashed, f"/view/{target}"), gone]
    operations.restore(target, author="ann")
    assert broken() == [gone]


def test_backlinks_stand_on_the_page_that_is_linked_to(acme: Acme, technician: Client, billing: Client) -> None:
    open_note = operations.create_note(acme.ana, "About Ana", f"[x](/node/{acme.laptop}/)", author="ann")
    secret = operations.create_note(acme.open, "In a ticket", f"[x](/node/{acme.laptop}/)", author="ann")
    for client, sees in ((technician, {open_note, secret}), (billing, {open_note})):
        page = client.get(f"/node/{acme.laptop}/").content.decode()
        section = page[page.index("Linked from") : page.index("<h2>Place</h2>")]
        assert {uid for uid in (open_note, secret) if f'href="/node/{uid}/"' in section} == sees


def test_suggestions_name_what_a_link_may_go_to(acme: Acme, technician: Client) -> None:
    found = technician.get("/links/suggest/", {"q": "diaz"}).json()["found"]
    assert (found[0]["url"], found[0]["title"]) == (f"/node/{acme.ana}/", "Ana Díaz")
    assert [each["id"] for each in found].count(acme.ana) == 1
    assert acme.contact not in [each["id"] for each in found]
    assert found[0]["path"] == "Companies / Acme Dental / Users"
    assert technician.get("/links/suggest/", {"q": ""}).json() == {"found": []}


def test_a_suggested_link_has_number_and_subject(acme: Acme, technician: Client) -> None:
    uid = make("Ticket", "Ticket_70.md", acme.tickets, ticket_number="70", subject="Frobnicator [old]")
    [found] = technician.get("/links/suggest/", {"q": "frobnicator"}).json()["found"]
    assert (found["title"], found["id"]) == ("#70 Frobnicator [old]", uid)
    assert found["markdown"] == rf"[#70 Frobnicator \[old\]](/node/{uid}/)"


TASKS = "# T\n\n- [ ] a\n- [x] b\n\n```\n- [ ] no box\n```\n\n> 1. [ ] c\n"


def test_ticking_changes_one_character_of_one_line(graph: Graph, technician: Client) -> None:
    uid = operations.create_note(ROOT_ID, "Tasks", TASKS, author="ann")
    assert 'data-version="1"' in technician.get(f"/node/{uid}/").content.decode()
    answer = technician.post(f"/node/{uid}/tick/", {"number": "2", "done": "1", "version": "1"})
    assert answer.json() == {"version": 2}
    assert content_of(uid) == TASKS.replace("[ ] c", "[x] c")
    technician.post(f"/node/{uid}/tick/", {"number": "1", "done": "0", "version": "2"})
    assert content_of(uid) == TASKS.replace("[ ] c", "[x] c").replace("[x] b", "[ ] b")


@pytest.mark.parametrize("number", ["3", "-1", "x", ""])
def test_a_box_that_is_not_there_is_refused(graph: Graph, technician: Client, number: str) -> None:
    uid = operations.create_note(ROOT_ID, "Tasks", TASKS, author="ann")
    assert technician.post(f"/node/{uid}/tick/", {"number": number, "done": "1", "version": "1"}).status_code == 409
    assert content_of(uid) == TASKS


def test_ticking_a_text_that_was_changed_meanwhile_is_refused(graph: Graph, technician: Client) -> None:
    uid = operations.create_note(ROOT_ID, "Tasks", TASKS, author="ann")
    operations.save(uid, author="ann", content=f"- [ ] before all\n{TASKS}")
    answer = technician.post(f"/node/{uid}/tick/", {"number": "0", "done": "1", "version": "1"})
    assert answer.status_code == 409
    assert "ann saved" in answer.json()["error"]


def test_a_tick_that_is_there_already_in_another_text_is_refused(graph: Graph, technician: Client) -> None:
    uid = operations.create_note(ROOT_ID, "Tasks", TASKS, author="ann")
    operations.save(uid, author="ann", content="- [x] another\n")
    assert technician.post(f"/node/{uid}/tick/", {"number": "0", "done": "1", "version": "1"}).status_code == 409


def test_synced_tasks_cannot_be_ticked(acme: Acme, technician: Client, billing: Client) -> None:
    uid = make("Note", "Synced", acme.ana, content="- [ ] a")
    assert "data-tick" not in technician.get(f"/node/{uid}/").content.decode()
    answer = technician.post(f"/node/{uid}/tick/", {"number": "0", "done": "1", "version": "1"})
    assert (answer.status_code, content_of(uid)) == (409, "- [ ] a")
    own = operations.create_note(acme.ana, "Own", "- [ ] a", author="ann")
    assert "data-tick" in technician.get(f"/node/{own}/").content.decode()
    assert "data-tick" not in billing.get(f"/node/{own}/").content.decode()


def test_a_part_of_a_page_is_sent_on_to_a_page_of_its_own(note: str, technician: Client) -> None:
    answer = technician.get(f"/node/{note}/edit/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == f"/node/{note}/edit/"


def test_billing_reads_and_is_refused_every_write(note: str, db: None) -> None:
    client = client_of("billing")
    assert "/edit/" not in client.get(f"/node/{note}/").content.decode()
    for address in ("edit", "draft", "tick", "history/1/restore"):
        assert client.post(f"/node/{note}/{address}/", form(content="x")).status_code == 403
    assert content_of(note) == "\none\ntwo\nthree\n"

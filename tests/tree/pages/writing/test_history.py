"""Versions, differences between them, and back to an earlier one."""

import pytest
from django.test import Client

from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme
from tree import operations, queries
from tree.pages.writing import history
from tree.text.changes import LineChanges, line_changes
from tree.vocabulary import ROOT_ID


@pytest.fixture
def note(graph: Graph) -> str:
    uid = operations.create_note(ROOT_ID, "VPN", "The <old> server is red.\n", author="tess")
    operations.save(uid, author="ann", content="The <new> server is red.\n", message="Renewed <b>")
    operations.save(uid, author="ann", name="VPN set-up", content="The <new> server is blue.\n")
    return uid


def text_of(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def test_the_history_names_author_message_and_old_names(note: str, technician: Client) -> None:
    page = text_of(technician, f"/node/{note}/history/")
    assert page.index(f"/node/{note}/history/3/") < page.index(f"/node/{note}/history/1/")
    assert "Renewed &lt;b&gt;" in page
    assert "called <bdi>VPN</bdi>" in page
    assert "tess" in page


def test_each_save_says_in_a_line_what_it_changed(
    note: str, technician: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations.save(note, author="ann", content="The <new> server is blue.\n\n- **One** <more>\n- two\n")
    page = text_of(technician, f"/node/{note}/history/")
    assert '<bdi class="hint example">One &lt;more&gt;</bdi>' in page
    assert "3 new, 0 gone" in page
    assert page.count("1 new, 1 gone") == 2
    assert f'formaction="/node/{note}/history/1/restore/"' in page
    monkeypatch.setattr(history, "COMPARED_CHARACTERS", 100)  # the two latest
    page = text_of(technician, f"/node/{note}/history/")
    assert page.count(" new, ") == 1
    assert f"/node/{note}/history/1/" in page


def test_line_changes_are_counted_without_comparing_line_by_line() -> None:
    assert line_changes("a\nb\n", "a\nb") == LineChanges(0, 0, "")
    assert line_changes("a\na\nb", "a\n## c\nb") == LineChanges(1, 1, "c")
    assert line_changes("gone\n", "") == LineChanges(0, 1, "gone")
    assert line_changes("", "x" * 300).example == "x" * 80 + "…"
    many = "\n".join(map(str, range(50_000)))
    assert line_changes(many, many.replace("1", "2")).added > 10_000


def test_a_long_history_comes_in_pages(note: str, technician: Client) -> None:
    for number in range(60):
        operations.save(note, author="ann", content=str(number))
    page = text_of(technician, f"/node/{note}/history/")
    assert f'href="/node/{note}/history/14/"' in page
    assert f'href="/node/{note}/history/13/"' not in page
    assert f'href="/node/{note}/history/1/"' in text_of(technician, f"/node/{note}/history/?skip=50")


def test_a_version_is_shown_as_it_was(note: str, technician: Client) -> None:
    page = text_of(technician, f"/node/{note}/history/1/")
    assert "The &lt;old&gt; server is red." in page
    assert "Restore version 1" in page


def test_a_difference_is_told_in_words(note: str, technician: Client) -> None:
    page = text_of(technician, f"/node/{note}/history/diff/?from=1&to=3")
    assert "<del>old</del><ins>new</ins>" in page
    assert "<del>red</del><ins>blue</ins>" in page
    assert "Renamed from <del><bdi>VPN</bdi></del>" in page
    turned = text_of(technician, f"/node/{note}/history/diff/?from=3&to=1")
    assert "<del>red</del><ins>blue</ins>" in turned  # always from earlier to later


def test_a_difference_without_numbers_is_the_latest_save(note: str, technician: Client) -> None:
    page = text_of(technician, f"/node/{note}/history/diff/")
    assert "From version 2 to 3" in page
    assert "<del>old</del>" not in page


def test_long_stretches_that_are_the_same_are_left_out_until_asked_for(graph: Graph, technician: Client) -> None:
    lines = [f"line {number}" for number in range(100)]
    uid = operations.create_note(ROOT_ID, "Long", "\n".join(lines), author="tess")
    lines[50] = "changed"
    operations.save(uid, author="ann", content="\n".join(lines))
    page = text_of(technician, f"/node/{uid}/history/diff/")
    assert "47 lines are the same" in page
    assert "line 46\n" not in page
    assert "line 47\n" in page
    assert "line 46\n" in text_of(technician, f"/node/{uid}/history/diff/?whole=1")


def test_restoring_makes_a_new_version(note: str, technician: Client) -> None:
    answer = technician.post(f"/node/{note}/history/1/restore/", {"version": "3"}, follow=True)
    assert "Version 1 is restored, as version 4." in answer.content.decode()
    assert queries.get_node(note).content == "The <old> server is red.\n"
    assert [r.number for r in queries.get_revisions(note)] == [4, 3, 2, 1]


def test_restoring_after_somebody_saved_is_refused(note: str, technician: Client) -> None:
    answer = technician.post(f"/node/{note}/history/1/restore/", {"version": "2"}, follow=True)
    assert "ann saved" in answer.content.decode()
    assert queries.get_node(note).content == "The <new> server is blue.\n"


@pytest.mark.parametrize("address", ["history/9/", "history/diff/?from=1&to=9", "history/0/"])
def test_a_version_that_is_not_there(note: str, technician: Client, address: str) -> None:
    text_of(technician, f"/node/{note}/{address}", 404)


def test_the_history_of_a_synced_node_says_where_it_is(acme: Acme, technician: Client) -> None:
    assert "No versions are kept" in text_of(technician, f"/node/{acme.ana}/history/")


def test_billing_reads_histories_but_not_those_below_tickets(acme: Acme, note: str, billing: Client) -> None:
    assert "Restore" not in text_of(billing, f"/node/{note}/history/1/")
    secret = operations.create_note(acme.open, "In a ticket", "x", author="ann")
    for address in ("history/", "history/1/", "history/diff/"):
        text_of(billing, f"/node/{secret}/{address}", 404)

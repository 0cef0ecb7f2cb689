import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django_q.models import Schedule

from tests.people import client_of
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme, make


def body(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content[:300]
    return answer.content.decode()


def test_every_kind_is_listed(acme: Acme, admin: Client, subtests: pytest.Subtests) -> None:
    for kind in ("folder", "company", "user", "asset", "ticket", "note"):
        with subtests.test(kind):
            assert "/change/" in body(admin, f"/admin/tree/{kind}/")


def test_a_node_is_shown_and_cannot_be_changed(acme: Acme, admin: Client) -> None:
    address = f"/admin/tree/ticket/{acme.open}/change/"
    page = body(admin, address)
    assert "VPN is down" in page
    assert 'name="_save"' not in page
    assert admin.post(address, {"name": "x"}).status_code == 403
    assert admin.get("/admin/tree/ticket/add/").status_code == 403
    assert admin.post(f"/admin/tree/ticket/{acme.open}/delete/", {"post": "yes"}).status_code == 403
    assert "VPN is down" in body(admin, address)


def test_an_unknown_node_leads_back(acme: Acme, admin: Client) -> None:
    assert admin.get("/admin/tree/ticket/nobody/change/").status_code == 302


def test_the_list_is_searched_filtered_and_ordered(acme: Acme, admin: Client) -> None:
    assert acme.open in body(admin, "/admin/tree/ticket/?q=splines")
    assert acme.closed not in body(admin, "/admin/tree/ticket/?q=splines")
    archived = body(admin, "/admin/tree/ticket/?state=archived")
    assert acme.gone in archived
    assert acme.open not in archived
    live = body(admin, "/admin/tree/ticket/?state=live")
    assert acme.gone not in live
    assert acme.open in live
    backwards = body(admin, "/admin/tree/ticket/?o=-0")
    assert backwards.index(acme.gone) < backwards.index(acme.open)


def test_the_list_is_paged(graph: Graph, admin: Client) -> None:
    ids = [make("Note", f"note {number:03}") for number in range(53)]
    first, second = body(admin, "/admin/tree/note/"), body(admin, "/admin/tree/note/?p=2")
    assert [uid for uid in ids if uid in first] == ids[:50]
    assert [uid for uid in ids if uid in second] == ids[50:]


@pytest.mark.parametrize("lookup", ["nope=1", "name__nope=x", "name__in__in=x"])
def test_a_made_up_filter_leads_back_to_the_list(acme: Acme, admin: Client, lookup: str) -> None:
    answer = admin.get(f"/admin/tree/ticket/?{lookup}")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/tree/ticket/?e=1")


def test_a_search_without_results_is_an_empty_list(acme: Acme, admin: Client) -> None:
    assert "/change/" not in body(admin, "/admin/tree/ticket/?q=zzzz")


def test_only_admins_enter(acme: Acme, db: None) -> None:
    for identity in ("none", "billing", "technician"):
        assert client_of(identity).get("/admin/").status_code == 403
    assert client_of("anonymous").get("/admin/").status_code == 302
    for identity in ("admin", "superuser"):
        assert client_of(identity).get("/admin/").status_code == 200


LISTS = (
    *("auth/user/", "auth/user/add/", "auth/group/", "django_q/ormq/", "django_q/schedule/"),
    *("syncing/syncrun/", "syncing/refusedrecord/", "syncing/failedjob/", "syncing/nodechange/"),
    *("syncing/quarantinedrecord/", "syncing/pausedcompany/", "syncing/syncschedule/"),
)


def test_people_runs_and_jobs_are_listed(graph: Graph, admin: Client, subtests: pytest.Subtests) -> None:
    for address in LISTS:
        with subtests.test(address):
            body(admin, f"/admin/{address}")


def test_schedules_are_not_to_be_edited(graph: Graph, admin: Client) -> None:
    """A schedule names any Python function, so the right to edit one is the right to run code."""
    row = Schedule.objects.create(func="builtins.print", name="of a test")
    address = f"/admin/django_q/schedule/{row.pk}"
    assert 'name="_save"' not in body(admin, f"{address}/change/")
    for forbidden in (f"{address}/change/", f"{address}/delete/", "/admin/django_q/schedule/add/"):
        assert admin.post(forbidden, {"func": "os.abort", "post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert row.func == "builtins.print"


def test_the_groups_of_the_table_of_rights_are_not_to_be_renamed(graph: Graph, admin: Client) -> None:
    group = Group.objects.get(name="admin")
    for what in ("change", "delete"):
        assert admin.post(f"/admin/auth/group/{group.pk}/{what}/", {"name": "x", "post": "yes"}).status_code == 403
    assert Group.objects.filter(name="admin").exists()


@pytest.mark.parametrize(
    ("address", "shown", "hidden"),
    [
        ("ticket/?status=open", "open", "closed"),
        ("ticket/?status=closed", "closed", "open"),
    ],
)
def test_lists_are_filtered_by_a_property(acme: Acme, admin: Client, address: str, shown: str, hidden: str) -> None:
    page = body(admin, f"/admin/tree/{address}")
    assert getattr(acme, shown) in page
    assert getattr(acme, hidden) not in page


def test_yes_and_no_are_truth_values_in_the_graph(graph: Graph, admin: Client) -> None:
    here, away = make("Asset", "PC-HERE", online=True), make("Asset", "PC-AWAY", online=False)
    assert here in body(admin, "/admin/tree/asset/?online=yes")
    assert away not in body(admin, "/admin/tree/asset/?online=yes")
    assert away in body(admin, "/admin/tree/asset/?online=no")


def test_an_unknown_value_of_a_filter_filters_nothing(acme: Acme, admin: Client) -> None:
    assert acme.open in body(admin, "/admin/tree/ticket/?status=nonsense")

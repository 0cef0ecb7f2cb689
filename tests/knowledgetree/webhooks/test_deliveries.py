"""What a receiver gets, when it is tried again, and when it is given up."""

import json
import socket
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from standardwebhooks import Webhook

from knowledgetree.audit.models import Entry
from knowledgetree.webhooks import deliveries, events, sending
from knowledgetree.webhooks.deliveries import WAITS, send_due
from knowledgetree.webhooks.event_types import EventType
from knowledgetree.webhooks.models import Delivery, Endpoint
from knowledgetree.webhooks.secrets import decrypted, encrypted, new_secret
from syncing.schedules.alarms import loud
from tests.knowledgetree.webhooks.conftest import Receiver

pytestmark = pytest.mark.django_db


class Clock:
    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def test_a_signed_event_arrives(receiver: Receiver) -> None:
    receiver.endpoint(EventType.NODE_MOVED)
    events.emit(EventType.NODE_TRASHED, {"nodes": []})  # nobody wants it
    events.emit(EventType.NODE_MOVED, {"nodes": [{"id": "n1"}]})
    assert send_due() == 1
    [(headers, body)] = receiver.got
    assert Webhook(receiver.secret).verify(body, headers)["data"] == {"nodes": [{"id": "n1"}]}
    assert json.loads(body)["type"] == "node.moved"
    assert headers["content-type"] == "application/json"
    assert (send_due(), states()) == (0, ["delivered"])


@pytest.mark.postgresql
def test_what_is_told_once_is_told_once(receiver: Receiver) -> None:
    receiver.endpoint()
    for _ in range(2):
        events.emit(EventType.SYNC_COMPLETED, {"run": 7}, once="run 7")
    events.emit(EventType.SYNC_COMPLETED, {"run": 8}, once="run 8")
    events.emit(EventType.SYNC_STARTED, {"run": 8}, once="run 8")
    assert send_due() == 3


def test_no_other_installation_has_the_id_of_an_event(receiver: Receiver) -> None:
    for _ in ("here", "elsewhere"):
        receiver.endpoint()
        receiver.endpoint(name="Another")
        events.emit(EventType.SYNC_COMPLETED, {"run": 7}, once="run 7")
        assert send_due() == 2
        Endpoint.objects.all().delete()
    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert (ids[0], ids[2]) == (ids[1], ids[3])
    assert ids[0] != ids[2]


def test_it_is_tried_five_times_at_growing_intervals(receiver: Receiver, clock: Clock) -> None:
    receiver.endpoint()
    receiver.statuses = [500] * 9
    events.emit(EventType.NODE_MOVED, {})
    clock.now = timezone.now()
    assert send_due(clock) == 1
    for wait in WAITS:
        clock.now += wait * 0.79
        assert send_due(clock) == 0
        clock.now += wait * 0.42
        assert send_due(clock) == 1
    assert states() == ["failed"]
    clock.now += timedelta(days=1)
    assert (send_due(clock), len(receiver.got)) == (0, 5)
    ids = {headers["webhook-id"] for headers, _ in receiver.got}
    times = {headers["webhook-timestamp"] for headers, _ in receiver.got}
    assert (len(ids), len(times)) == (1, 5)
    [delivery] = Delivery.objects.all()
    assert [(one["status"], one["problem"]) for one in delivery.tries] == [(500, "It answered 500.")] * 5
    receiver.statuses = []
    deliveries.send_again(delivery)
    assert (send_due(), states()) == (1, ["delivered"])


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.endpoint()
    receiver.statuses, receiver.headers = [302], {"Location": f"{receiver.url}/elsewhere"}
    events.emit(EventType.NODE_MOVED, {})
    send_due()
    assert len(receiver.got) == 1
    assert Delivery.objects.get().tries[0]["problem"] == "It answered 302."


def test_an_address_that_cannot_be_used_costs_the_others_nothing(receiver: Receiver) -> None:
    receiver.endpoint()
    receiver.endpoint(name="Old", url=f"{receiver.url}/Büro")
    receiver.endpoint(name="Odd", url=f"{receiver.url}\0/hook")
    events.emit(EventType.NODE_MOVED, {})
    assert send_due() == 3
    assert states() == ["delivered", "waiting", "delivered"]
    assert len(receiver.got) == 2


def test_an_outcome_is_noted_before_slower_ones_come(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver.endpoint()
    receiver.endpoint(name="Slow")
    events.emit(EventType.NODE_MOVED, {})
    is_noted, note = threading.Event(), deliveries._note

    def send(delivery: Delivery, now: datetime) -> sending.Outcome:
        if delivery.endpoint.name == "Slow":
            assert is_noted.wait(60)
            raise RuntimeError("broken")
        return sending.Outcome(204, "", 1)

    def noted(*outcome: Any) -> None:
        note(*outcome)
        is_noted.set()

    monkeypatch.setattr(deliveries, "_sent", send)
    monkeypatch.setattr(deliveries, "_note", noted)
    with pytest.raises(RuntimeError):
        send_due()
    assert states() == ["delivered", "waiting"]


@pytest.mark.parametrize("quickly", [b"", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"], ids=["head", "body"])
def test_a_receiver_that_drips_is_cut(quickly: bytes, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TIMEOUT_SECONDS", 0.3)
    is_cut = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                try:
                    connection.sendall(quickly)
                    for _ in range(100):
                        is_cut.wait(0.05)
                        connection.sendall(b"H")
                except OSError:
                    is_cut.set()

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        receiver.endpoint(url=f"http://127.0.0.1:{server.getsockname()[1]}/")
        events.emit(EventType.NODE_MOVED, {})
        send_due()
        thread.join(60)
    [tried] = Delivery.objects.get().tries
    assert tried["problem"].startswith("No response within") is (quickly == b"")
    assert is_cut.is_set()


def test_a_private_address_is_refused_when_it_is_sent(receiver: Receiver, settings: LazySettings) -> None:
    receiver.endpoint(url=receiver.url.replace("http:", "https:"))
    settings.WEBHOOKS_ALLOW_PRIVATE = False
    events.emit(EventType.NODE_MOVED, {})
    send_due()
    assert "127.0.0.1 stands for an address" in Delivery.objects.get().tries[0]["problem"]
    assert receiver.got == []


def test_what_fails_for_three_days_is_switched_off_loudly(
    receiver: Receiver, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint = receiver.endpoint()
    receiver.statuses = [500] * 99
    for _ in range(4):
        events.emit(EventType.NODE_MOVED, {})
        clock.now += timedelta(days=1)
        send_due(clock)
    endpoint.refresh_from_db()
    assert endpoint.disabled_at is not None
    assert "“Board” gets nothing any more" in caplog.text
    [alarm] = [one for one in loud() if one.what == "webhook"]
    assert alarm.text == "The webhook “Board” is told nothing any more. It failed for 3 days. It answered 500."
    assert Entry.objects.filter(action="webhook_changed", detail__startswith="Board: disabled").exists()
    number = Delivery.objects.count()
    events.emit(EventType.NODE_MOVED, {})
    assert (Delivery.objects.count(), send_due(clock)) == (number, 0)


def test_a_success_forgets_the_failures(receiver: Receiver, clock: Clock) -> None:
    endpoint = receiver.endpoint()
    receiver.statuses = [500]
    events.emit(EventType.NODE_MOVED, {})
    clock.now = timezone.now()
    send_due(clock)
    clock.now += timedelta(days=4)
    send_due(clock)
    endpoint.refresh_from_db()
    assert (states(), endpoint.failing_since, endpoint.disabled_at) == (["delivered"], None, None)


def test_who_answers_410_wants_nothing_any_more(receiver: Receiver) -> None:
    endpoint = receiver.endpoint()
    receiver.statuses = [410]
    events.emit(EventType.NODE_MOVED, {})
    send_due()
    endpoint.refresh_from_db()
    assert (states(), endpoint.disabled_at is not None) == (["failed"], True)


def test_one_round_takes_a_few_of_each_endpoint(receiver: Receiver) -> None:
    receiver.endpoint()
    receiver.endpoint(name="Other")
    for _ in range(10):
        events.emit(EventType.NODE_MOVED, {})
    assert [send_due() for _ in range(4)] == [8, 8, 4, 0]


def test_a_long_queue_of_one_endpoint_holds_up_no_other(receiver: Receiver) -> None:
    slow = receiver.endpoint(EventType.NODE_MOVED)
    old = timezone.now() - timedelta(hours=1)
    Delivery.objects.bulk_create(
        Delivery(endpoint=slow, event_id=f"msg_{number}", event="node.moved", body="{}", next_try_at=old)
        for number in range(500)
    )
    other = receiver.endpoint(EventType.NODE_TRASHED, name="Other")
    events.emit(EventType.NODE_TRASHED, {})
    claimed = deliveries._claim(timezone.now())
    assert sorted(delivery.endpoint_id for delivery in claimed) == [*[slow.pk] * 4, other.pk]


def test_more_endpoints_than_a_round_takes_have_their_turns(receiver: Receiver) -> None:
    many = [receiver.endpoint(EventType.NODE_MOVED, name=f"Board {number}") for number in range(10)]
    for _ in range(40):
        events.emit(EventType.NODE_MOVED, {})
    served = {delivery.endpoint_id for _ in range(45) for delivery in deliveries._claim(timezone.now())}
    assert served == {endpoint.pk for endpoint in many}


def test_two_workers_do_not_send_the_same(receiver: Receiver) -> None:
    receiver.endpoint()
    events.emit(EventType.NODE_MOVED, {})
    now = timezone.now()
    assert [len(deliveries._claim(now)) for _ in range(2)] == [1, 0]
    assert len(deliveries._claim(now + deliveries.CLAIMED_FOR + timedelta(seconds=1))) == 1


def test_secrets_are_kept_encrypted(settings: LazySettings, receiver: Receiver) -> None:
    secret = new_secret()
    stored = encrypted(secret)
    assert secret not in stored
    assert decrypted(stored) == secret
    receiver.endpoint()
    events.emit(EventType.NODE_MOVED, {})
    settings.SECRET_KEY = "another-key-of-the-tests"
    send_due()
    assert "another SECRET_KEY" in Delivery.objects.get().tries[0]["problem"]


def test_old_deliveries_go(receiver: Receiver) -> None:
    receiver.endpoint()
    events.emit(EventType.NODE_MOVED, {})
    Delivery.objects.update(created_at=timezone.now() - timedelta(days=31))
    events.emit(EventType.NODE_MOVED, {})
    assert (deliveries.drop_old(), Delivery.objects.count()) == (1, 1)


@pytest.mark.postgresql
@pytest.mark.parametrize("table", [Endpoint, Delivery])
def test_without_its_table_nothing_is_disturbed(
    receiver: Receiver, table: type[Model], caplog: pytest.LogCaptureFixture
) -> None:
    receiver.endpoint()
    name = table._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {name} RENAME TO elsewhere")
    with transaction.atomic():
        Group.objects.create(name="before")
        events.emit(EventType.NODE_MOVED, {})
        assert events.is_wanted(EventType.NODE_MOVED) is (table is Delivery)
        Group.objects.create(name="after")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE elsewhere RENAME TO {name}")
    assert "The event node.moved is not told to webhooks: " in caplog.text
    assert Group.objects.filter(name__in=("before", "after")).count() == 2
    assert Delivery.objects.count() == 0

"""What a live server writes after its response belongs to the test that asked."""

import time
from typing import Any

import pytest
import requests
from pytest_django.live_server_helper import LiveServer

from knowledgetree.audit import log
from knowledgetree.audit.models import Entry


def test_a_server_is_asked(monkeypatch: pytest.MonkeyPatch, live_server: LiveServer) -> None:
    def write_late(*what: Any) -> None:
        time.sleep(0.3)  # meanwhile the test is over
        write(*what)

    write = log.write
    monkeypatch.setattr(log, "write", write_late)
    answer = requests.get(f"{live_server.url}/api/v1/nodes/root", headers={"Authorization": "Bearer kt_x"}, timeout=60)
    assert answer.status_code == 401


@pytest.mark.django_db(transaction=True)  # else it would come before the other
def test_nothing_of_the_test_before_is_there() -> None:
    time.sleep(0.6)
    assert not Entry.objects.exists()

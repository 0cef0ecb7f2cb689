"""The examples of docs/webhooks.md check what is really sent."""

import re
from typing import Any

import pytest
from standardwebhooks import WebhookVerificationError

from knowledgetree.webhooks import events
from knowledgetree.webhooks.deliveries import TRIES, WAITS, send_due
from knowledgetree.webhooks.event_types import EventType
from tests.docs.pages import ROOT
from tests.knowledgetree.webhooks.conftest import Receiver, receiver

__all__ = ["receiver"]
PAGE = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")


def examples() -> dict[str, Any]:
    names: dict[str, Any] = {}
    for code in re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE):
        exec(code, names)  # noqa: S102 - that of our own page
    return names


def test_both_examples_know_a_genuine_event(receiver: Receiver, db: None) -> None:
    receiver.endpoint()
    events.emit(EventType.NODE_MOVED, {"nodes": []})
    send_due()
    [(headers, body)] = receiver.got
    example = examples()
    assert example["event_of"](receiver.secret, body, headers)["type"] == "node.moved"
    assert example["is_genuine"](receiver.secret, body.encode(), headers)
    for forged in (body.replace("moved", "purged"), body + " "):
        assert not example["is_genuine"](receiver.secret, forged.encode(), headers)
        with pytest.raises(WebhookVerificationError):
            example["event_of"](receiver.secret, forged, headers)
    old = headers | {"webhook-timestamp": "1700000000"}
    assert not example["is_genuine"](receiver.secret, body.encode(), old)


def test_every_type_is_listed() -> None:
    assert {kind.value for kind in EventType if f"`{kind.value}`" not in PAGE} == set()


def test_the_times_are_those_of_the_program() -> None:
    minutes = [int(wait.total_seconds() // 60) for wait in WAITS]
    assert (minutes, TRIES) == ([1, 5, 30, 120], 5)
    assert "about 1, 5 and 30 minutes and 2 hours, five times in all" in PAGE

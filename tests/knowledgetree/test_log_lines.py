"""What the log says of pages that were refused and of pages that failed."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from knowledgetree.log_lines import RefusalsInOneLine
from knowledgetree.settings import LOGGING

REFUSALS: list[Exception] = [
    Http404("gone"),
    PermissionDenied("no\nright"),
    BadRequest("odd"),
    SuspiciousOperation("?"),
]


def refuse(request: HttpRequest, number: int) -> HttpResponse:
    raise REFUSALS[number]


def fail(request: HttpRequest) -> HttpResponse:
    raise KeyError("a bug")


urlpatterns = [
    path("", fail, name="home"),
    path("refuse/<int:number>/", refuse, name="live"),
    path("fail/", fail, name="health"),
]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the program would write, without the names of pytest's own handlers."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(RefusalsInOneLine())
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize("number", range(len(REFUSALS)))
@override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[])
def test_a_refusal_is_one_line_at_most(number: int, log: io.StringIO) -> None:
    assert Client(raise_request_exception=False).get(f"/refuse/{number}/").status_code in (400, 403, 404)
    assert len(log.getvalue().splitlines()) == 1


@override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[])
def test_a_failure_has_its_traceback(log: io.StringIO) -> None:
    assert Client(raise_request_exception=False).get("/fail/").status_code == 500
    assert "Traceback" in log.getvalue()
    assert "KeyError" in log.getvalue()


def test_the_programs_write_their_log_so() -> None:
    settings: dict[str, Any] = LOGGING
    assert settings["handlers"]["stderr"]["filters"] == ["short", "request"]
    assert settings["filters"]["request"] == {"()": "knowledgetree.log_lines.WithRequestId"}
    assert settings["filters"]["short"] == {"()": "knowledgetree.log_lines.RefusalsInOneLine"}

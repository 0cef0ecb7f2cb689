"""Five wrong passwords for a name from an address, then none is tried for 15 minutes."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.utils import timezone

from knowledgetree.accounts.backends import RoleBackend
from tests.pages import squeezed
from tests.people import client_of, person

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]

PASSWORD = "a-password-of-tests"
LIMIT = 5
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


def attempt(name: str, password: str, address: str = HERE, **headers: str) -> Any:
    form = {"username": name, "password": password}
    return Client().post("/accounts/login/", form, REMOTE_ADDR=address, headers=headers)


def lock(name: str, address: str = HERE) -> Any:
    return [attempt(name, f"wrong {n}", address) for n in range(LIMIT)][-1]


def is_in(answer: Any) -> bool:
    return bool(answer.status_code == 302)


def move_attempts(minutes: int) -> None:
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=minutes))


def test_the_fifth_wrong_password_locks_for_15_minutes() -> None:
    person("technician")
    codes = [attempt("technician", f"wrong {n}").status_code for n in range(8)]
    assert codes == [200] * 4 + [429] * 4
    right = attempt("technician", PASSWORD)
    assert right.status_code == 429
    assert 14 * 60 < int(right.headers["Retry-After"]) <= 15 * 60
    assert "no-store" in right.headers["Cache-Control"]
    words = squeezed(right.content.decode())
    assert "in 15 minutes" in words
    assert "An administrator can let you try again at once" in words
    move_attempts(14)
    assert "in 1 minute<" in squeezed(attempt("technician", PASSWORD).content.decode())
    move_attempts(16)
    assert is_in(attempt("technician", PASSWORD))


def test_attempts_while_it_is_locked_do_not_prolong_it() -> None:
    person("technician")
    lock("technician")
    move_attempts(10)
    before = AccessAttempt.objects.get()
    attempt("technician", "wrong")
    assert AccessAttempt.objects.get().attempt_time == before.attempt_time


def test_who_does_not_exist_is_locked_with_the_same_words() -> None:
    person("technician")
    answers = [
        [attempt(name, "wrong").content.decode().replace(name, "NAME") for _ in range(LIMIT + 1)]
        for name in ("technician", "nobody")
    ]
    without_tokens = [[page.partition("csrf")[0] + page.partition("</form>")[2] for page in some] for some in answers]
    assert without_tokens[0] == without_tokens[1]


def test_a_lock_is_of_one_name_and_one_address() -> None:
    person("technician")
    person("billing")
    lock("technician")
    assert is_in(attempt("billing", PASSWORD))
    assert is_in(attempt("technician", PASSWORD, ELSEWHERE))
    assert not is_in(attempt("technician", PASSWORD))


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "User-Agent"])
def test_no_header_of_the_peer_gives_more_attempts(header: str) -> None:
    person("technician")
    codes = [attempt("technician", "wrong", **{header: f"192.0.2.{n}"}).status_code for n in range(LIMIT + 1)]
    assert codes == [200] * (LIMIT - 1) + [429] * 2


def test_the_right_password_forgets_the_wrong_ones() -> None:
    person("technician")
    for _ in range(3):
        assert [attempt("technician", "wrong").status_code for _ in range(LIMIT - 1)] == [200] * (LIMIT - 1)
        assert is_in(attempt("technician", PASSWORD))
    assert not AccessAttempt.objects.exists()


@pytest.mark.parametrize(
    ("address", "field"), [("/accounts/confirm/", "password"), ("/accounts/password/", "old_password")]
)
def test_a_screen_that_was_left_open_is_no_way_to_guess(address: str, field: str) -> None:
    client = client_of("technician")
    form = {"new_password1": "Kf82-mmm-x1", "new_password2": "Kf82-mmm-x1"}
    codes = [client.post(address, form | {field: "wrong"}).status_code for _ in range(LIMIT)]
    assert codes == [200] * (LIMIT - 1) + [429]
    assert client.post(address, form | {field: PASSWORD}).status_code == 429
    assert client.get("/accounts/password/").status_code == 200  # and the person stays logged in


@pytest.mark.parametrize(
    ("address", "field"), [("/accounts/confirm/", "password"), ("/accounts/password/", "old_password")]
)
def test_the_right_password_forgets_the_wrong_ones_there_too(address: str, field: str) -> None:
    client = client_of("technician")
    form = {"new_password1": "Kf82-mmm-x1", "new_password2": "Kf82-mmm-x1"}
    client.post(address, form | {field: "wrong"})
    assert AccessAttempt.objects.get().failures_since_start == 1
    assert is_in(client.post(address, form | {field: PASSWORD}))
    assert not AccessAttempt.objects.exists()


def test_an_admin_opens_the_login_in_the_django_admin() -> None:
    person("technician")
    lock("technician")
    admin = client_of("admin")
    page = squeezed(admin.get("/admin/axes/accessattempt/").content.decode())
    assert "technician" in page
    assert "or when this is deleted" in page
    count = AccessAttempt.objects.get()
    assert admin.post(f"/admin/axes/accessattempt/{count.pk}/delete/", {"post": "yes"}).status_code == 302
    assert is_in(attempt("technician", PASSWORD))


@pytest.mark.parametrize("command", [["axes_reset"], ["axes_reset_username", "technician"], ["axes_reset_ip", HERE]])
def test_a_command_opens_the_login(command: list[str]) -> None:
    person("technician")
    lock("technician")
    call_command(*command)
    assert is_in(attempt("technician", PASSWORD))


def test_counts_that_are_over_leave_the_table() -> None:
    for n in range(3):
        attempt(f"somebody-{n}", "wrong")
    move_attempts(16)
    attempt("somebody-else", "wrong")
    assert [count.username for count in AccessAttempt.objects.all()] == ["somebody-else"]


def test_no_password_is_kept_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(LIMIT + 1):
        attempt("technician", "the-secret-of-ana")
    kept = AccessAttempt.objects.values().get()
    assert "the-secret-of-ana" not in str(kept)
    assert "the-secret-of-ana" not in caplog.text
    assert "5 wrong passwords for 'technician' from 192.0.2.1" in caplog.text
    assert caplog.text.count("wrong passwords for") == 1


@pytest.mark.django_db(transaction=True)
def test_attempts_at_the_same_time_are_counted_before_any_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    person("technician")
    attempt("technician", "wrong")
    tried: list[str] = []
    everybody_came = threading.Barrier(LIMIT - 1, timeout=60)
    check = RoleBackend.authenticate

    def slow(self: RoleBackend, request: Any, username: str = "", password: str = "", **more: Any) -> Any:
        tried.append(password)
        everybody_came.wait()  # all that may be tried are tried at the same time
        return check(self, request, username, password, **more)

    def one(number: int) -> int:
        try:
            return int(attempt("technician", f"guess {number}").status_code)
        finally:
            connections.close_all()

    monkeypatch.setattr(RoleBackend, "authenticate", slow)
    with ThreadPoolExecutor(12) as threads:
        codes = list(threads.map(one, range(12)))
    assert len(tried) == LIMIT - 1
    assert codes.count(429) >= 12 - (LIMIT - 1)

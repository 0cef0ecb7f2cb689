"""``manage.py sample_codex`` as a process of its own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from django.conf import settings
from django.core.management import load_command_class

SMALL = ("--companies", "2", "--contacts", "3", "--assets", "3", "--tickets", "3")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", "sample_codex", *arguments]


@contextmanager
def running(key_file: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and the first line that it prints."""
    whole = command("--port", "0", "--api-key-file", str(key_file), *SMALL, *arguments)
    with subprocess.Popen(
        whole, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as child:
        assert child.stdout
        try:
            yield child, child.stdout.readline()
        finally:
            child.kill()


def url_in(line: str) -> str:
    match = re.search(r"http://\S+", line)
    assert match, line
    return match[0]


def ends_cleanly(child: subprocess.Popen[str], number: signal.Signals) -> bool:
    child.send_signal(number)
    rest = child.communicate(timeout=60)[0]
    return (child.returncode, rest) == (0, "")


def test_it_says_where_it_is_and_serves_with_the_key_of_the_file(tmp_path: Path, subtests: pytest.Subtests) -> None:
    key_file = tmp_path / "key"
    with running(key_file) as (child, line):
        key = key_file.read_text().strip()
        headers = {"Authorization": f"Bearer {key}"}
        answer = requests.get(url_in(line) + "/api/companies", headers=headers, timeout=20)
        with subtests.test("a taken port is told by name"):
            _a_second_one_names_the_port(url_in(line).rpartition(":")[2], key_file)
        with subtests.test("Ctrl-C ends it cleanly"):
            assert ends_cleanly(child, signal.SIGINT)

    assert len(answer.json()) == 2
    assert "2 companies, 6 contacts, 6 assets, 6 tickets" in line
    assert key not in line
    assert key_file.stat().st_mode & 0o777 == 0o600


def _a_second_one_names_the_port(port: str, key_file: Path) -> None:
    second = subprocess.run(
        command("--port", port, "--api-key-file", str(key_file), *SMALL),
        cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert second.returncode == 1
    assert second.stdout == ""
    assert f"port {port}" in second.stderr
    assert "--port or SAMPLE_CODEX_PORT" in second.stderr
    assert "Traceback" not in second.stderr


def test_options_reach_the_server(tmp_path: Path, subtests: pytest.Subtests) -> None:
    key_file = tmp_path / "key"
    key_file.write_text("a-key-that-was-there\n")
    headers = {"Authorization": "Bearer a-key-that-was-there"}
    with running(key_file, "--prefix", "codex", "--no-bulk", "--requests-per-minute", "2") as (child, line):
        url = url_in(line)
        statuses = [
            requests.get(url + path, headers=headers, timeout=20).status_code
            for path in ("/api/companies", "/api/companies/bulk", "/api/companies", "/api/companies")
        ]
        with subtests.test("SIGTERM ends it cleanly"):
            assert ends_cleanly(child, signal.SIGTERM)

    assert url.endswith("/codex")
    assert statuses == [200, 404, 200, 500]


def test_control_changes_records(tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    with running(key_file, "--control") as (_, line):
        headers = {"Authorization": f"Bearer {key_file.read_text().strip()}"}
        answer = requests.post(url_in(line) + "/_control/change?percent=50", headers=headers, timeout=20)

    assert answer.json() == {"companies": 1, "contacts": 3, "assets": 3, "locations": 2, "tickets": 3}


def ending_at_once(*arguments: str) -> int | str | None:
    """The exit code of the command, in this process: it ends before it serves anything."""
    with pytest.raises(SystemExit) as ending:
        load_command_class("syncing", "sample_codex").run_from_argv(["manage.py", "sample_codex", *arguments])
    return ending.value.code


@pytest.mark.parametrize("arguments", [("--companies", "-1"), ("--tickets", "many"), ("--as-of", "yesterday")])
def test_wrong_options_are_refused(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert ending_at_once(*arguments) == 2
    assert arguments[0] in capsys.readouterr().err


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    assert ending_at_once("--help") == 0
    shown = capsys.readouterr().out

    assert "curl" in shown
    for option in ("--companies", "--no-bulk", "--prefix", "--api-key-file", "--requests-per-minute"):
        assert option in shown


def test_the_sample_codex_needs_no_django() -> None:
    """The bench and other programs start it without settings, and it never touches a database."""
    code = (
        "import sys; import syncing.sample_codex.server, syncing.sample_codex.generate, syncing.sample_codex.faults; "
        "sys.exit(any(name.split('.')[0] in ('django', 'neomodel', 'neo4j') for name in sys.modules))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}

    subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR, env=environment, timeout=120, check=True)

"""Every curl line of the documents is sent to a real server and answered with 2xx."""

import os
import re
import subprocess
from pathlib import Path

import requests
from PIL import Image
from pytest_django.live_server_helper import LiveServer

from syncing.models import SyncRun
from tests.docs.pages import ROOT
from tests.people import person
from tests.syncing.pages.test_plan import change, planned
from tests.throwaway_neo4j import Graph
from tests.tree.api.v1.calling import Caller
from tests.tree.factory import Acme
from tree import operations

_BLOCK = re.compile(r"^```\n(.*?)^```", re.DOTALL | re.MULTILINE)
_VALUES = {"-H": "headers", "-d": "body", "-F": "form", "-X": "method"}


def examples() -> list[str]:
    """The curl lines, those that go on on the next line as one."""
    texts = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("api.md", "sign-in.md")]
    lines = [
        line for text in texts for block in _BLOCK.findall(text) for line in block.replace("\\\n", "").splitlines()
    ]
    return [line for line in lines if line.startswith("curl ")]


def test_there_are_examples() -> None:
    assert len(examples()) > 15


def test_every_example_works(
    acme: Acme, live_server: LiveServer, tmp_path: Path, graph: Graph, transactional_db: None
) -> None:
    note = operations.create_note(acme.company, "VPN", "# VPN", author="tess")
    owner = Caller(person("admin"))
    checked = planned(rest=[change("update", 1, before={"name": "a"}, set={"name": "b"})])
    Image.new("RGB", (8, 8)).save(tmp_path / "network.png")
    known = {
        "TOKEN": owner.token,
        "SITE": live_server.url,
        "ID": note,
        "ETAG": owner.etag(note),
        "RUN": str(checked.pk),
        "PLAN": checked.plan_hash,
    }
    for line in examples():
        response = _sent(line, known, tmp_path)
        assert 200 <= response.status_code < 300, (line, response.text)
    assert SyncRun.objects.filter(applies=checked).exists()


def _sent(line: str, known: dict[str, str], folder: Path) -> requests.Response:
    """What curl would do. The machine need not have one."""
    words = iter(_words(line, known)[1:])
    given: dict[str, list[str]] = {name: [] for name in (*_VALUES.values(), "address")}
    for word in words:
        given[_VALUES[word] if word.startswith("-") else "address"].append(
            next(words) if word.startswith("-") else word
        )
    [address], body = given["address"], "".join(given["body"])
    files = {}
    for one in given["form"]:
        name, _, value = one.partition("=@")
        files[name] = (value, (folder / value).read_bytes())
    method = "".join(given["method"]) or ("POST" if body or files else "GET")
    headers = dict(header.split(": ", 1) for header in given["headers"])
    return requests.request(method, address, headers=headers, data=body or None, files=files or None, timeout=60)


def _words(line: str, known: dict[str, str]) -> list[str]:
    """The words of the line with its variables, as a shell reads it: those in single quotes stay as they are."""
    found = subprocess.run(
        ["/bin/sh", "-c", f"printf '%s\\0' {line}"], env={**os.environ, **known}, capture_output=True, check=True
    )
    return found.stdout.decode().split("\0")[:-1]

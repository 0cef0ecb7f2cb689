"""An import while staff go on writing: every saved word stays, nobody is refused, and the import is whole."""

import json
import threading
import time

import pytest
import requests
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from tests.fault_counts import usual_or_all
from tests.people import client_of
from tests.throwaway_neo4j import Graph
from tree import operations, queries
from tree.exchange import jobs
from tree.models import TreeImport
from tree.vocabulary import ROOT_ID

WRITERS = 4
IMPORTED = usual_or_all(300, 4_000)
TOKEN = "t" * 32  # the same in the cookie and the header is all that the check of requests asks for


class Writer(threading.Thread):
    """A person who adds words to a note of their own, and to one that all share, until they are told to stop.

    Each has then written twice into the own one, however quickly the import was over.
    """

    def __init__(self, number: int, address: str, session: str, notes: list[str], done: threading.Event) -> None:
        super().__init__(daemon=True)
        self.number, self.address, self.notes, self.done = number, address, notes, done
        self.http = requests.Session()
        self.http.cookies.update({settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: TOKEN})
        self.kept: dict[str, list[str]] = {note: [] for note in notes}
        self.statuses: list[int] = []
        self.seconds: list[float] = []

    def run(self) -> None:
        step = 0
        while not (self.done.is_set() and len(self.kept[self.notes[0]]) > 1):
            step += 1
            self._write(self.notes[step % 2], f"w{self.number}x{step}.")

    def _write(self, note: str, word: str) -> None:
        url = f"{self.address}/api/node/{note}"
        read = self.http.get(url, timeout=60)
        text = {"content": f"{read.json()['content']} {word}", "version": read.json()["version"]}
        began = time.monotonic()
        answer = self.http.put(url, json=text, headers={"X-CSRFToken": TOKEN}, timeout=60)
        self.seconds.append(time.monotonic() - began)
        self.statuses += [read.status_code, answer.status_code]
        if answer.status_code == 200:
            self.kept[note].append(word)


@pytest.mark.faults
def test_staff_write_while_an_import_runs(
    graph: Graph, transactional_db: None, live_server: LiveServer, admin: Client
) -> None:
    shared, *own = (operations.create_note(ROOT_ID, f"Note {n}", "Text", author="tess") for n in range(WRITERS + 1))
    technician, done = client_of("technician"), threading.Event()
    session = technician.cookies[settings.SESSION_COOKIE_NAME].value
    writers = [Writer(n, live_server.url, session, [note, shared], done) for n, note in enumerate(own)]
    export = [{"path": f"Docs/N{n}", "content": f"Text {n}, see [it](/node/{shared}/)"} for n in range(IMPORTED)]
    admin.post("/exchange/import/", {"file": SimpleUploadedFile("old.json", json.dumps(export).encode())})
    row = TreeImport.objects.get()
    for writer in writers:
        writer.start()
    try:
        jobs.run_import(row.pk)
        admin.post(f"/exchange/import/{row.pk}/apply/")
        while TreeImport.objects.get().status == TreeImport.Status.QUEUED:
            jobs.run_import(row.pk)
    finally:
        done.set()
        for writer in writers:
            writer.join()
    _told(writers)
    assert TreeImport.objects.get().status == TreeImport.Status.COMPLETE
    assert {status for writer in writers for status in writer.statuses} <= {200, 409}
    for writer in writers:
        assert len(writer.kept[writer.notes[0]]) > 1, "its thread has ended by an error"
        for note, words in writer.kept.items():
            text = queries.get_node(note).content.split()
            assert [word for word in words if word not in text] == []
    [docs] = [row for row in queries.get_children(ROOT_ID).rows if row.name == "Docs"]
    assert docs.count == IMPORTED


def _told(writers: list[Writer]) -> None:
    seconds = sorted(second for writer in writers for second in writer.seconds)
    statuses = [status for writer in writers for status in writer.statuses]
    half, most = (seconds[int(len(seconds) * share)] for share in (0.5, 0.95))
    told = f"{len(seconds)} saves, {statuses.count(409)} conflicts; 50 % {half:.3f} s, 95 % {most:.3f} s"
    print(f"{told}, longest {seconds[-1]:.3f} s")

"""Fixtures of the sync tests: a Codex that the settings name, and the commands as cron would call them.

Everything goes over real HTTP and into the real Neo4j; only the pauses between tries are short.
"""

import io
import json
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from knowledgetree.configuration.services import CodexSettings
from syncing.models import SyncRun
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import API_KEY, MakeCodex, codex, make_codex
from tests.throwaway_neo4j import Graph

__all__ = ["codex", "make_codex"]


@dataclass
class Finished:
    """What one call of a command has left: exit code, output, and its run's row."""

    code: int
    out: str
    err: str
    run: SyncRun

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = self.run.counts
        return counts

    @property
    def written(self) -> int:
        """How many nodes it created, updated, moved, archived or restored."""
        totals = self.run.totals()
        return sum(totals.get(a, 0) for a in ("created", "updated", "moved", "archived", "restored"))

    @property
    def reasons(self) -> list[str]:
        return [refused.reason for refused in self.run.refused.all()]

    @property
    def faults(self) -> list[str]:
        return [refused.fault for refused in self.run.refused.all()]


Sync = Callable[..., Finished]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncing.codex.request_retries.RETRY_SECONDS", 0.001)


@pytest.fixture
def no_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """For many syncs in a row, which are more requests than may be sent at once: none waits for its turn."""
    monkeypatch.setattr("syncing.codex.client.wait_for_turn", lambda: 0.0)


@pytest.fixture(autouse=True)
def _own_signal_handlers() -> Iterator[None]:
    handler = signal.getsignal(signal.SIGTERM)
    yield
    assert signal.getsignal(signal.SIGTERM) == handler, "a command has left its signal handler behind"


@pytest.fixture
def use(settings: Settings) -> Callable[[SampleCodex], SampleCodex]:
    """Name this Codex in the settings: ``use(codex)`` with the API key, ``use(codex, core=True)`` with tokens."""

    def name_it(codex: SampleCodex, core: bool = False, **changes: Any) -> SampleCodex:
        values: dict[str, Any] = {
            "url": codex.url,
            "api_key": None if core else API_KEY,
            "core_url": codex.url if core else None,
            "service_name": "knowledgetree",
            "source": "codex.url in services.json",
            "is_sample": False,
        }
        settings.CODEX = CodexSettings(**(values | changes))
        return codex

    return name_it


@pytest.fixture
def sync(graph: Graph, transactional_db: None) -> Sync:
    """Run a command as cron would: ``sync("sync_codex", "--dry-run")``."""

    def run(*arguments: str) -> Finished:
        out, err = io.StringIO(), io.StringIO()
        code = 0
        try:
            call_command(*arguments, stdout=out, stderr=err)
        except SystemExit as ending:
            code = int(ending.code or 0)
        except KeyboardInterrupt:
            code = 130  # as manage.py does
        except CommandError as error:
            code = error.returncode
            err.write(str(error))
        row = SyncRun.objects.first()
        assert row is not None
        return Finished(code, out.getvalue(), err.getvalue(), row)

    return run


@pytest.fixture
def world_codex(codex: SampleCodex, use: Callable[..., SampleCodex]) -> SampleCodex:
    """A Codex of 3 companies with 5 of everything, named in the settings."""
    return use(codex)


@pytest.fixture
def mirrored(world_codex: SampleCodex, sync: Sync) -> SampleCodex:
    """The same, already in the graph with its tickets."""
    assert sync("sync_codex").code == 0
    assert sync("sync_tickets").code == 0
    return world_codex


@pytest.fixture
def breaches(graph: Graph) -> Callable[[], list[dict[str, str]]]:
    """What check_graph finds."""

    def look() -> list[dict[str, str]]:
        out = io.StringIO()
        with suppress(SystemExit):
            call_command("check_graph", "--json", stdout=out)
        found: list[dict[str, str]] = json.loads(out.getvalue())["breaches"]
        return found

    return look


Use = Callable[..., SampleCodex]
Breaches = Callable[[], list[dict[str, str]]]
__all__ += ["Breaches", "Finished", "MakeCodex", "Sync", "Use"]

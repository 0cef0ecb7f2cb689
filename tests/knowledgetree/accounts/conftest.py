"""A Core for the tests of accounts."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.conf import LazySettings

from knowledgetree.accounts.sso.core import claims, keys
from knowledgetree.basics.marks import marks
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import MakeCodex, make_codex

__all__ = ["make_codex"]


@pytest.fixture
def core(make_codex: MakeCodex, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[SampleCodex]:
    """A Core whose keys nobody has read yet."""
    server = make_codex(companies=1, contacts=0, assets=0, tickets=0)
    settings.CORE = replace(settings.CORE, url=server.url)
    monkeypatch.setattr(claims, "KEYS", keys.CoreKeys())
    marks.clear()
    yield server
    marks.clear()

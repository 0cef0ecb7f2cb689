"""The sample Codex as the tests' fake Codex: real HTTP on a free port, a world to change, faults to script.

def test_rename(make_codex):
    codex = make_codex(companies=3)
    account_number = next(iter(codex.world.accounts))
    codex.world.rename_company(account_number, "New name")
    codex.faults.add(faults.status(500), "/api/companies", times=2)
    ... codex.url, API_KEY, codex.requests("/api/companies") ...
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from syncing.sample_codex.generate import WorldOptions, generate
from syncing.sample_codex.limits import RateLimit
from syncing.sample_codex.server import SampleCodex
from syncing.sample_codex.world import World

API_KEY = "the-key-of-the-tests"


MakeCodex = Callable[..., SampleCodex]  # takes what fake_codex takes


@contextmanager
def fake_codex(
    world: World | None = None,
    *,
    companies: int = 3,
    contacts: int = 5,
    assets: int = 5,
    tickets: int = 5,
    seed: int = 1,
    api_key: str | None = API_KEY,
    prefix: str = "",
    bulk: bool = True,
    control: bool = False,
    requests_per_minute: int = 500,
) -> Iterator[SampleCodex]:
    """A running server; contacts, assets and tickets are for each company. ``api_key`` None: only Core's tokens."""
    options = WorldOptions(companies, contacts, assets, tickets, seed)
    server = SampleCodex(
        world or generate(options),
        api_key=api_key,
        prefix=prefix,
        bulk=bulk,
        control=control,
        limit=RateLimit(per_minute=requests_per_minute),
    )
    with server:
        yield server


@pytest.fixture
def make_codex() -> Iterator[MakeCodex]:
    """Starts as many servers as the test asks for, and stops them after it."""
    with ExitStack() as servers:

        def start(world: World | None = None, **options: Any) -> SampleCodex:
            return servers.enter_context(fake_codex(world, **options))

        yield start


@pytest.fixture
def codex(make_codex: MakeCodex) -> SampleCodex:
    """A small Codex: 3 companies, 5 of everything in each."""
    return make_codex()

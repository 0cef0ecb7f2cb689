"""A plugin of pytest: which tests are quick, which stay together on one worker, and which begin first."""

from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.services import fixtures

ROOT = Path(__file__).parents[1]


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Mark tests that start no server as ``quick``; put the long ones first, so that no worker ends late."""
    for item in items:
        if not any(one.func.__module__ == fixtures.__name__ for one in _fixtures(item)):
            item.add_marker("quick")
    yield  # here -m selects by these markers, and pytest-django orders tests by their use of the database
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def _fixtures(item: pytest.Item) -> Iterator[pytest.FixtureDef[object]]:
    """All that the test uses, also those of its fixtures."""
    if isinstance(item, pytest.Function):
        for definitions in item._fixtureinfo.name2fixturedefs.values():
            yield definitions[-1]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return _SharingScheduling(config, log)


class _SharingScheduling(LoadScopeScheduling):
    """Hands out tests one by one, but those that share a fixture to one worker, so that it is made once.

    pytest-xdist's own ``loadgroup`` does nothing with pytest 9.2, which does not let it rename tests. Like all
    schedulers, this one knows no more of a test than its id.
    """

    def _split_scope(self, nodeid: str) -> str:
        return _sharers(nodeid.partition("::")[0]) or nodeid


@cache
def _sharers(file: str) -> str | None:
    """The file or folder whose tests share a fixture with those of this file."""
    path = ROOT / file
    conftest = path.with_name("conftest.py")
    if conftest.exists() and 'scope="package"' in conftest.read_text(encoding="utf-8"):
        return str(path.parent)
    return file if 'scope="module"' in path.read_text(encoding="utf-8") else None

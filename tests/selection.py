"""A plugin of pytest: which tests are quick, which stay together on one worker, and which begin first."""

from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

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
    """Hands out tests file by file, and to each worker files of one folder after another, as long as there are any.

    They ask Neo4j the same, and the first time that a Neo4j is asked something costs more than most tests. Tests of a
    file with ``long`` ones are handed out one by one, unless they share a fixture.

    pytest-xdist's own ``loadgroup`` does nothing with pytest 9.2, which does not let it rename tests. Like all
    schedulers, this one knows no more of a test than its id.
    """

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        super().__init__(config, log)
        self._folders: dict[WorkerController, str] = {}

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return _sharers(file) or (nodeid if _has_long(file) else file)

    def _assign_work_unit(self, node: WorkerController) -> None:
        chosen = self._next_for(node)
        self._folders[node] = _folder(chosen)
        self.workqueue.move_to_end(chosen, last=False)
        super()._assign_work_unit(node)

    def _next_for(self, node: WorkerController) -> str:
        first: str = next(iter(self.workqueue))
        if _has_long(first.partition("::")[0]):
            return first
        own: list[str] = [one for one in self.workqueue if _folder(one) == self._folders.get(node)]
        taken = {folder for other, folder in self._folders.items() if other in self.nodes}
        free: list[str] = [one for one in self.workqueue if _folder(one) not in taken]
        return (own or free or [first])[0]


def _folder(scope: str) -> str:
    return scope.partition("::")[0].rpartition("/")[0]


@cache
def _has_long(scope: str) -> bool:
    """Whether this file, or one of this folder, has tests that are to begin first."""
    path = ROOT / scope
    files = path.glob("test_*.py") if path.is_dir() else [path]
    return any("pytest.mark.long" in file.read_text(encoding="utf-8") for file in files)


@cache
def _sharers(file: str) -> str | None:
    """The file or folder whose tests share a fixture with those of this file."""
    path = ROOT / file
    conftest = path.with_name("conftest.py")
    if conftest.exists() and 'scope="package"' in conftest.read_text(encoding="utf-8"):
        return path.parent.relative_to(ROOT).as_posix()
    return file if 'scope="module"' in path.read_text(encoding="utf-8") else None

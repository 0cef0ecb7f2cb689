"""A plugin of pytest: which tests are quick, which stay together on one worker, and which begin first."""

from collections.abc import Generator, Iterator

import pytest

from tests.services import fixtures


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Mark tests as ``quick`` and by ``xdist_group``; put the long ones first, so that no worker ends late."""
    for item in items:
        used = list(_fixtures(item))
        if not any(one.func.__module__ == fixtures.__name__ for one in used):
            item.add_marker("quick")
        for one in used:
            if one.scope in ("module", "package") and one.baseid.startswith("tests"):
                item.add_marker(pytest.mark.xdist_group(one.baseid))  # what they share is made once
    yield  # here -m selects by these markers, and pytest-django orders tests by their use of the database
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def _fixtures(item: pytest.Item) -> Iterator[pytest.FixtureDef[object]]:
    """All that the test uses, also those of its fixtures."""
    if isinstance(item, pytest.Function):
        for definitions in item._fixtureinfo.name2fixturedefs.values():
            yield definitions[-1]

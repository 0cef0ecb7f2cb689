"""Static files are collected when something has changed, and only then."""

from pathlib import Path

import pytest
from pytest_django import Settings

from knowledgetree.launcher.static_files import collect_if_changed


@pytest.fixture
def source(tmp_path: Path, settings: Settings) -> Path:
    """A file among the sources."""
    folder = tmp_path / "source"
    folder.mkdir()
    file = folder / "page.css"
    file.write_text("a { color: red }")
    settings.STATICFILES_DIRS = [folder]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    return file


def test_they_are_collected_once(source: Path, tmp_path: Path) -> None:
    assert collect_if_changed(tmp_path / "stamp")
    assert (tmp_path / "collected" / "page.css").exists()
    assert not collect_if_changed(tmp_path / "stamp")


def test_a_change_collects_them_again(source: Path, tmp_path: Path) -> None:
    collect_if_changed(tmp_path / "stamp")
    source.write_text("a { color: green }")
    assert collect_if_changed(tmp_path / "stamp")
    assert (tmp_path / "collected" / "page.css").read_text() == "a { color: green }"


def test_a_removed_folder_is_collected_again(source: Path, tmp_path: Path) -> None:
    collect_if_changed(tmp_path / "stamp")
    (tmp_path / "collected").rename(tmp_path / "gone")
    assert collect_if_changed(tmp_path / "stamp")

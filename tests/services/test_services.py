"""What a person is told when a program that tests need cannot be had."""

from pathlib import Path

import psutil
import pytest

from knowledgetree.launcher.neo4j_local import server
from knowledgetree.launcher.neo4j_local.installation import Installation
from tests.isolation import free_ports
from tests.services import chromium
from tests.services.class_archive import class_archive
from tests.services.exceptions import ServiceMissing
from tests.services.own_program import named_by
from tests.throwaway_neo4j import Graph


def test_a_registry_that_cannot_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_CHROMIUM", raising=False)
    monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{free_ports(1)[0]}/")
    monkeypatch.setattr(chromium, "FOLDER", tmp_path)
    monkeypatch.setattr(chromium, "PLACE", tmp_path / "version")
    monkeypatch.setattr(chromium, "RETRIES", ("--fetch-retries=1", "--fetch-retry-mintimeout=10"))
    with pytest.raises(ServiceMissing, match=r"could not be fetched: .*http://127\..*TEST_CHROMIUM=/") as error:
        chromium.chromium()
    assert len(str(error.value).splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_an_archive_that_was_changed_on_the_way(tmp_path: Path) -> None:
    archive = tmp_path / "archive.tgz"
    archive.write_bytes(b"something else")
    with pytest.raises(ServiceMissing, match="is not the archive that was expected"):
        chromium._require_checksum(archive)


def test_a_setting_that_names_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_REDIS_SERVER", "/nowhere/redis-server")
    with pytest.raises(ServiceMissing, match="TEST_REDIS_SERVER names /nowhere/redis-server, which does not exist"):
        named_by("TEST_REDIS_SERVER")


def test_a_program_of_the_machine_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_CHROMIUM", str(tmp_path))
    assert chromium.chromium().program == tmp_path


def test_java_uses_the_archive_of_classes(started_graph: Graph, neo4j_installation: Installation) -> None:
    """One that does not fit is ignored, and each start costs twice as much."""
    found = server.running(neo4j_installation)
    assert found is not None
    mapped = {one.path for one in psutil.Process(found.pid).memory_maps()}
    assert str(class_archive(neo4j_installation.jars_folder)) in mapped

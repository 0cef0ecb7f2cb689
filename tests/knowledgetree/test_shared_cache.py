"""The cache that processes share: what one keeps another finds, and nothing of it is trusted or needed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.core.cache import BaseCache, CacheHandler
from django.test import override_settings

from knowledgetree.basics.shared_cache import SharedCache
from knowledgetree.configuration.storage import caches
from tests.isolation import free_ports
from tree.text import rendering
from tree.text.rendering import render

HTML = "<p>“Ünïcode” 🌍 : not a signature</p>"


@pytest.fixture(autouse=True)
def _no_cache_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SharedCache, "_asked_again_at", 0.0)


def test_one_that_failed_is_left_alone_for_a_while(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    [port] = free_ports(1)
    cache_at(redis_url).set("html:1", HTML, 60)
    cache_at(f"redis://127.0.0.1:{port}/0").get("html:1")
    assert cache_at(redis_url).get("html:1", "not asked") == "not asked"
    monkeypatch.setattr(SharedCache, "_asked_again_at", 0.0)
    assert cache_at(redis_url).get("html:1", "not asked") == HTML


def cache_at(url: str) -> BaseCache:
    """As a process that has just started sees it."""
    found: BaseCache = CacheHandler(caches(url))["default"]
    return found


def keys(url: str) -> list[str]:
    return [key.decode() for key in redis.from_url(url).scan_iter()]


def test_what_one_process_keeps_another_finds(redis_url: str) -> None:
    cache_at(redis_url).set("html:1", HTML, 60)
    assert cache_at(redis_url).get("html:1") == HTML
    assert cache_at(redis_url).get("html:2", "nothing") == "nothing"
    [key] = keys(redis_url)
    assert key.startswith("knowledgetree:")
    assert 0 < redis.from_url(redis_url).ttl(key) <= 60


@pytest.mark.parametrize(
    "altered", [b"<script>alert(1)</script>", json.dumps("<script>").encode() + b":c2lnbmVk", b"\x80\x04N.", b"7"]
)
def test_what_somebody_else_wrote_there_does_not_count(redis_url: str, altered: bytes) -> None:
    cache_at(redis_url).set("html:1", HTML, 60)
    [key] = keys(redis_url)
    redis.from_url(redis_url).set(key, altered)
    assert cache_at(redis_url).get("html:1") is None


def test_a_value_is_signed_for_this_installation(redis_url: str) -> None:
    cache_at(redis_url).set("html:1", HTML, 60)
    with override_settings(SECRET_KEY="of another installation"):
        assert cache_at(redis_url).get("html:1") is None


def test_pages_do_without_a_redis_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    [port] = free_ports(1)
    gone = cache_at(f"redis://127.0.0.1:{port}/0")
    monkeypatch.setattr(rendering, "cache", gone)
    monkeypatch.setattr(rendering._children, "ask", rendering.to_html)
    assert render("Still *here*") == "<p>Still <em>here</em></p>"
    assert gone.get("html:1", "nothing") == "nothing"


def test_without_a_redis_everything_is_new_rather_than_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    [port] = free_ports(1)
    gone = cache_at(f"redis://127.0.0.1:{port}/0")
    ways: tuple[tuple[Callable[[], Any], Any], ...] = (
        (lambda: gone.add("audit-1", True, 60), True),
        (lambda: gone.get_many(["html:1"]), {}),
        (lambda: gone.set_many({"html:1": HTML}, 60), []),
        (lambda: gone.get_or_set("numbers", lambda: 7, 60), 7),
    )
    for ask, expected in ways:
        monkeypatch.setattr(SharedCache, "_asked_again_at", 0.0)
        assert ask() == expected
        assert ask() == expected  # while it is left alone, too


def test_what_is_added_twice_is_new_once(redis_url: str) -> None:
    assert [cache_at(redis_url).add("audit-1", True, 60) for _ in range(2)] == [True, False]
    cache_at(redis_url).set_many({"html:1": HTML, "html:2": "2"}, 60)
    assert cache_at(redis_url).get_many(["html:1", "html:2", "html:3"]) == {"html:1": HTML, "html:2": "2"}
    redis.from_url(redis_url).set("knowledgetree:1:html:2", "altered")
    assert cache_at(redis_url).get_many(["html:1", "html:2"]) == {}


def test_texts_are_formatted_once_for_all_processes(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "cache", cache_at(redis_url))
    html = render("Formatted *once*")
    assert len(keys(redis_url)) == 1
    monkeypatch.setattr(rendering, "cache", cache_at(redis_url))
    monkeypatch.setattr(rendering._children, "ask", lambda text: pytest.fail("It was formatted again."))
    assert render("Formatted *once*") == html


def test_processes_count_together(redis_url: str) -> None:
    one, other = cache_at(redis_url), cache_at(redis_url)
    assert isinstance(one, SharedCache)
    assert isinstance(other, SharedCache)
    assert [one.count("tess", 60), other.count("tess", 60), one.count("sam", 60)] == [1, 2, 1]
    assert all(0 < redis.from_url(redis_url).ttl(key) <= 60 for key in keys(redis_url))
    assert one.get("count:tess") is None  # it is no value
    [port] = free_ports(1)
    away = cache_at(f"redis://127.0.0.1:{port}/0")
    assert isinstance(away, SharedCache)
    assert away.count("tess", 60) == 0


@pytest.mark.parametrize("url", ["", "redis://127.0.0.1:1/0"])
def test_numbers_of_tokens_do_not_push_out_what_else_is_kept(url: str) -> None:
    handler = CacheHandler(caches(url) | {name: caches("")[name] for name in ("default", "marks")})
    handler["default"].set("html:1", HTML)
    handler["marks"].set("audit-1", True)
    handler["tokens"].set_many({f"tokens-{number}": number for number in range(2000)})
    handler["default"].set_many({f"html:{number}": HTML for number in range(2, 900)})
    assert len(handler["tokens"].get_many([f"tokens-{number}" for number in range(2000)])) == 2000
    assert handler["marks"].get("audit-1") is True
    for name in caches(""):
        handler[name].clear()

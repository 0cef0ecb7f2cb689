"""What holds for all templates, read as text."""

import re
from pathlib import Path

from django.conf import settings
from django.template.loader import get_template

import syncing
from syncing.urls import urlpatterns
from tree import slots

TEMPLATES = settings.BASE_DIR / "templates"
LONGEST = 160


def test_the_trees_templates_do_not_name_syncing() -> None:
    tags = [path.stem for path in (Path(syncing.__path__[0]) / "templatetags").glob("[!_]*.py")]
    addresses = [re.escape(f"url '{pattern.name}'") for pattern in urlpatterns]
    named = re.compile("|".join(["syncing", "sync_", "may_sync", "may_see_runs", *tags, *addresses]))
    files = sorted((TEMPLATES / "tree").glob("**/*.html"))
    assert len(files) > 40
    assert {path.name: found[0] for path in files if (found := named.search(path.read_text()))} == {}


def test_syncing_fills_every_slot_with_a_template_that_exists() -> None:
    for slot in slots.Slot:
        assert slots.templates_of(slot), slot
        for name in slots.templates_of(slot):
            get_template(name)


def test_every_slot_stands_in_one_of_the_trees_pages() -> None:
    shown = re.findall(
        r'{% slot "([^"]+)"(?: as \w+)? %}', "".join(path.read_text() for path in (TEMPLATES / "tree").glob("*.html"))
    )
    assert sorted(shown) == sorted(slots.Slot)


def test_no_line_is_longer_than_a_screen() -> None:
    """The formatter does not break a template tag or what stands in <pre>."""
    lines = [(path.name, line) for path in TEMPLATES.rglob("*.html") for line in path.read_text().splitlines()]
    assert [(name, line) for name, line in lines if len(line) > LONGEST] == []

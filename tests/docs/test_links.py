"""Every link from one document of the project to another, or to a heading, leads somewhere."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.pages import PAGES, ROOT, Page


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    broken = [link for link in Page(path).links if not urlsplit(link).scheme and not _leads_somewhere(path, link)]
    assert broken == []


def test_every_document_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            links = [urlsplit(link) for link in Page(path).links]
            files = [(path.parent / unquote(link.path)).resolve() for link in links if link.path and not link.scheme]
            waiting += [file for file in files if file.suffix == ".md"]
    assert reached >= set(PAGES)


def _leads_somewhere(path: Path, link: str) -> bool:
    parts = urlsplit(link)
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_relative_to(ROOT) or not target.exists():
        return False
    return not parts.fragment or (target.suffix == ".md" and unquote(parts.fragment) in Page(target).anchors)

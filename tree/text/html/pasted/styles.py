"""What the style of an element says."""

import re

from tree.text.html.pasted.elements import Element

_INVISIBLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)", re.IGNORECASE)
_DECLARATION = re.compile(
    r"(?:^|;)\s*(font-weight|font-style|font-family|font|text-decoration(?:-line)?|white-space|vertical-align)"
    r"\s*:\s*([^;]+)",
    re.IGNORECASE,
)
_MONOSPACE = re.compile(
    r"(?:^|[\s,])[\"']?(?:consolas|courier|menlo|monaco|monospace|ui-monospace|lucida console|cascadia|sf ?mono"
    r"|sfmono|[a-z]{1,20} (?:sans )?mono\b|source code pro|fira code|andale mono)",
    re.IGNORECASE,
)
_CELL_CLASS = re.compile(r"\.(xl[0-9]{1,6})\s*\{([^{}]{0,2000})\}")
_BOLD = frozenset(("bold", "bolder", "600", "700", "800", "900"))


def declarations(element: Element) -> dict[str, str]:
    """The declarations of fonts, decoration and blanks, by their names in small letters."""
    style = element.get("style")
    return {match[1].lower(): match[2].strip().lower() for match in _DECLARATION.finditer(style)} if style else {}


def is_invisible(element: Element) -> bool:
    return "hidden" in element.attributes or _INVISIBLE.search(element.get("style")) is not None


def is_monospace(declared: dict[str, str]) -> bool | None:
    """Whether the font is one of code; None if no font is named."""
    family = declared.get("font-family") or declared.get("font", "")
    return _MONOSPACE.search(family.split(",")[0]) is not None if family else None


def keeps_blanks(declared: dict[str, str]) -> bool | None:
    """Whether line breaks of the source are shown; None if nothing is said of it."""
    value = declared.get("white-space")
    return value.startswith(("pre", "break-spaces")) if value else None


def is_bold(declared: dict[str, str]) -> bool | None:
    weight = declared.get("font-weight")
    return weight.split()[0] in _BOLD if weight else None


def styles_of_cells(html: str) -> dict[str, str]:
    """The declarations of the classes that spreadsheets give to their cells, such as ``xl65``."""
    return dict(_CELL_CLASS.findall(html[: html.lower().rfind("</style>") + 1]))

"""The colours of code blocks, made from Pygments' own styles.

    python -m tree.text.code_colours > tree/static/tree/code.css

The two styles are those of Pygments whose every colour passes contrast AA (4.5) on our light and our dark ground.
"""

from pygments.formatters import HtmlFormatter

LIGHT, DARK = "xcode", "monokai"


def style_sheet() -> str:
    """CSS for the classes that ``tree.text.rendering`` lets through."""
    light, dark = _rules(LIGHT), _rules(DARK)
    chosen = [f":root[data-theme=dark] {rule}" for rule in dark]
    by_system = [f":root:not([data-theme=light]) {rule}" for rule in dark]
    lines = [
        "/* Made by tree/text/code_colours.py from Pygments; do not edit. */",
        *light,
        "@media (prefers-color-scheme: dark) {",
        *by_system,
        "}",
        *chosen,
    ]
    return "\n".join(lines) + "\n"


def _rules(style: str) -> list[str]:
    """A line for each kind of token; the ground, and the red boxes around what a lexer does not know, are left out."""
    formatter: HtmlFormatter[str] = HtmlFormatter(style=style)
    return [
        rule.partition(" /*")[0]
        for rule in formatter.get_token_style_defs(".prose .highlight")
        if ".highlight .err " not in rule
    ]


if __name__ == "__main__":
    print(style_sheet(), end="")

"""Generates the style sheet of code blocks from Pygments' own styles.

    python -m tree.text.code_colours > tree/static/tree/code.css

These two styles are the ones in which every colour has AA contrast (4.5) on our light and dark backgrounds.
"""

from pygments.formatters import HtmlFormatter

LIGHT, DARK = "xcode", "monokai"


def style_sheet() -> str:
    """CSS for the classes that ``tree.text.rendering`` allows. Paper is light."""
    light, dark = _rules(LIGHT), _rules(DARK)
    chosen = [f":root[data-theme=dark] {rule}" for rule in dark]
    by_system = [f":root:not([data-theme=light]) {rule}" for rule in dark]
    lines = [
        "/* Made by tree/text/code_colours.py from Pygments; do not edit. */",
        *light,
        "@media screen and (prefers-color-scheme: dark) {",
        *by_system,
        "}",
        "@media screen {",
        *chosen,
        "}",
    ]
    return "\n".join(lines) + "\n"


def _rules(style: str) -> list[str]:
    """One rule for each token type, without the background and the red boxes around tokens that a lexer rejects."""
    formatter: HtmlFormatter[str] = HtmlFormatter(style=style)
    return [
        rule.partition(" /*")[0]
        for rule in formatter.get_token_style_defs(".prose .highlight")
        if ".highlight .err " not in rule
    ]


if __name__ == "__main__":
    print(style_sheet(), end="")

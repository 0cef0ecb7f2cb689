"""The table of contents of a long text."""

from tree.text.contents import MOST, Heading, contents
from tree.text.rendering import to_html

LONG = "\n".join(f"Line {number}" for number in range(60))


def of(text: str) -> list[Heading]:
    return contents(text, to_html(text))


def test_the_headings_of_a_long_text_with_the_anchors_of_the_page() -> None:
    text = f"# A *b* `<x>` & c[^1]\n\n{LONG}\n\n## Two\n\n## Two\n\n> ### שלום\n\n##### deep\n\n## ![i](/x)\n\n[^1]: f"
    assert of(text) == [
        Heading("text-a-b---c", "A b <x> & c", 0),
        Heading("text-two", "Two", 1),
        Heading("text-two-1", "Two", 1),
        Heading("text-שלום", "שלום", 2),
    ]


def test_markup_in_headings_and_code_that_looks_like_headings_is_text() -> None:
    text = f"## <b>&lt;i&gt;</b>\n\n## Two\n\n## Three\n\n```html\n<h2 id='x'>no</h2>\n# no\n```\n\n{LONG}"
    assert [heading.title for heading in of(text)] == ["<b><i></b>", "Two", "Three"]
    assert all(f'id="{heading.anchor}"' in to_html(text) for heading in of(text))


def test_a_short_text_or_one_with_two_headings_has_none() -> None:
    assert of("## a\n\n## b\n\n## c\n") == []
    assert of(f"## a\n\n## b\n\n{LONG}") == []
    assert of("") == []
    assert len(of("## a\n\n## b\n\n## c\n\n" + "a few words " * 400)) == 3  # one line that takes many


def test_a_text_of_thousands_of_headings_lists_the_first() -> None:
    assert len(of("## a\n\n" * 2_000)) == MOST

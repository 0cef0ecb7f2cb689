"""What stands on top of a text file: comments take no time, and hide no page for a browser."""

from pathlib import Path

import pytest

from tree.exceptions import FileRefused
from tree.files.recognition import recognise
from tree.files.types import FileType

DECLARATION = '<?xml version="1.0"?>\n'
COMMENT = "<!-- setting -->\n"
ABOVE = ("", "\n ", DECLARATION, COMMENT * 40, "<!-->", "<!--->", "<!-- a --!>", DECLARATION + "<!doctype a>" + COMMENT)


def taken(folder: Path, text: str, name: str = "switch.xml") -> FileType:
    (folder / name).write_text(text)
    return recognise(folder / name, name).type


@pytest.mark.parametrize(
    "top",
    [
        DECLARATION + COMMENT * 30,
        DECLARATION + COMMENT * 30_000,
        COMMENT * 10_000 + "<!-- never closed",
        "<!--" * 50_000,
        "<!---->" * 30_000,
        "<!-- a --" * 30_000,
        DECLARATION * 10_000,
        "<?xml " * 50_000,
        "<!doctype config>\n" * 10_000,
        " " * 300_000,
        "\n \n" * 100_000,
    ],
    ids=lambda top: f"{top[:12].strip()}… {len(top)}",
)
@pytest.mark.timeout(60)
def test_what_stands_above_the_first_element_takes_no_time(top: str, tmp_path: Path) -> None:
    assert taken(tmp_path, f"{top}<config/>").content_type == "text/plain"
    assert taken(tmp_path, f"{top}some text", "notes.txt").content_type == "text/plain"


@pytest.mark.parametrize("root", ["<svg onload=x>", "<html>", "<h:script>", "<!doctype html>", "<!DOCTYPE svg PUBLIC"])
@pytest.mark.parametrize("top", ABOVE)
def test_a_page_for_a_browser_is_found_below_it(top: str, root: str, tmp_path: Path) -> None:
    for name in ("switch.xml", "notes.txt"):
        with pytest.raises(FileRefused, match="a browser would run"):
            taken(tmp_path, top + root, name)

import re
from html import escape, unescape

import pytest

from tree.text.escaping import link
from tree.text.rendering import to_html


@pytest.mark.parametrize(
    "title",
    [
        "#40007 VPN is down",
        "a | b [x](y) ![z] *_~~`# \\ \\# &amp; <b> </a>",
        "[[",
        "]](",
        r"ends with \ ".strip(),
        "SRV_DB_01 __init__ ==x== ^^y^^ :smile: http://x.example",
    ],
)
def test_a_link_shows_its_text_as_it_is(title: str) -> None:
    html = to_html(f"See {link(title, '/node/a(1)b)/')} there.")
    found = re.fullmatch(r'<p>See <a href="([^"]*)"[^>]*>(.*)</a> there\.</p>', html.strip())
    assert found, html
    assert (found[1], unescape(found[2])) == ("/node/a%281%29b%29/", title)
    assert found[2] == escape(title, quote=False)

"""Finds the tags in a body, and knows the elements of HTML.

Which elements need an end tag: https://html.spec.whatwg.org/multipage/syntax.html#optional-tags
"""

import re

# A tag or comment. The quantifiers give nothing back, so that no text takes longer than its length.
_COMMENT = r"<!--(?:[^-]|-(?!->))*+-->|"
_TAG = (
    r"<![A-Za-z\[](?:[^<>]*+)>|<\?[A-Za-z](?:[^<>]*+)>"
    r"|<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9]*+(?:[:-][A-Za-z][\w.-]*+)?)"
    r"(?P<rest>/?|\s(?:(?:[^<>\"']|\"[^\"]*+\"|'[^']*+')*+|[^<>]*+))>"
)


def names(text: str) -> frozenset[str]:
    """The words of a text, as a set of names of elements."""
    return frozenset(text.split())


VOID = names("area base br col embed hr img input link meta param source track wbr")
END_IS_OPTIONAL = names("p li dt dd option optgroup rt rp tr td th thead tbody tfoot colgroup caption html head body")
BLOCKS = names(
    "address article aside blockquote body center dd details dir div dl dt fieldset figcaption figure footer"
    " form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav noscript ol optgroup option p pre section"
    " summary table tbody td tfoot th thead tr ul caption head"
)
_INLINE = names(
    "a abbr acronym applet audio b bdi bdo big blink button canvas cite code col colgroup data datalist del"
    " dfn em font frame frameset iframe i img input ins kbd label link map mark marquee math meta meter nobr"
    " noframes object output param picture progress q rp rt ruby s samp script select slot small source span"
    " strike strong style sub sup svg template textarea time title track tt u var video wbr br base area embed"
    " basefont bgsound"
)
ELEMENTS = BLOCKS | _INLINE
# Elements that are markup even where their end is missing, as in a mail that was cut; the names of others are words.
STRUCTURE = names(
    "div span font table thead tbody tfoot tr td th p br hr ul ol li dl dt dd h1 h2 h3 h4 h5 h6 blockquote pre"
    " img html head body strong em center wbr nobr"
)
# Prefixes of the tags with which Office and Exchange annotate their mails: <o:p>, <v:shape>, <st1:place>.
OFFICE = names("o v w x m a dt u1 u2 u3 u4 u5 u6 u7 u8 u9 st1 st2 ns0 mc")
_WITH_COMMENTS, _WITHOUT_COMMENTS = re.compile(_COMMENT + _TAG), re.compile(_TAG)


def tags_of(html: str) -> list[re.Match[str]]:
    """All tags, comments and declarations. The groups ``name``, ``end`` (``/``) and ``rest`` are those of tags."""
    last_comment = html.rfind("-->") + 1  # each ``<!--`` after it would be followed to the end in vain
    found = list(_WITH_COMMENTS.finditer(html, 0, last_comment + 2)) if last_comment else []
    rest = found[-1].end() if found else 0
    return [*found, *_WITHOUT_COMMENTS.finditer(html, rest)]

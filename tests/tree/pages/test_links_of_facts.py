"""Links of e-mail addresses and phone numbers, in whatever form Codex has them."""

import pytest

from tree.templatetags.shown import mail_link, phone_link

MAILS = {
    "ana@acme.example": '<a href="mailto:ana@acme.example">ana@acme.example</a>',
    "Ana Kim <a+b@acme.example>": 'Ana Kim &lt;<a href="mailto:a+b@acme.example">a+b@acme.example</a>&gt;',
    '"Kim" <mailto:a@b.example>': '&quot;Kim&quot; &lt;mailto:<a href="mailto:a@b.example">a@b.example</a>&gt;',
    "a@b.com; c@d.com": '<a href="mailto:a@b.com">a@b.com</a>; <a href="mailto:c@d.com">c@d.com</a>',
    "a?b&c@d.example": '<a href="mailto:a%3Fb%26c@d.example">a?b&amp;c@d.example</a>',
    "<b>nobody</b>": "&lt;b&gt;nobody&lt;/b&gt;",
}
PHONES = {
    "+1 (555) 0100": '<a href="tel:+15550100">+1 (555) 0100</a>',
    "555-0100 ext. 12": '<a href="tel:5550100">555-0100 ext. 12</a>',
    "555-0100x12": '<a href="tel:5550100">555-0100x12</a>',
    "555 0100 / 555 0101": '<a href="tel:5550100">555 0100 / 555 0101</a>',
    "<ask>": "&lt;ask&gt;",
}


def test_only_what_is_the_address_or_number_is_linked(subtests: pytest.Subtests) -> None:
    for link, facts in ((mail_link, MAILS), (phone_link, PHONES)):
        for fact, html in facts.items():
            with subtests.test(fact=fact):
                assert link(fact) == html

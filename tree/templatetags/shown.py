"""Template filters and tags for times, kinds and names."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import quote

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.template.defaultfilters import date as date_filter
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from knowledgetree.accounts.ways import in_words
from knowledgetree.basics.times import moment_of
from tree.kinds import NODE_CLASS, NODE_CLASSES
from tree.queries.texts.notes import Revision
from tree.search.snippets import Part
from tree.vocabulary import MOST_COPIED

register = template.Library()

_SEEN_FROM_THERE = {  # a relation by its type, and whether it goes out from there
    (link.type, link.incoming): link.seen_from_there
    for node_class in NODE_CLASSES
    for link in node_class.links
    if link.seen_from_there
}
_STATUS_TONES = {
    "open": "warn",
    "pending": "busy",
    "waiting_customer": "busy",
    "on_hold": "busy",
}
_ADDRESS = re.compile(r"(?:mailto:)?([^\s<>()\[\]\",;:@]{1,64}@[^\s<>()\[\]\",;:@]{1,255})", re.IGNORECASE)
_BEHIND_NUMBER = re.compile(r"[^\W\d_]|[,;/#]")  # an extension, a remark, a second number
_NOT_DIALLED = re.compile(r"[^0-9+*]+")
_FIRST_YEAR, _LAST_YEAR = 1, 9999  # no time of these years can be put into every time zone
_BETWEEN_WORDS = re.compile(r"[\s_-]+")


@register.simple_tag
def when(value: Any) -> SafeString:
    """A time relative to now, with the exact time on hover. A text that is not a time is returned unchanged."""
    moment = as_time(value)
    if moment is None:
        return format_html("{}", value or "")
    if isinstance(value, str) and len(value) == 10:
        return format_html('<time datetime="{}">{}</time>', value, date_filter(moment, "j M Y"))
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        f"{timezone.localtime(moment):%-d %b %Y, %H:%M:%S %Z}",  # the filter date takes 40 times as long
        _largest_unit(naturaltime(moment)),
    )


@register.simple_tag
def made_through(revision: Revision) -> SafeString:
    """Through what a version was made, with a space before it; empty for old versions."""
    words = in_words(revision.way, revision.through)
    return format_html(" {}", words) if words else words


def _largest_unit(words: str) -> str:
    """``1 week, 2 days ago`` as ``1 week ago``: whoever wants to know more looks at the exact time."""
    first, comma, rest = words.partition(", ")
    return f"{first} {'ago' if rest.endswith('ago') else 'from now'}" if comma else words


@register.simple_tag
def mail_link(value: str) -> SafeString:
    """The text as it stands, such as ``Ana Kim <ana@acme.example>``, with a link on each address in it."""
    parts: list[SafeString] = []
    position = 0
    for found in _ADDRESS.finditer(value):
        address = found[1]
        parts.append(
            format_html('{}<a href="mailto:{}">{}</a>', value[position : found.start(1)], quote(address, "@+"), address)
        )
        position = found.end()
    return format_html("{}{}", format_html_join("", "{}", ((part,) for part in parts)), value[position:])


@register.simple_tag
def phone_link(value: str) -> SafeString:
    """The text as it stands, as a link that dials the number at its beginning; without one if there is none."""
    number = _NOT_DIALLED.sub("", _BEHIND_NUMBER.split(value, maxsplit=1)[0])
    return format_html('<a href="tel:{}">{}</a>', number, value) if number else format_html("{}", value)


@register.filter
def as_time(value: Any) -> datetime | None:
    """A datetime or text (in UTC if it has no zone, see ``moment_of``) as an aware datetime.

    None for a text that is no time, or one that programs write for none: the first and the last that they know.
    """
    if isinstance(value, str):
        moment = moment_of(value)
        return moment if moment and _FIRST_YEAR < moment.year < _LAST_YEAR else None
    if not isinstance(value, datetime):
        return None
    return value if timezone.is_aware(value) else value.replace(tzinfo=UTC)


@register.simple_tag
def marked(parts: Iterable[Part]) -> SafeString:
    """A found text with its matches in <mark>. A tag, because a template's final newline would split words."""
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", part.text) if part.is_hit else part.text,) for part in parts)
    )


@register.filter
def kind_plural(kind: str) -> str:
    return NODE_CLASS[kind].about.plural if kind in NODE_CLASS else kind


@register.filter
def kind_label(kind: str) -> str:
    return NODE_CLASS[kind].about.singular if kind in NODE_CLASS else kind


@register.filter
def relation_label(relation: Any) -> str:
    name = str(relation.name)
    return _SEEN_FROM_THERE.get((name, bool(relation.outgoing)), name.replace("_", " ").capitalize())


@register.simple_tag
def most_copied() -> int:
    """How many of the chosen rows are copied as Markdown."""
    return MOST_COPIED


@register.simple_tag
@cache
def sprite() -> SafeString:
    """The pictures that pages refer to, drawn once: each of them costs as much as three rows of a list."""
    icons = [(node_class.kind(), node_class.about.icon) for node_class in NODE_CLASSES]
    return render_to_string("_sprite.html", {"icons": icons})


@register.filter
def status_badge(status: Any) -> SafeString:
    """A ticket's status in its colour, however it is written; that of a closed or unknown one is neutral."""
    if not status:
        return SafeString("")
    tone = _STATUS_TONES.get(_BETWEEN_WORDS.sub("_", str(status).strip().lower()), "calm")
    return format_html('<span class="badge {}">{}</span>', tone, status)


@register.filter
def property_words(name: Any) -> str:
    """The name of a property as words: ``last_updated_at`` → ``last updated at``. Values are shown as they are."""
    return str(name or "").replace("_", " ")


@register.filter
def listed(value: Any) -> Any:
    """The entries of a list, separated by commas; any other value unchanged."""
    return ", ".join(map(str, value)) if isinstance(value, list) else value


@register.filter
def seconds(value: Any) -> str:
    """A number of seconds as a duration: ``0.4 s``, ``12 s``, ``3 min 5 s``."""
    if value is None:
        return ""
    number = float(value)
    if number < 10:
        return f"{number:.1f} s"
    if number < 60:
        return f"{number:.0f} s"
    minutes, rest = divmod(round(number), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


@register.filter
def get(mapping: Any, key: str) -> Any:
    """``mapping[key]``, or nothing."""
    return mapping.get(key) if mapping else None

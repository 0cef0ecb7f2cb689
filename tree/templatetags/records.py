"""Template tags and filters of the pages of records."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.template.defaultfilters import date as date_filter
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from tree.templatetags.shown import as_time, mail_link, phone_link

register = template.Library()


@register.simple_tag
def list_of(listed: str, client: str, query: str = "") -> str:
    """The address of a list of a client, such as ``tickets``, with further filters."""
    return f"{reverse('list', args=[listed])}?client={client}{'&' if query else ''}{query}"


@dataclass(frozen=True)
class Way:
    """A way to reach somebody: a phone number or an address, and the same as a link that calls or writes."""

    label: str
    text: str
    link: SafeString


@register.simple_tag
def reachable(fields: Any, email: Any = "") -> list[Way]:
    """The ways to reach the person with these properties, or at this address: phones first."""
    known: Mapping[str, Any] = fields if isinstance(fields, Mapping) else {}
    phones = {"Mobile": known.get("mobile_phone_number"), "Work phone": known.get("work_phone_number")}
    ways = [Way(label, str(number), phone_link(str(number))) for label, number in phones.items() if number]
    addresses = dict.fromkeys([known.get("email") or email or "", *(known.get("secondary_emails") or ())])
    return ways + [Way("E-mail", str(address), mail_link(str(address))) for address in addresses if address]


@register.simple_tag
def local_time(text: Any) -> SafeString:
    """A time in full, which reading.js puts into the reader's time zone; a text that is no time as it is."""
    moment = as_time(str(text or ""))
    if moment is None:
        return format_html("{}", text or "")
    shown = date_filter(timezone.localtime(moment), "j M Y, H:i")
    return format_html('<time datetime="{}" data-local>{}</time>', moment.isoformat(), shown)


@register.simple_tag
def age(text: Any, after: str = "") -> SafeString:
    """How long ago a time was, in its largest unit, followed by ``after``; the exact time shows on hover."""
    moment = as_time(str(text or ""))
    if moment is None:
        return format_html("{}", text or "")
    since = timesince(moment, depth=1)
    exact = date_filter(timezone.localtime(moment), "j M Y, H:i:s T")
    return format_html('<time datetime="{}" title="{}">{}{}</time>', moment.isoformat(), exact, since, after)


@register.filter
def hours(number: Any) -> str:
    """Hours as the facts show them: ``1.5 h``."""
    return f"{number:g} h" if isinstance(number, int | float) else str(number)

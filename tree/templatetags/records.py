"""Template tags and filters of the pages of records."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.template.defaultfilters import date as date_filter
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from knowledgetree.basics.times import moment_of

register = template.Library()


@register.simple_tag
def list_of(listed: str, client: str, query: str = "") -> str:
    """The address of a list of a client, such as ``tickets``, with further filters."""
    try:
        address = reverse("list", args=[listed])
    except NoReverseMatch:
        return reverse("node", args=[client])
    return f"{address}?client={client}{'&' if query else ''}{query}"


@dataclass(frozen=True)
class Way:
    """A way to reach somebody: a phone number or an address, with the link that calls or writes."""

    label: str
    text: str
    link: str


@register.simple_tag
def reachable(fields: Any, email: Any = "") -> list[Way]:
    """The ways to reach the person with these properties, or at this address: phones first."""
    known: Mapping[str, Any] = fields if isinstance(fields, Mapping) else {}
    phones = {"Mobile": known.get("mobile_phone_number"), "Work phone": known.get("work_phone_number")}
    ways = [Way(label, str(number), phone_link(number)) for label, number in phones.items() if number]
    addresses = dict.fromkeys([known.get("email") or email or "", *(known.get("secondary_emails") or ())])
    return ways + [Way("E-mail", str(address), mail_link(address)) for address in addresses if address]


@register.simple_tag
def local_time(text: Any) -> SafeString:
    """A time in full, which reading.js puts into the reader's time zone; a text that is no time as it is."""
    moment = moment_of(str(text or ""))
    if moment is None:
        return format_html("{}", text or "")
    shown = date_filter(timezone.localtime(moment), "j M Y, H:i")
    return format_html('<time datetime="{}" data-local>{}</time>', moment.isoformat(), shown)


@register.simple_tag
def age(text: Any, after: str = "") -> SafeString:
    """How long ago a time was, in its largest unit, followed by ``after``; the exact time shows on hover."""
    moment = moment_of(str(text or ""))
    if moment is None:
        return format_html("{}", text or "")
    since = timesince(moment, depth=1)
    exact = date_filter(timezone.localtime(moment), "j M Y, H:i:s T")
    return format_html('<time datetime="{}" title="{}">{}{}</time>', moment.isoformat(), exact, since, after)


@register.filter
def hours(number: Any) -> str:
    """Hours as the facts show them: ``1.5 h``."""
    return f"{number:g} h" if isinstance(number, int | float) else str(number)


@register.filter
def mail_link(address: Any) -> str:
    """An e-mail address as a link that writes to it, whatever signs it holds."""
    return "mailto:" + urlencode({"": str(address or "").strip()})[1:].replace("%40", "@").replace("+", "%20")


@register.filter
def phone_link(number: Any) -> str:
    """A phone number as ``tel:`` takes it: what a keypad has, without what people write between the digits."""
    text = str(number or "")
    return "tel:" + "".join(sign for sign in text if sign in "0123456789+*#,;" or sign.lower() == "x")

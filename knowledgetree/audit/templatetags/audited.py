"""Template tags of the audit log."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html

from knowledgetree.accounts.ways import in_words
from knowledgetree.audit.models import Entry

register = template.Library()


@register.simple_tag
def exactly(at: datetime) -> str:
    """A time to the second, as an audit needs it."""
    local = timezone.localtime(at)
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), f"{local:%-d %b %Y %H:%M:%S}")


@register.simple_tag
def through(row: Entry) -> str:
    """The way in, after the name."""
    return in_words(row.way, row.through)

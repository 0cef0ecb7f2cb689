"""Template tags of the audit log."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html

from knowledgetree.accounts.acting import Way
from knowledgetree.audit.models import Entry

register = template.Library()

_THROUGH = {
    Way.PAGE.value: "",
    Way.CORE.value: "through Core",
    Way.TOKEN.value: "with the API token",
    Way.SERVICE.value: "",  # its name says so
    Way.COMMAND.value: "by a command",
    Way.IMPORT.value: "by an import",
    Way.DRAFT.value: "who kept a draft of",
    Way.JOB.value: "by itself",
}


@register.simple_tag
def exactly(at: datetime) -> str:
    """A time to the second, as an audit needs it."""
    local = timezone.localtime(at)
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), f"{local:%-d %b %Y %H:%M:%S}")


@register.simple_tag
def through(row: Entry) -> str:
    """The way in, after the name."""
    words = _THROUGH.get(row.way, row.way)
    return format_html("{} <bdi>{}</bdi>", words, row.through) if row.through else words

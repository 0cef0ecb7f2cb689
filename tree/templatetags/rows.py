"""The row of a node in a list of nodes.

A page has a hundred of them, so Python writes their HTML: a template would take several times as long.
"""

from collections.abc import Callable

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tree.graph.values import Row
from tree.kinds import Asset, Company, Folder, Note, Ticket, User
from tree.templatetags.shown import status_badge, when

register = template.Library()

_ROW = (
    '<a class="row" href="{url}">'
    '<svg class="icon k-{kind}" aria-hidden="true"><use href="#i-{kind}" /></svg>'
    '<span class="row-main"><bdi class="row-name{gone}">{title}</bdi><span class="row-sub">{facts}</span></span>'
    '<span class="row-end">{end}</span></a>'
)


@register.simple_tag
def row_link(row: Row) -> SafeString:
    """A link to the node: its icon, its title, facts that tell it from others, and at the end how it is."""
    end = _ENDS.get(row.kind)
    return format_html(
        _ROW,
        url=reverse("node", args=[row.uid]),
        kind=row.kind,
        gone=" gone" if row.is_archived else "",
        title=row.title,
        facts=_requester(row) if row.kind == Ticket.kind() else " · ".join(row.summary),
        end=end(row) if end else "",
    )


def _requester(row: Row) -> SafeString | str:
    name = row.fields.get("requester_name")
    return format_html("<bdi>{}</bdi>", name) if name else ""


def _of_ticket(row: Row) -> SafeString:
    changed = when(row.fields.get("last_updated_at"))
    return format_html('{} <span class="hint">{}</span>', status_badge(row.fields.get("status")), changed)


def _of_person(row: Row) -> SafeString:
    return SafeString('<span class="badge">inactive</span>' if row.fields.get("active") is False else "")


def _of_computer(row: Row) -> SafeString:
    return SafeString('<span class="badge good">online</span>' if row.fields.get("online") else "")


def _of_company(row: Row) -> SafeString | str:
    level = row.compliance_level
    return format_html('<span class="badge shield">{}</span>', level.upper()) if level not in ("", "standard") else ""


def _of_folder(row: Row) -> SafeString | str:
    return format_html('<span class="hint">{}</span>', row.count) if row.count else ""


def _of_note(row: Row) -> SafeString | str:
    if not row.is_of_staff:
        return ""
    badge = SafeString('<span class="badge warn">warning</span> ' if row.fields.get("is_warning") else "")
    by, at = row.fields.get("updated_by") or "staff", when(row.fields.get("updated_at"))
    return format_html('{}<span class="hint">{} · {}</span>', badge, by, at)


_ENDS: dict[str, Callable[[Row], SafeString | str]] = {
    Ticket.kind(): _of_ticket,
    User.kind(): _of_person,
    Asset.kind(): _of_computer,
    Company.kind(): _of_company,
    Folder.kind(): _of_folder,
    Note.kind(): _of_note,
}

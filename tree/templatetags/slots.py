"""The template tag for slots, in which other apps extend the tree's pages."""

from django import template
from django.template import Context, Engine
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from tree.slots import Slot, templates_of

register = template.Library()


@register.simple_tag(takes_context=True)
def slot(context: Context, name: str) -> SafeString:
    """The HTML of the templates in this slot, which are for staff. Raises ValueError if there is no such slot."""
    if not context.get("is_reader"):
        return SafeString("")
    engine = Engine.get_default()
    with context.push():
        return format_html_join(
            "", "{}", [(engine.get_template(each).render(context),) for each in templates_of(Slot(name))]
        )

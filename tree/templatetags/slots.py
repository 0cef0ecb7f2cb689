"""The tag by which the tree's pages show what other apps add to them."""

from django import template
from django.template import Context, Engine
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from tree.slots import Slot, templates_of

register = template.Library()


@register.simple_tag(takes_context=True)
def slot(context: Context, name: str) -> SafeString:
    """What fills the slot of this name, as HTML. Raises ValueError for a name that is no slot."""
    engine = Engine.get_default()
    with context.push():
        return format_html_join(
            "", "{}", [(engine.get_template(each).render(context),) for each in templates_of(Slot(name))]
        )

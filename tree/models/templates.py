"""Templates for the text of new notes."""

import re

from django.core.exceptions import ValidationError
from django.db import models

from tree.exceptions import InvalidText
from tree.graph.validation import checked_text
from tree.kinds import NODE_CLASS, RECORD_KINDS

ANYWHERE = ""
# variable: (kind of record, its property); the record is the nearest of its kind above the note
OF_RECORDS = {
    f"{NODE_CLASS[kind].about.singular.lower()}.{word}": (kind, name)
    for kind in RECORD_KINDS
    for word, name in NODE_CLASS[kind].about.variables.items()
}
VARIABLES = (*OF_RECORDS, "today", "author")
TEMPLATE_HELP = (
    "Markdown. Variables: "
    + ", ".join(f"{{{{ {name} }}}}" for name in VARIABLES)
    + ". One without a value where the note is made stays as it is written."
)
VARIABLE = re.compile(r"\{\{([^{}]*)\}\}")


def template_places() -> list[tuple[str, str]]:
    """The kinds of record below which a template can be offered. A function, so that a new kind needs no migration."""
    return [(ANYWHERE, "anything"), *((kind, NODE_CLASS[kind].about.indefinite) for kind in RECORD_KINDS)]


class NoteTemplate(models.Model):
    """A template for the text of new notes. ``kind`` is the kind of record below which it is offered."""

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField("below", max_length=20, blank=True, default=ANYWHERE, choices=template_places)
    text = models.TextField()
    changed_at = models.DateTimeField(auto_now=True)

    objects: models.Manager["NoteTemplate"] = models.Manager()

    class Meta:
        app_label = "tree"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Raises ValidationError for a text that is invalid in a note, and for unknown variables."""
        try:
            self.text = checked_text(self.text)
        except InvalidText as error:
            raise ValidationError({"text": str(error)}) from error
        unknown = sorted({name.strip() for name in VARIABLE.findall(self.text)} - {*VARIABLES})
        if unknown:
            named = ", ".join(f"“{name}”" for name in unknown)
            raise ValidationError({"text": f"Unknown: {named}. There are {', '.join(VARIABLES)}."})

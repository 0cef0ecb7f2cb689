"""The SQL tables of the tree: drafts, open editors, note templates."""

import re

from django.conf import settings
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


class Draft(models.Model):
    """The unsaved text of one person for one node. ``base_version`` is the version that they started from."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    node_id = models.CharField(max_length=300)
    base_version = models.PositiveIntegerField()
    name = models.TextField(blank=True)
    text = models.TextField(blank=True)
    saved_at = models.DateTimeField()

    objects: models.Manager["Draft"] = models.Manager()

    class Meta:
        app_label = "tree"
        constraints = (models.UniqueConstraint(fields=("user", "node_id"), name="one_draft_a_person_and_node"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.user})"


class Presence(models.Model):
    """A person who has the editor of a node open, or had until ``seen_at``."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    node_id = models.CharField(max_length=300)
    seen_at = models.DateTimeField()

    objects: models.Manager["Presence"] = models.Manager()

    class Meta:
        app_label = "tree"
        constraints = (models.UniqueConstraint(fields=("user", "node_id"), name="one_presence_a_person_and_node"),)
        indexes = (models.Index(fields=("node_id",), name="presence_node"),)

    def __str__(self) -> str:
        return f"{self.user} in {self.node_id}"


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

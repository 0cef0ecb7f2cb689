"""The SQL tables of the tree: drafts, open editors, note templates, imports, searches that found nothing."""

import re
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

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


class TreeImport(models.Model):
    """A file that an admin has uploaded to import it, and how far that is. ``file`` is its name in ``imports/``.

    A job checks the file and compares it with the graph. When an admin has seen the result (``compared``), another job
    writes. ``done`` and ``total`` count entries of the file while it is checked, then things to write.
    """

    SILENT_AFTER = timedelta(seconds=45)  # without a heartbeat; the longest step takes a few seconds
    UNTAKEN_AFTER = timedelta(minutes=2)  # in the queue, while no worker takes it

    class Status(models.TextChoices):
        COMPARED = "compared", "compared"
        QUEUED = "queued", "waiting"
        RUNNING = "running", "running"
        COMPLETE = "complete", "complete"
        FAILED = "failed", "failed"
        REFUSED = "refused", "refused"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    file = models.CharField(max_length=100)
    shown_as = models.CharField("file", max_length=255)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    counts = models.JSONField(default=dict)
    lines = models.JSONField(default=list)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects: models.Manager["TreeImport"] = models.Manager()

    class Meta:
        app_label = "tree"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"import {self.pk} of {self.shown_as}"

    @property
    def is_under_way(self) -> bool:
        return self.status in (self.Status.QUEUED, self.Status.RUNNING) and not self.is_interrupted

    @property
    def is_interrupted(self) -> bool:
        """Whether its process has died, or nothing takes it from the queue."""
        if self.heartbeat_at is None:
            return False
        silent = timezone.now() - self.heartbeat_at
        limits = {self.Status.RUNNING: self.SILENT_AFTER, self.Status.QUEUED: self.UNTAKEN_AFTER}
        return self.status in limits and silent > limits[self.Status(self.status)]

    @property
    def may_start(self) -> bool:
        """Whether its next job can be started: the check again, the writing, or what is left of that."""
        return self.status in (self.Status.COMPARED, self.Status.FAILED) or self.is_interrupted

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


class MissedSearch(models.Model):
    """A text that people searched for and nothing was found. Who they were is not kept, and it is dropped in time."""

    KEPT = timedelta(days=90)  # since it was searched last
    MOST = 2000

    text = models.CharField(max_length=300, unique=True)
    times = models.PositiveIntegerField(default=1)
    searched_at = models.DateTimeField("last searched", default=timezone.now)

    objects: models.Manager["MissedSearch"] = models.Manager()

    class Meta:
        app_label = "tree"
        ordering = ("-searched_at",)
        verbose_name = "search that found nothing"
        verbose_name_plural = "searches that found nothing"

    def __str__(self) -> str:
        return self.text

    @classmethod
    def note(cls, text: str) -> None:
        """Count one more search for this text, and drop what is too old or too much."""
        now = timezone.now()
        words = " ".join(text.lower().split())[:300]
        missed, is_new = cls.objects.get_or_create(text=words, defaults={"searched_at": now})
        if not is_new:
            cls.objects.filter(pk=missed.pk).update(times=models.F("times") + 1, searched_at=now)
            return
        cls.objects.filter(searched_at__lt=now - cls.KEPT).delete()
        beyond = cls.objects.values_list("pk", flat=True)[cls.MOST :]
        cls.objects.filter(pk__in=list(beyond)).delete()

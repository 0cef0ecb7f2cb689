"""What assistants propose, and what they are told."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class State(models.TextChoices):
    """What has become of a proposal. The values are stored."""

    OPEN = "open", "Open"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"


class Proposal(models.Model):
    """A note, or a new text for one, that an assistant wrote and a person accepts or declines.

    ``node_id``: the note that gets the text, or the new one; ``parent_id``: what a new one goes below, else empty.
    ``base_version``: the version that the text is based on; None for a new note. ``way``: one of
    ``knowledgetree.accounts.acting.Way``. A key of its maker makes a repeated call find the same proposal.
    """

    node_id = models.CharField(max_length=300, db_index=True)
    parent_id = models.CharField(max_length=300, blank=True, db_index=True)
    name = models.TextField(blank=True)
    text = models.TextField(blank=True)
    base_version = models.PositiveIntegerField(null=True)
    reason = models.TextField()
    assistant = models.CharField(max_length=100)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.CharField(max_length=150)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    way = models.CharField(max_length=10)
    through = models.CharField(max_length=255, blank=True)
    key = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)
    word = models.TextField(blank=True)

    objects: models.Manager["Proposal"] = models.Manager()

    class Meta:
        app_label = "tree"
        ordering = ("-pk",)
        indexes = (models.Index(fields=("state", "-id"), name="proposal_by_state"),)
        constraints = (
            models.UniqueConstraint(
                fields=("made_by", "through", "key"),
                condition=~models.Q(key=""),
                name="one_proposal_a_maker_and_key",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.proposer})"

    @property
    def is_open(self) -> bool:
        return self.state == State.OPEN

    @property
    def is_new(self) -> bool:
        """Whether it is a note that is not there yet."""
        return bool(self.parent_id)

    @property
    def proposer(self) -> str:
        """Who proposed it: the assistant, and for whom it worked."""
        return f"{self.assistant} for {self.made_by}" + (f" (token {self.through})" if self.through else "")


class Guidance(models.Model):
    """What administrators tell every assistant that connects. There is one row at most."""

    text = models.TextField(blank=True, max_length=10_000)
    changed_at = models.DateTimeField(auto_now=True)

    objects: models.Manager["Guidance"] = models.Manager()

    class Meta:
        app_label = "tree"
        verbose_name = "guidance for assistants"
        verbose_name_plural = "guidance for assistants"

    def __str__(self) -> str:
        return "Guidance for assistants"

    @classmethod
    def present(cls) -> str:
        """The text; empty if there is none."""
        return cls.objects.order_by("pk").values_list("text", flat=True).first() or ""

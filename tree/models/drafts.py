"""Unsaved texts, and who has an editor open."""

from django.conf import settings
from django.db import models


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

"""Text that is typed and not saved yet, and who has an editor open: tables beside the graph."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

PRESENT_FOR = timedelta(seconds=50)  # the editor tells of itself every 15 s


class Draft(models.Model):
    """What one person typed into one node since ``base_version``, the version that they had read."""

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


@dataclass(frozen=True)
class Typed:
    """Name and text as somebody typed them, and the version that they had read."""

    name: str
    text: str
    base_version: int


def keep(user: Any, node_id: str, typed: Typed) -> Draft:
    """Keep what this person typed, in place of their earlier draft of the node."""
    draft, _ = Draft.objects.update_or_create(
        user=user,
        node_id=node_id,
        defaults={
            "name": typed.name,
            "text": typed.text,
            "base_version": typed.base_version,
            "saved_at": timezone.now(),
        },
    )
    return draft


def find(user: Any, node_id: str) -> Draft | None:
    """This person's draft of the node."""
    return Draft.objects.filter(user=user, node_id=node_id).first()


def forget(user: Any, node_id: str) -> None:
    """The draft is saved as the node's text, or thrown away."""
    Draft.objects.filter(user=user, node_id=node_id).delete()


def enter(user: Any, node_id: str) -> list[str]:
    """Note that this person has the editor open; the names of the others who have."""
    now = timezone.now()
    Presence.objects.update_or_create(user=user, node_id=node_id, defaults={"seen_at": now})
    others = Presence.objects.filter(node_id=node_id, seen_at__gt=now - PRESENT_FOR).exclude(user=user)
    return sorted(p.user.get_short_name() or p.user.get_username() for p in others.select_related("user"))


def leave(user: Any, node_id: str) -> None:
    """Note that this person has closed the editor; what others left behind long ago goes, too."""
    Presence.objects.filter(user=user, node_id=node_id).delete()
    Presence.objects.filter(seen_at__lt=timezone.now() - 10 * PRESENT_FOR).delete()

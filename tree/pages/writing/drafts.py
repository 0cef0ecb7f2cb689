"""Unsaved drafts, and who has an editor open; both are kept in SQL tables."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from tree.models import Draft, Presence

PRESENT_FOR = timedelta(seconds=50)  # the editor sends a heartbeat every 15 s


@dataclass(frozen=True)
class Typed:
    """The name and text that somebody typed, and the version that they started from."""

    name: str
    text: str
    base_version: int


def keep(user: Any, node_id: str, typed: Typed) -> Draft:
    """Store what this person typed, replacing their earlier draft of the node."""
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
    """This person's draft of the node, if any."""
    return Draft.objects.filter(user=user, node_id=node_id).first()


def forget(user: Any, node_id: str) -> None:
    """Delete the draft, after it was saved as the node's text or discarded."""
    Draft.objects.filter(user=user, node_id=node_id).delete()


def enter(user: Any, node_id: str) -> list[str]:
    """Record that this person has the editor open. Returns the names of others who have it open, too."""
    now = timezone.now()
    Presence.objects.update_or_create(user=user, node_id=node_id, defaults={"seen_at": now})
    others = Presence.objects.filter(node_id=node_id, seen_at__gt=now - PRESENT_FOR).exclude(user=user)
    return sorted(p.user.get_short_name() or p.user.get_username() for p in others.select_related("user"))


def leave(user: Any, node_id: str) -> None:
    """Record that this person has closed the editor, and delete stale records of other editors."""
    Presence.objects.filter(user=user, node_id=node_id).delete()
    Presence.objects.filter(seen_at__lt=timezone.now() - 10 * PRESENT_FOR).delete()

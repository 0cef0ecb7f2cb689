"""What the pages keep for a person: the nodes that they saw last, and those that they have pinned."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class SeenNode(models.Model):
    """A node whose page a person has opened, and when they did so last."""

    MOST = 50  # of a person
    _SLACK = 10  # so many more are stored before the oldest are deleted together
    _SAME = timedelta(minutes=5)  # the page that a person is on is not written again while they reload it

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    node_id = models.CharField(max_length=300)
    seen_at = models.DateTimeField()

    objects: models.Manager["SeenNode"] = models.Manager()

    class Meta:
        app_label = "tree"
        constraints = (models.UniqueConstraint(fields=("user", "node_id"), name="one_row_a_person_and_seen_node"),)
        indexes = (models.Index(fields=("user", "-seen_at"), name="seen_last"),)

    def __str__(self) -> str:
        return f"{self.user}: {self.node_id}"

    @classmethod
    def note(cls, user: Any, node_id: str) -> None:
        """Remember that this person has just seen the node: one read of an index, and one write if it is news."""
        now = timezone.now()
        kept = list(cls._of(user).values_list("node_id", "seen_at")[: cls.MOST + cls._SLACK])
        if kept and kept[0][0] == node_id and now - kept[0][1] < cls._SAME:
            return
        cls.objects.bulk_create(
            [cls(user=user, node_id=node_id, seen_at=now)],
            update_conflicts=True,
            unique_fields=("user", "node_id"),
            update_fields=("seen_at",),
        )
        if len(kept) >= cls.MOST + cls._SLACK:
            cls.objects.filter(user=user, seen_at__lte=kept[cls.MOST][1]).delete()

    @classmethod
    def last(cls, user: Any) -> dict[str, datetime]:
        """When this person saw which nodes, the last one first."""
        return dict(cls._of(user).values_list("node_id", "seen_at")[: cls.MOST])

    @classmethod
    def _of(cls, user: Any) -> "models.QuerySet[SeenNode]":
        return cls.objects.filter(user=user).order_by("-seen_at")


class Pin(models.Model):
    """A node that a person has pinned. ``place`` orders those of a person."""

    MOST = 100  # of a person

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    node_id = models.CharField(max_length=300)
    place = models.PositiveIntegerField()

    objects: models.Manager["Pin"] = models.Manager()

    class Meta:
        app_label = "tree"
        ordering = ("place", "pk")
        constraints = (models.UniqueConstraint(fields=("user", "node_id"), name="one_pin_a_person_and_node"),)

    def __str__(self) -> str:
        return f"{self.user}: {self.node_id}"

    @classmethod
    def of(cls, user: Any) -> list[str]:
        """The ids of the nodes that this person has pinned, in their order."""
        return list(cls.objects.filter(user=user).values_list("node_id", flat=True))

    @classmethod
    def has(cls, user: Any, node_id: str) -> bool:
        return cls.objects.filter(user=user, node_id=node_id).exists()

    @classmethod
    def add(cls, user: Any, node_id: str) -> bool:
        """Pin a node, after the others. False, and nothing is done, if there are too many."""
        last = cls.objects.filter(user=user).aggregate(number=models.Count("pk"), place=models.Max("place"))
        if last["number"] >= cls.MOST and not cls.has(user, node_id):
            return False
        place = 0 if last["place"] is None else last["place"] + 1
        cls.objects.get_or_create(user=user, node_id=node_id, defaults={"place": place})
        return True

    @classmethod
    def remove(cls, user: Any, node_id: str) -> None:
        cls.objects.filter(user=user, node_id=node_id).delete()

    @classmethod
    def move(cls, user: Any, node_id: str, beside: str, *, is_after: bool) -> None:
        """Put a pin before another one, or after it. Nothing is done if either is not there any more."""
        pins = list(cls.objects.filter(user=user))
        ids = [pin.node_id for pin in pins]
        if node_id not in ids or beside not in ids or node_id == beside:
            return
        moved = pins.pop(ids.index(node_id))
        ids.remove(node_id)
        pins.insert(ids.index(beside) + is_after, moved)
        for place, pin in enumerate(pins):
            pin.place = place
        cls.objects.bulk_update(pins, ["place"])

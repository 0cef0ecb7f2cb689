"""What the pages keep for a person: the nodes that they saw last."""

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

"""What a person leaves out of the context of a node, and how large they want it."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models


class ContextChoice(models.Model):
    """The ticks and the budget that a person chose for the context of a node.

    Of too many nodes that were left out, those stay that were left out last.
    """

    MOST_EXCLUDED = 500

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    node_id = models.CharField(max_length=300)
    budget = models.PositiveIntegerField()
    excluded = models.JSONField(default=list)

    objects: models.Manager["ContextChoice"] = models.Manager()

    class Meta:
        app_label = "tree"
        constraints = (models.UniqueConstraint(fields=("user", "node_id"), name="one_choice_a_person_and_context"),)

    def __str__(self) -> str:
        return f"{self.user}: {self.node_id}"

    @classmethod
    def of(cls, user: Any, node_id: str, budget: int) -> "ContextChoice":
        """What this person chose for this node; before that, everything, with the budget that is given."""
        kept = cls.objects.filter(user=user, node_id=node_id).first()
        return kept or cls(user=user, node_id=node_id, budget=budget)

    def keep(self, budget: int, shown: Iterable[str], ticked: Iterable[str]) -> None:
        """Remember a choice among the nodes that were shown; what was left out before and is not shown stays out."""
        among, wanted = set(shown), set(ticked)
        before = [uid for uid in self.excluded if uid not in among]
        self.budget, self.excluded = budget, [*before, *sorted(among - wanted)][-self.MOST_EXCLUDED :]
        type(self).objects.update_or_create(
            user=self.user, node_id=self.node_id, defaults={"budget": self.budget, "excluded": self.excluded}
        )

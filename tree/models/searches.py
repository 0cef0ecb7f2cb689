"""Searches that people have saved, and searches that found nothing."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone


class SavedSearch(models.Model):
    """A search or list that a person has saved. ``listed`` is the list, as its address names it; empty for a search."""

    MOST = 100  # of a person
    LONGEST = 2000  # characters of ``query``, the query string of the page

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    listed = models.CharField(max_length=30, blank=True)
    query = models.TextField()
    is_shared = models.BooleanField(default=False)

    objects: models.Manager["SavedSearch"] = models.Manager()

    class Meta:
        app_label = "tree"
        ordering = ("name", "pk")
        constraints = (models.UniqueConstraint(fields=("user", "name"), name="one_saved_search_a_person_and_name"),)

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """Where it leads."""
        page = reverse("list", args=[self.listed]) if self.listed else reverse("search")
        return f"{page}?{self.query}"


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

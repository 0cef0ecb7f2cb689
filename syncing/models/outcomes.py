"""The tables of what runs did to records: refused, changed, created; and those that are invalid in Codex."""

import json
import zlib

from django.db import models
from django.utils import timezone

from syncing.models.runs import SyncRun
from syncing.querysets import RefusedRecords


class RefusedRecord(models.Model):
    """A record or company of Codex that a run refused or skipped, and why."""

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="refused")
    kind = models.CharField(max_length=20)
    account = models.CharField(max_length=255, blank=True)
    codex_id = models.CharField(max_length=255, blank=True)
    fault = models.CharField(max_length=30, blank=True, default="", help_text="Empty in rows of older versions.")
    field = models.CharField(max_length=255, blank=True, default="", help_text="Where the fault is: notes[0].body.")
    reason = models.TextField()
    is_skipped = models.BooleanField(
        default=False, help_text="Nothing is wrong with the record: its node changed after the comparison."
    )
    is_notice = models.BooleanField(
        default=False, help_text="Only reported: nothing is wrong with the record, it has no place in the tree."
    )

    objects = RefusedRecords.as_manager()

    class Meta:
        ordering = ("id",)
        verbose_name = "refused record"

    def __str__(self) -> str:
        return f"{self.kind} {self.codex_id or '?'} of {self.account or '?'}"


class NodeChange(models.Model):
    """A change of an existing node by a run: the fields that were written, and their previous values.

    Rows are written ahead of the graph; ``is_certain`` means that the change is confirmed to be in the graph.
    """

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    node_id = models.CharField(max_length=255, db_index=True)
    codex_key = models.CharField(max_length=700)
    kind = models.CharField(max_length=20)
    account = models.CharField(max_length=255, blank=True)
    action = models.CharField(max_length=10)
    name = models.TextField()
    place = models.TextField(blank=True)
    base = models.CharField(max_length=64, blank=True, help_text="Fingerprint of the node before.")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    is_certain = models.BooleanField(default=False)

    class Meta:
        ordering = ("id",)
        verbose_name = "change of a node"
        verbose_name_plural = "changes of nodes"
        indexes = (
            models.Index(fields=["run"], name="changes_not_certain", condition=models.Q(is_certain=False)),
            models.Index(fields=["account", "at"], name="changes_of_a_company"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.kind} {self.name}"


class CreatedNodes(models.Model):
    """The ids of the nodes that one batch of a run created, packed, because a first load creates a hundred thousand."""

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="creations")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    packed = models.BinaryField()
    is_certain = models.BooleanField(default=False)

    class Meta:
        ordering = ("id",)
        verbose_name = "created nodes"
        indexes = (models.Index(fields=["run"], name="creations_not_certain", condition=models.Q(is_certain=False)),)

    def __str__(self) -> str:
        return f"Nodes created by run {self.run_id}"

    @property
    def node_ids(self) -> list[str]:
        ids: list[str] = json.loads(zlib.decompress(self.packed))
        return ids

    @staticmethod
    def pack(node_ids: list[str]) -> bytes:
        return zlib.compress(json.dumps(node_ids).encode(), 1)


class QuarantinedRecord(models.Model):
    """A record that is invalid in Codex. The row is deleted as soon as a sync accepts the record."""

    command = models.CharField(max_length=20, choices=SyncRun.Command.choices)
    identity = models.CharField(max_length=40, help_text="Hash of kind, company and id; without an id, of the fault.")
    kind = models.CharField(max_length=20)
    account = models.CharField(max_length=255, blank=True)
    codex_id = models.CharField(max_length=255, blank=True)
    fault = models.CharField(max_length=30, blank=True, default="", help_text="Empty in rows of older versions.")
    field = models.CharField(max_length=255, blank=True, default="", help_text="Where the fault is: notes[0].body.")
    reason = models.TextField()
    raw = models.TextField(blank=True, help_text="The record as Codex sent it, as JSON, long texts cut.")
    since = models.DateTimeField(default=timezone.now)
    first_run = models.ForeignKey(SyncRun, null=True, on_delete=models.SET_NULL, related_name="+")
    last_run = models.ForeignKey(SyncRun, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("since", "id")
        verbose_name = "record in quarantine"
        verbose_name_plural = "records in quarantine"
        constraints = (
            models.UniqueConstraint(fields=("command", "identity"), name="one_quarantined_record_an_identity"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.codex_id or '?'} of {self.account or '?'}"

"""Defines the querysets of runs and of refused records."""

from typing import TYPE_CHECKING

from django.db.models import QuerySet

if TYPE_CHECKING:
    from syncing.models import RefusedRecord, SyncRun  # noqa: F401 (named in strings below)


class SyncRuns(QuerySet["SyncRun"]):
    """``SyncRun.objects``."""

    def unfinished(self) -> "SyncRuns":
        """Runs that wait or run."""
        return self.filter(status__in=(self.model.Status.QUEUED, self.model.Status.RUNNING))

    def full(self) -> "SyncRuns":
        """Syncs over everything of their command, without checks, applied plans and undos."""
        return self.filter(dry_run=False, companies=[], kinds=[], since="", approve="", undoes=None)

    def good(self) -> "SyncRuns":
        """Runs that succeeded, even if records were refused."""
        return self.filter(status__in=(self.model.Status.COMPLETE, self.model.Status.PARTIAL))

    def holding(self) -> "SyncRuns":
        """Runs with held changes that wait for approval."""
        return self.filter(status=self.model.Status.NEEDS_APPROVAL, held_settled_at=None)


class RefusedRecords(QuerySet["RefusedRecord"]):
    """``run.refused``, by the reason of the refusal."""

    def failed(self) -> "RefusedRecords":
        """Records that a retry may accept: invalid ones, and valid ones that did not fit the tree."""
        return self.filter(is_notice=False)

    def bad(self) -> "RefusedRecords":
        """Records that are invalid in Codex."""
        return self.filter(is_notice=False, is_skipped=False)

    def skipped(self) -> "RefusedRecords":
        """Valid records that were skipped, for example because their node changed after the comparison."""
        return self.filter(is_skipped=True)

    def noticed(self) -> "RefusedRecords":
        """Valid records without a place in the tree."""
        return self.filter(is_notice=True)

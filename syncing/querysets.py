"""Sets of runs, and of what runs refused, that several places ask for: told here, once."""

from typing import TYPE_CHECKING

from django.db.models import QuerySet

if TYPE_CHECKING:
    from syncing.models import RefusedRecord, SyncRun  # noqa: F401 (named in texts below)


class SyncRuns(QuerySet["SyncRun"]):
    """``SyncRun.objects``."""

    def unfinished(self) -> "SyncRuns":
        """They wait or run."""
        return self.filter(status__in=(self.model.Status.QUEUED, self.model.Status.RUNNING))

    def full(self) -> "SyncRuns":
        """Syncs over everything of their command: no checks, no plans of others, no undoing."""
        return self.filter(dry_run=False, companies=[], kinds=[], since="", approve="", undoes=None)

    def good(self) -> "SyncRuns":
        """They came to a good end; what was refused is told elsewhere."""
        return self.filter(status__in=(self.model.Status.COMPLETE, self.model.Status.PARTIAL))

    def holding(self) -> "SyncRuns":
        """They hold a removal that waits for approval."""
        return self.filter(status=self.model.Status.NEEDS_APPROVAL, held_settled_at=None)


class RefusedRecords(QuerySet["RefusedRecord"]):
    """``run.refused``: what a run did not take, by the reason."""

    def failed(self) -> "RefusedRecords":
        """Not taken, but might be: bad records, and sound ones that did not fit the tree."""
        return self.filter(is_notice=False)

    def bad(self) -> "RefusedRecords":
        """Codex sends them in a form that cannot be taken."""
        return self.filter(is_notice=False, is_skipped=False)

    def skipped(self) -> "RefusedRecords":
        """Sound, but their node changed after the comparison."""
        return self.filter(is_skipped=True)

    def noticed(self) -> "RefusedRecords":
        """Sound, but without a place in the tree."""
        return self.filter(is_notice=True)

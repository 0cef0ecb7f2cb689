"""What can go wrong in a sync. Every text is one line that an admin can act on."""


class SyncError(Exception):
    """Base: the run cannot go on."""


class CodexError(SyncError):
    """Codex or Core gave no complete answer. Never turned into an empty list."""


class CodexUnavailable(CodexError):
    """No connection, time-out, 429 or 5xx after all tries."""


class CodexRefused(CodexError):
    """401 or 403: our key or token is no good."""


class CodexNotFound(CodexError):
    """404: an older Codex without this endpoint, or an unknown account."""


class CodexGarbled(CodexError):
    """An answer that is not the JSON which the API promises."""


class SyncAlreadyRunning(SyncError):
    """Another run holds the lease."""


class LeaseLost(SyncError):
    """Our lease ran out and another run took it; nothing more was written."""


class RunCancelled(SyncError):
    """An admin has asked the run to stop; it does so between two batches."""


class PlanNotUsable(SyncError):
    """No stored plan has this hash, it was used before, or the graph has changed since."""


class UndoRefused(SyncError):
    """What this run did cannot be taken back: it has not ended, changed nothing, or was undone before."""

"""Defines the errors of a sync. Every message is one line that an admin can act on."""


class SyncError(Exception):
    """The base class of errors that end a run."""


class CodexError(SyncError):
    """Codex or Core sent no complete response, which never counts as an empty list."""


class CodexUnavailable(CodexError):
    """There was no connection, a time-out, 429 or 5xx after all retries."""


class CodexFailing(CodexUnavailable):
    """Codex was reached and responded with 5xx to every try, as it does if one of its records is broken."""


class CodexRefused(CodexError):
    """Codex or Core rejected our key or token with 401 or 403."""


class CodexNotFound(CodexError):
    """Codex responded with 404: it is too old for this endpoint, or the account is unknown."""


class CodexGarbled(CodexError):
    """A response is not the JSON that the API specifies."""


class CoreError(CodexError):
    """Core gives no token for Codex. It concerns every request, not the one for which the token was wanted."""


class CoreUnavailable(CoreError, CodexUnavailable):
    """There was no connection to Core, a time-out, 429 or 5xx after all retries."""


class CoreRefused(CoreError, CodexRefused):
    """Core refuses to give a token."""


class CoreGarbled(CoreError, CodexGarbled):
    """A response of Core holds no token."""


class SyncAlreadyRunning(SyncError):
    """Another run holds the lease. ``holder``: which one and where, for people."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"{holder} is syncing already; this one did nothing.")
        self.holder = holder


class LeaseLost(SyncError):
    """Our lease expired and another run took it; nothing more was written."""


class RunCancelled(SyncError):
    """Somebody has asked the run to stop; it stops between two batches."""


class PlanNotUsable(SyncError):
    """No stored plan has this hash, it was used before, or the graph has changed since."""


class UndoRefused(SyncError):
    """The run cannot be undone, because it has not ended, changed nothing or was already undone."""

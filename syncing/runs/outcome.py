"""The results of a run while it goes on: what it counted, what it held, and how it is told when it ends."""

from msgspec import Struct, field

from syncing.kinds import TICKETS, kind_named
from syncing.models import HOMELESS, SyncRun
from syncing.plan.plan_files import add_counts
from syncing.refusals import Refused

_NAMED = 5  # of the lines that say what is held


class Outcome(Struct):
    """The results of a run so far; they are saved to its row at the end."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    notices: list[Refused] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    holds_removals: bool = False
    holds_updates: bool = False
    paused: str = ""  # the paused companies that the run skipped, as a sentence
    scopes: set[tuple[str, str]] = field(default_factory=set)  # (account, kind) whose complete list was compared
    plan_hash: str = ""
    held_hash: str = ""
    requests: int = 0

    def hold(self, removals: list[str], updates: list[str]) -> None:
        """Record why removals and updates wait for an admin: a line for each reason."""
        self.held = removals + updates
        self.holds_removals, self.holds_updates = bool(removals), bool(updates)

    def count_refused(self) -> None:
        """Count the refused records by the kind of node that they would have become."""
        for record in self.refused:
            kind = kind_named(record.kind)
            action = "skipped" if record.is_skipped else "quarantined"
            add_counts(self.counts, {kind.label if kind else record.kind: {action: 1}})

    def ending(self) -> tuple[str, str]:
        """The status and the reason of a run that has written its plan."""
        if self.held:
            return SyncRun.Status.NEEDS_APPROVAL, self.summary(self._held())
        if self.refused:
            return SyncRun.Status.PARTIAL, self.summary()
        return SyncRun.Status.COMPLETE, self.summary()

    def planned(self, changes: int) -> tuple[str, str]:
        """The status and the reason of a run that has only planned so many changes."""
        planned = f"{_changes(changes)} planned, nothing written."
        return SyncRun.Status.PLANNED, self.summary(f"{planned} {self._held()}" if self.held else planned)

    def undo_planned(self, changes: int) -> tuple[str, str]:
        """The same for an undo, which asks for an approval if it archives or empties much."""
        asks = f" It asks for an approval: {'; '.join(self.held[:_NAMED])}." if self.held else ""
        return SyncRun.Status.PLANNED, self.summary(f"{_changes(changes)} to take back, nothing written yet.{asks}")

    def summary(self, first: str = "") -> str:
        """The reason for people: ``first``, then what was not taken, has no place, or is paused."""
        parts = [first] if first else []
        if self.refused:
            parts.append(f"{len(self.refused)} not taken, the first: {self.refused[0].reason}")
        if number := self.counts.get(TICKETS.label, {}).get(HOMELESS):
            parts.append(f"{number:,} tickets have no company that Codex knows and are not in the tree.")
        elif self.notices:
            number = len(self.notices)
            companies = "company" if number == 1 else "companies"
            parts.append(f"Tickets of {number:,} {companies} that Codex does not know are not in the tree.")
        if self.paused:
            parts.append(self.paused)
        return " ".join(parts)

    def _held(self) -> str:
        more = [f"and {len(self.held) - _NAMED} more"] if len(self.held) > _NAMED else []
        return f"Held: {'; '.join(self.held[:_NAMED] + more)}."


def _changes(number: int) -> str:
    return f"{number:,} change{'' if number == 1 else 's'}"

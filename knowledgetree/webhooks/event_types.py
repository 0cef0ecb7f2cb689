"""The types of events. The values are what receivers get."""

from django.db.models import TextChoices


class EventType(TextChoices):
    NODE_CREATED = "node.created", "Notes and folders were created, copied or imported"
    NODE_CHANGED = "node.changed", "Notes were edited or marked, files added or removed"
    NODE_RENAMED = "node.renamed", "Notes and folders were renamed"
    NODE_MOVED = "node.moved", "Notes and folders were moved"
    NODE_TRASHED = "node.trashed", "Notes and folders were put into the trash"
    NODE_RESTORED = "node.restored", "Notes and folders came back from the trash"
    NODE_PURGED = "node.purged", "Notes and folders were deleted for good"
    SYNC_STARTED = "sync.started", "A sync began"
    SYNC_COMPLETED = "sync.completed", "A sync ended well"
    SYNC_HELD = "sync.held", "A sync waits for an approval"
    SYNC_FAILED = "sync.failed", "A sync failed or was stopped"
    RECORDS_CHANGED = "records.changed", "A sync changed records: how many, and of which companies"
    RECORDS_CREATED = "records.created", "Each record that a sync created"
    RECORDS_UPDATED = "records.updated", "Each record that a sync changed"
    RECORDS_ARCHIVED = "records.archived", "Each record that a sync archived"
    ALARM_RAISED = "alarm.raised", "An alarm about missing syncs or workers"
    ALARM_CLEARED = "alarm.cleared", "The end of such an alarm"
    TEST = "webhook.test", "A test"


EACH_RECORD = frozenset({EventType.RECORDS_CREATED, EventType.RECORDS_UPDATED, EventType.RECORDS_ARCHIVED})
TO_CHOOSE = [choice for choice in EventType.choices if choice[0] != EventType.TEST]

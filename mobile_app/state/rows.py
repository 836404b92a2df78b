"""Rows: the record shapes that screens may read, so that no screen reaches into the store."""

from mobile_app.store.records import (
    AttachmentItem,
    ConflictCard,
    ContentState,
    CustomerCard,
    CustomerRow,
    FeedItem,
    FieldRow,
    HeldContent,
    OutboxItem,
    RecordState,
    RefusedWork,
    ReviewItem,
    SyncOverview,
    TimelineItem,
    TodayItem,
    UnsentContent,
)
from shared.domain import Attachment, Identifier

__all__ = [
    "Attachment",
    "AttachmentItem",
    "ConflictCard",
    "ContentState",
    "CustomerCard",
    "CustomerRow",
    "FeedItem",
    "FieldRow",
    "HeldContent",
    "Identifier",
    "OutboxItem",
    "RecordState",
    "RefusedWork",
    "ReviewItem",
    "SyncOverview",
    "TimelineItem",
    "TodayItem",
    "UnsentContent",
]

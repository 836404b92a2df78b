"""Rows: the record shapes that screens may read, so that no screen reaches into the store."""

from mobile_app.store.records import (
    CustomerCard,
    CustomerRow,
    FeedItem,
    FieldRow,
    OutboxItem,
    RecordState,
    ReviewItem,
    SyncOverview,
    TimelineItem,
    TodayItem,
)
from shared.domain import Identifier

__all__ = [
    "CustomerCard",
    "CustomerRow",
    "FeedItem",
    "FieldRow",
    "Identifier",
    "OutboxItem",
    "RecordState",
    "ReviewItem",
    "SyncOverview",
    "TimelineItem",
    "TodayItem",
]

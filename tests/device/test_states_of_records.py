"""How far a record has come, asked of the outbox record by record."""

from pathlib import Path

import pytest

from mobile_app.store.bridge import open_engine, writing
from mobile_app.store.outbox import Outbox
from mobile_app.store.records import RecordState

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("states", "shown"),
    [
        ((), RecordState.IN_RECORD),
        (("done", "discarded"), RecordState.IN_RECORD),
        (("done", "acked"), RecordState.DELIVERED),
        (("acked", "deferred"), RecordState.DEFERRED),
        (("deferred", "pending", "acked"), RecordState.LOCAL),
        (("pending", "quarantined"), RecordState.ISSUE),
    ],
)
def test_a_record_shows_the_worst_of_its_operations(
    tmp_path: Path, states: tuple[str, ...], shown: RecordState
) -> None:
    engine = open_engine(str(tmp_path / "outbox.db"), KEY)
    outbox = Outbox(engine)
    others = [("customer", "c1", "quarantined"), ("interaction", "c2", "quarantined")]
    rows = [*(("customer", "c2", state) for state in states), *others]
    with writing(engine) as driver:
        driver.run_many(
            "INSERT INTO outbox (device_seq, op_id, txn, entity, id, state, body, created_at) "
            "VALUES (?, ?, 't', ?, ?, ?, '', 0)",
            [(place, str(place), *row) for place, row in enumerate(rows)],
        )

    assert outbox.state(("customer", "c2")) is shown
    engine.dispose()

"""What the bank's core systems say of sales: kept by its key, applied once its sale is here.

A confirmation may come before the sale, which waits on a device without a network. So an event is
kept first, and what a sale is follows from all that are kept of it; nothing is ever dropped.
"""

from collections.abc import Sequence

from sync_server.commission.banks_word import FIELD_OF, CoreEvent, Taken
from sync_server.store import told
from sync_server.store.authority import credit, hold_the_ledger, sales_named
from sync_server.store.unit_of_work import UnitOfWork

__all__ = ["CoreEvent", "Taken", "take_events"]


def take_events(unit: UnitOfWork, events: Sequence[CoreEvent]) -> list[Taken]:
    """Take what the core systems say, and write what follows; one answer for each event.

    Call `unit.finish` before the commit, as after any other change. At most CHUNK events.
    """
    hold_the_ledger(unit.connection)
    first = told.kept(unit.connection, {event.key for event in events})
    known, answers = dict(first), list[Taken]()
    for event in events:
        before = known.get(event.key)
        known[event.key] = event
        answers.append(_compared(before, event))
    changed = {key: event for key, event in known.items() if first.get(key) != event}
    told.keep(unit, changed)
    replaced = [first[key] for key in changed if key in first]
    named = sales_named(unit.connection, [*changed.values(), *replaced])
    unsaid = {
        sale: {FIELD_OF[event.event] for event in told.about(replaced, sale, ref)}
        for sale, ref in named.items()
    }
    credit(unit, named, unsaid)
    return [
        Taken.WAITING
        if answer is not Taken.KNOWN
        and not any(told.about([event], *each) for each in named.items())
        else answer
        for event, answer in zip(events, answers, strict=True)
    ]


def _compared(before: CoreEvent | None, event: CoreEvent) -> Taken:
    if before is None:
        return Taken.APPLIED
    return Taken.KNOWN if before == event else Taken.CHANGED

"""One contact: which channel, what about, how it went, and the record its manager makes of it.

What comes out depends on where the customer stands in the four stages, and moves them on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from shared.domain import Customer, Interaction
from shared.domain.customer import Stage
from shared.domain.interaction import Channel, NoFixReason, Outcome, Purpose
from shared.domain.task import TaskKind
from sync_server.demo import phrases
from sync_server.demo.addresses import point_near
from sync_server.demo.clock import MINUTE, new_id
from sync_server.demo.customers import with_need
from sync_server.demo.draw import pick

_CHANNELS: dict[str, dict[Channel, int]] = {
    "person": {"visit": 28, "call": 44, "wechat": 28},
    "organisation": {"visit": 48, "call": 34, "wechat": 18},
}
_OUTCOMES: dict[Stage, dict[Outcome, int]] = {
    "discovery": {"interested": 36, "follow_up": 36, "not_met": 18, "declined": 10},
    "design": {"interested": 45, "follow_up": 40, "not_met": 10, "declined": 5},
    "marketing": {"done": 26, "interested": 22, "follow_up": 34, "not_met": 10, "declined": 8},
    "follow_up": {"done": 40, "follow_up": 40, "interested": 10, "not_met": 10},
}
_ONWARD: dict[tuple[Stage, Outcome], Stage] = {
    ("discovery", "interested"): "design",
    ("design", "interested"): "marketing",
    ("marketing", "done"): "follow_up",
    ("follow_up", "interested"): "design",
    ("design", "declined"): "discovery",
    ("marketing", "declined"): "discovery",
}
"""Where an outcome takes the customer; a finished cycle opens the next one."""
_MINUTES: dict[Channel, tuple[int, int, int]] = {
    "visit": (12, 75, 28),
    "call": (2, 16, 4),
    "wechat": (2, 15, 5),
}
"""Shortest, longest and usual length."""
_MINUTES_IN_VAIN: dict[Channel, tuple[int, int, int]] = {
    "visit": (3, 9, 5),
    "call": (1, 2, 1),
    "wechat": (1, 2, 1),
}
_SCORES = {5: 44, 4: 38, 3: 13, 2: 4, 1: 1}
_NO_FIX: dict[NoFixReason, int] = {
    "indoors": 50,
    "timed_out": 22,
    "private": 12,
    "stale": 8,
    "denied": 5,
    "unsupported": 3,
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A piece of a manager's day in which one contact begins and must end."""

    start: int
    latest_end: int


@dataclass(frozen=True, slots=True)
class Talk:
    """What one contact is: its channel, subject and result."""

    channel: Channel
    purpose: Purpose
    outcome: Outcome


def meet(
    rng: Random, slot: Slot, customer: Customer, promised: TaskKind | None
) -> tuple[Interaction, Customer]:
    """Have one contact; return its record and the customer as they stand after it."""
    channel = _channel(rng, customer, promised)
    purpose = _purpose(rng, customer, channel)
    talk = Talk(channel, purpose, _outcome(rng, customer, purpose))
    after = _moved_on(rng, customer, talk)
    record = _record(rng, slot, after, talk)
    return (_located(rng, record, after) if talk.channel == "visit" else record), after


def guided(rng: Random, record: Interaction, templates: Mapping[Purpose, str]) -> Interaction:
    """Return the record as made along its purpose's template, as most visits are."""
    if record.channel != "visit" or record.outcome == "not_met" or rng.random() < 0.4:
        return record
    return replace(record, template_id=templates.get(record.purpose))


def _channel(rng: Random, customer: Customer, promised: TaskKind | None) -> Channel:
    """Keep the channel that was promised, or choose by the kind of customer."""
    if promised is None or promised == "follow_up":
        return pick(rng, _CHANNELS[customer.kind])
    return promised


def _purpose(rng: Random, customer: Customer, channel: Channel) -> Purpose:
    """Return what it is about; a loan is inspected on the spot, never by telephone."""
    if rng.random() < 0.02:
        return "complaint"
    if customer.stage == "follow_up" and rng.random() < 0.7:
        is_inspection = channel == "visit" and phrases.purpose_of(customer) == "loan"
        return "post_loan" if is_inspection else "relationship"
    return phrases.purpose_of(customer)


def _outcome(rng: Random, customer: Customer, purpose: Purpose) -> Outcome:
    if purpose == "complaint":
        return rng.choice(("done", "follow_up"))
    return pick(rng, _OUTCOMES[customer.stage])


def _moved_on(rng: Random, customer: Customer, talk: Talk) -> Customer:
    """Return the customer at the stage that the talk led to, with the need it brought out."""
    if talk.purpose == "complaint":
        return customer
    stage = _ONWARD.get((customer.stage, talk.outcome), customer.stage)
    is_new_cycle = talk.outcome == "interested" and talk.purpose == "relationship"
    moved = replace(customer, stage=stage)
    return with_need(rng, moved) if is_new_cycle else moved


def _record(rng: Random, slot: Slot, customer: Customer, talk: Talk) -> Interaction:
    """Record a contact as its manager did, a minute or two after it ended."""
    was_met = talk.outcome != "not_met"
    ended_at = _end(rng, slot, _MINUTES if was_met else _MINUTES_IN_VAIN, talk.channel)
    return Interaction(
        id=new_id(rng, ended_at + rng.randrange(MINUTE // 3, 2 * MINUTE)),
        customer_id=customer.id,
        employee_id=customer.owner_id,
        channel=talk.channel,
        purpose=talk.purpose,
        outcome=talk.outcome,
        occurred_at=slot.start,
        started_at=slot.start,
        ended_at=ended_at,
        need=customer.need if was_met else None,
        satisfaction=pick(rng, _SCORES) if was_met and rng.random() < 0.25 else None,
        note=phrases.note_of(rng, customer, talk.channel, talk.purpose, talk.outcome),
    )


def _end(
    rng: Random, slot: Slot, minutes: Mapping[Channel, tuple[int, int, int]], channel: Channel
) -> int:
    length = round(rng.triangular(*minutes[channel]) * MINUTE)
    return min(slot.start + length, slot.latest_end)


def _located(rng: Random, record: Interaction, customer: Customer) -> Interaction:
    """Add the one fix taken at the start of a visit, or why there is none."""
    if customer.latitude is None or customer.longitude is None or rng.random() < 0.18:
        reason: NoFixReason = pick(rng, _NO_FIX)
        return replace(record, no_fix_reason=reason)
    latitude, longitude = point_near(rng, customer.latitude, customer.longitude, 35)
    return replace(
        record,
        latitude=latitude,
        longitude=longitude,
        accuracy_m=round(rng.uniform(4, 38), 1),
        fix_at=record.occurred_at - rng.randrange(MINUTE),
    )

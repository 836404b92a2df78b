"""What the demo must show whatever was drawn: sales of two, a card claimed by both, one given back.

The managers work in pairs, the two of one sub-branch. What waits for somebody is always the latest
of its kind, so that the demo's queues hold something that is fresh whatever day it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from shared.commission.facts import Share
from shared.domain.days import bank_period
from shared.domain.sale import shares_text
from shared.domain.sale_share import share_id
from shared.ids import EmployeeId
from shared.sync.change import Transition
from sync_server.demo.clock import HOUR, moment
from sync_server.demo.history import Saved
from sync_server.demo.sales import Sold

_SPLIT: Final = (7_000, 3_000)
"""What seller and colleague have, in basis points."""
_ANSWERED_AFTER: Final = 20 * HOUR
_OBJECTION: Final = "材料和面签都是我办的，应当各一半"


def arranged(by_seller: Sequence[list[Sold]], today: date) -> list[Sold]:
    """Return everyone's sales with some of them shared, contested or given back before today.

    `by_seller` holds each manager's sales in time order, the two of a pair beside each other.
    """
    until = moment(today)
    made = {sold.sale.id: sold for mine in by_seller for sold in mine}
    pairs = list(zip(by_seller[::2], by_seller[1::2], strict=True))
    for one, other in pairs:
        _share(made, _first_of_each_month(one), other, "accepted", until)
    (lin, zhou), (zeng, ouyang), *_ = pairs
    _share(made, _last(zhou, _is_shareable), lin, None, until)
    _share(made, _last(zeng, _is_shareable, until - _ANSWERED_AFTER), ouyang, "disputed", until)
    _contest(made, _last(lin, _is_card), _last(zhou, _is_card))
    _give_back(made, list(filter(_is_active_card, lin))[:1], today - timedelta(days=2))
    return list(made.values())


def _is_shareable(sold: Sold) -> bool:
    return sold.line in ("loan", "wealth", "deposit") and not sold.withdrawn


def _is_card(sold: Sold) -> bool:
    return sold.sale.external_ref is not None and sold.line == "card" and not sold.withdrawn


def _is_active_card(sold: Sold) -> bool:
    return _is_card(sold) and [each.event for each in sold.told][1:] == ["ACTIVATED"]


def _last(
    sales: Sequence[Sold], is_meant: Callable[[Sold], bool], until: int | None = None
) -> list[Sold]:
    return [sold for sold in sales if is_meant(sold) and (until is None or sold.at < until)][-1:]


def _first_of_each_month(sales: Sequence[Sold]) -> list[Sold]:
    first: dict[str, Sold] = {}
    for sold in filter(_is_shareable, sales):
        first.setdefault(bank_period(sold.at), sold)
    return list(first.values())


def _share(
    made: dict[str, Sold],
    some: Sequence[Sold],
    colleagues: Sequence[Sold],
    answer: str | None,
    until: int,
) -> None:
    """Offer part of some sales to the colleague whose sales these are, and have them answer."""
    colleague = EmployeeId(colleagues[0].sale.employee_id)
    for sold in some:
        pay, rest = _SPLIT
        both = [Share(EmployeeId(sold.sale.employee_id), pay), Share(colleague, rest)]
        shared = replace(sold, sale=replace(sold.sale, shares=shares_text(both)))
        at = sold.at + _ANSWERED_AFTER
        if answer and at < until:
            shared = replace(shared, answers=(_answer(shared, colleague, at, answer),))
        made[sold.sale.id] = shared


def _answer(sold: Sold, colleague: EmployeeId, at: int, answer: str) -> Saved:
    said = {"reason": _OBJECTION} if answer == "disputed" else {}
    share = share_id(sold.sale.id, colleague)
    step = Transition("sale_share", share, "status", "offered", answer, said)
    return Saved(colleague, at, [step])


def _contest(made: dict[str, Sold], some: Sequence[Sold], others: Sequence[Sold]) -> None:
    """Have the second seller claim what the first handed in; the bank knows one application."""
    for sold, rival in zip(some, others, strict=False):
        sale = replace(rival.sale, external_ref=sold.sale.external_ref)
        made[rival.sale.id] = replace(rival, sale=sale, told=())


def _give_back(made: dict[str, Sold], some: Sequence[Sold], day: date) -> None:
    """Have customers close their cards again."""
    for sold in some:
        word = sold.told[-1]._replace(
            at=moment(day + timedelta(days=1), 6), event="CANCELLED", on=day
        )
        made[sold.sale.id] = replace(sold, told=(*sold.told, word))

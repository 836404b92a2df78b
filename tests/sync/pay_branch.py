"""A branch that sells and pays, on real devices: what people do, and what the bank's systems say.

Every verb is one thing that happens, with small numbers for who, what and when, so that hypothesis
can draw and shrink streams of them. A verb that finds nothing to do does nothing; what others were
faster with is refused by the server and stays undone, as in the field.
"""

import atexit
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Any, Final

from pydantic_core import to_json

from shared.domain import SaleShare
from shared.sync.change import Insert, Transition
from shared.testing.builders import an_employee, id_number
from shared.testing.selling import a_commission_rule, a_product, a_sale, terms
from sync_server.adapters.kinds import kind_named
from sync_server.adapters.load import Sender, load
from sync_server.turning import turn
from tests.sync.world import BOSS, CUSTOMERS, DAY_MS, HEAD_OFFICE, LIN, NEAR, ZHOU, Tablet, World

CHECKER: Final = id_number(9_016)
"""A second supervisor: one puts a month under review, the other closes it."""
SELLERS: Final = (LIN, ZHOU)
NUMBERS: Final = ("E1", "E2")
MONTHS: Final = ("2026-09", "2026-10", "2026-11")
DAYS: Final = ("2026-09-05", "2026-09-30", "2026-10-01", "2026-10-31", "2026-11-02", "2026-11-17")
AMOUNTS: Final = (151, 33_333, 999_999, 1_000_000, 2_345_978, 30_000_000)
"""Fen: below, at and above what the tiers are cut at."""
PIECES: Final = (1, 3, 7)
SHARES: Final = (None, None, 5_000, 5_000, 3_333, 1)
"""What the seller keeps of a joint sale, in basis points; None: there is no colleague in it."""
PRODUCTS: Final = (
    a_product("CARD", id=id_number(9_021)),
    a_product("LOAN", id=id_number(9_022), line="loan", measure="amount", unit="元"),
    a_product("FUND", id=id_number(9_023), line="deposit", measure="amount", unit="元"),
)
_TIERS: Final = [["0", "10000", "0.0511"], ["10000", "30000", "0.08"], ["30000", None, "0.1"]]
RULES: Final[dict[str, dict[str, Any]]] = {
    "card": {
        "unit_price": "60.01",
        "cap_period": "300.00",
        "clawback": [{"to_month": 1, "rate": "1"}, {"to_month": 6, "rate": "0.5"}],
    },
    "loan": {
        "product": "LOAN",
        "metric": "AMOUNT",
        "kind": "TIER_MARGINAL",
        "unit_price": None,
        "tiers": _TIERS,
        "recognise_on": "DISBURSED",
        "accelerators": [{"min_attainment": "1.2", "multiplier": "1.15"}],
        "clawback": [{"to_month": 6, "rate": "0.333"}],
    },
    "fund": {
        "product": "FUND",
        "metric": "AMOUNT",
        "kind": "RATE",
        "unit_price": None,
        "rate": "0.00335",
        "recognise_on": "FUNDED",
        "deferral": {"rate": "0.40", "years": 3},
        "clawback": [{"to_month": 12, "rate": "0.75"}],
    },
}
"""The rules in their first version; each has another shape."""
PAYS: Final[dict[str, list[dict[str, Any]]]] = {
    "card": [{"unit_price": "59.99"}, {"unit_price": "45.00"}, {"recognise_on": "APPLIED"}],
    "loan": [{"tiers": [["0", None, "0.0777"]]}, {"kind": "TIER_SLAB"}, {"clawback": None}],
    "fund": [{"rate": "0.0049"}, {"deferral": {"rate": "0.5", "years": 2}}, {"rate": "0.00005"}],
}
"""What later versions change."""
RECOGNISED: Final = ("ACTIVATED", "DISBURSED", "FUNDED")
"""The event that each product waits for."""
EVENTS: Final = (None, None, None, "APPLIED", "FUNDED")
"""None: what the sale waits for."""

MAY_BE_REFUSED: Final = frozenset({"stale_transition", "not_yours"})
"""Steps that others were faster with, and work on customers who moved on long ago."""


class PayBranch:
    """The branch, its four devices, and everything that was sold there so far."""

    def __init__(self) -> None:
        self.world = World.like(_opened())
        self.branch = self.world.branch
        *self.sellers, self.boss, self.checker = self.tablets
        self.sold: list[tuple[str, str | None, int]] = []
        """Ids, external references and products, in the order of the sales."""

    @property
    def tablets(self) -> Sequence[Tablet]:
        """The sellers' devices, then the supervisors'."""
        return self.world.tablets

    # What people do on their devices

    def sell(
        self, who: int, product: int, measure: int, keeps: int, ref: int, customer: int
    ) -> None:
        """Hand something in: alone, or with the colleague, who has the rest of it."""
        tablet = self.sellers[who]
        customers = tablet.store.customers("")
        if not customers:
            return
        row, bp = PRODUCTS[product], SHARES[keeps]
        shares = bp and ((SELLERS[who], bp), (SELLERS[1 - who], 10_000 - bp))
        sale = a_sale(
            customers[customer % len(customers)].id,
            SELLERS[who],
            str(row["id"]),
            id=tablet.store.new_id(),
            qty=PIECES[measure % len(PIECES)],
            amount=None if product == 0 else AMOUNTS[measure],
            shares=to_json(shares).decode() if shares else "",
            occurred_at=self.branch.now - 40 * DAY_MS,
        )
        id, called = str(sale["id"]), self._reference(ref)
        step = Transition("sale", id, "status", "intent", "submitted", {"external_ref": called})
        tablet.save(Insert("sale", sale), step)
        self.sold.append((id, called, product))

    def _reference(self, ref: int) -> str | None:
        """What the bank calls what is sold next: as something else, nothing yet, or anew."""
        return f"C-{ref + 1}" if ref < 2 else None if ref == 2 else f"C-{len(self.sold) + 3}"

    def withdraw(self, who: int, which: int) -> None:
        """Take a sale back, as far as its seller may."""
        every = [each.sale for each in self.sellers[who].store.own_sales()]
        found = [sale for sale in every if sale.status == "submitted"]
        if found:
            sale = found[which % len(found)]
            said = {"reason": "客户改主意"}
            step = Transition("sale", sale.id, "status", sale.status, "cancelled", said)
            self.sellers[who].save(step)

    def answer(self, who: int, which: int, how: int) -> None:
        """Accept or dispute what one is offered; most accept."""
        self.exchange(1 - who)
        self.exchange(who)
        shares = self.sellers[who].store.shares()
        offered = [share for share in shares if share.status == "offered"]
        if offered:
            after, said = ("accepted", {}) if how else ("disputed", {"reason": "不对"})
            self.sellers[who].save(_step(offered[which % len(offered)], after, said))

    def decide(self, which: int, keeps: int) -> None:
        """Say who has what, where it is open."""
        self.exchange(2)
        open_ones = [
            share
            for some in self.boss.store.team_shares().values()
            for share in some
            if share.status in ("offered", "disputed", "contested")
        ]
        if open_ones:
            bp = SHARES[keeps]
            split = [[LIN, bp], [ZHOU, 10_000 - bp]] if bp else [[ZHOU, 10_000]]
            said = {"decided": to_json(split).decode(), "reason": "两人一起"}
            share = sorted(open_ones, key=lambda each: each.id)[which % len(open_ones)]
            self.boss.save(_step(share, "decided", said))

    def new_rule(self, which: int, change: int, day: int) -> None:
        """Draft a new version of a rule on one device, and approve it on another."""
        rule = list(RULES)[which]
        known = [each.row for each in self.checker.store.plans() if each.row.rule == rule]
        number = 1 + max(row.number for row in known)
        shape = RULES[rule] | PAYS[rule][change] | {"from": DAYS[day]}
        row = a_commission_rule(CHECKER, HEAD_OFFICE, rule, number)
        id = self.checker.store.new_id()
        draft = {**row, "id": id, "terms": terms(rule, number, **shape)}
        self.checker.save(Insert("commission_rule", draft))
        self.exchange(3)
        self.exchange(2)
        said = {"checker_id": BOSS, "checked_at": self.branch.now}
        step = Transition("commission_rule", id, "status", "draft", "approved", said)
        self.boss.save(step)

    def review(self, month: int) -> None:
        """Put a month under review."""
        self.exchange(2)
        self._step_month(self.boss, month, ("open", "review"), {"employee_id": BOSS})
        self.exchange(2)

    def close(self, month: int) -> None:
        """Close a month, once it is under review."""
        self.review(month)
        self.exchange(3)
        self._step_month(self.checker, month, ("review", "closing"), {"checker_id": CHECKER})
        self.exchange(3)

    def _step_month(
        self, tablet: Tablet, month: int, step: tuple[str, str], said: dict[str, str]
    ) -> None:
        period = tablet.store.pay_periods().get(MONTHS[month])
        if period is not None and period.status == step[0]:
            tablet.save(Transition("pay_period", period.id, "status", *step, said))

    def exchange(self, who: int, lines: int | None = None) -> None:
        """Have a device converse with the server; a bad line breaks after some of the answer."""
        self.tablets[who].sync(deliver=lines)

    # What the bank's systems say

    def told(self, which: int, event: int, day: int, said: int, key: int) -> None:
        """Say that something happened to a sale, perhaps before it is here, or once more."""
        amount = f"{AMOUNTS[said] // 100}.{AMOUNTS[said] % 100:02}" if said % 2 else ""
        qty = "" if said % 3 else str(PIECES[said // 3])
        id, ref, product = self._sale(which)
        called = EVENTS[event] or RECOGNISED[product]
        self._say_of(id, ref, f"{called},{DAYS[day]},{amount},{qty}", f"{called}/{key}")

    def cancelled(self, which: int, day: int) -> None:
        """Say that a sale was cancelled."""
        id, ref, _ = self._sale(which)
        self._say_of(id, ref, f"CANCELLED,{DAYS[day]},,", "CANCELLED")

    def _sale(self, which: int) -> tuple[str, str | None, int]:
        """One that was sold; or else one that may still be."""
        place = which % (len(self.sold) + 1)
        return self.sold[place] if place < len(self.sold) else ("", f"C-{which % 2 + 1}", 0)

    def _say_of(self, id: str, ref: str | None, said: str, key: str) -> None:
        row = f"{ref or id}/{key},{ref or ''},{'' if ref else id},{said}"
        self._import("confirmations", f"key,external_ref,sale_id,event,on,amount,qty\n{row}\n")

    def target(self, who: int, month: int, value: int) -> None:
        """Say what is to be lent: what the accelerator looks at."""
        row = f"{NUMBERS[who]},LOAN,{MONTHS[month]},{value}"
        self._import("targets", f"employee_no,product_code,period,value\n{row}\n")

    def quality(self, who: int, month: int, coefficient: str) -> None:
        """Say what a month is weighed by."""
        row = f"{NUMBERS[who]},{MONTHS[month]},{coefficient}"
        self._import("quality", f"employee_no,period,coefficient\n{row}\n")

    def leaves(self, who: int, day: int) -> None:
        """Say that someone leaves, and may still sign in."""
        row = f"{NUMBERS[who]},2026-01-05,{DAYS[day]},true"
        self._import("employees", f"employee_no,joined_on,left_on,active\n{row}\n")

    def moved(self, customer: int, who: int) -> None:
        """Give a customer to another manager."""
        self.branch.change("customer", CUSTOMERS[customer], owner_id=SELLERS[who])

    def wait(self, days: int) -> None:
        """Let time pass; the server brings statements into the month that it is then."""
        self.branch.now += days * DAY_MS
        turn(self.branch.database, self.branch.now)
        self.branch.remember()

    def _import(self, kind: str, content: str) -> None:
        source, sender = BytesIO(content.encode()), Sender("core", self.branch.now)
        load(self.branch.database, kind_named(kind), source, sender, lambda *_: None)
        self.branch.remember()

    # The end

    def until_still(self) -> None:
        """Let everyone exchange until there is nothing more to say."""
        for _ in range(3):
            for tablet in self.tablets:
                tablet.sync()
        assert all(tablet.store.overview().pending == 0 for tablet in self.tablets)
        codes = {
            row.document["code"] for (name, _), row in self.branch.rows().items() if name == "issue"
        }
        assert codes <= MAY_BE_REFUSED, codes

    def leave(self) -> None:
        """Put everything away."""
        self.world.close()


@cache
def _opened() -> World:
    """A branch with something to sell, and rules that everyone has read; made once, copied."""
    world = World()
    world.branch.bring("employee", an_employee(NEAR, "supervisor", id=CHECKER, employee_no="E5"))
    world.join("checker", "E5")
    world.branch.bring("product", *PRODUCTS)
    for rule, shape in RULES.items():
        row = a_commission_rule(BOSS, HEAD_OFFICE, rule, status="approved")
        world.branch.bring("commission_rule", {**row, "terms": terms(rule, **shape)})
    for tablet in world.tablets:
        tablet.sync()
    world.put_down()
    atexit.register(world.folder.cleanup)
    return world


def _step(share: SaleShare, after: str, said: dict[str, str]) -> Transition:
    return Transition("sale_share", share.id, "status", share.status, after, said)

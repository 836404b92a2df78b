"""What a user waits for on the device: search and save, on the app's own store.

The same code runs natively and in Chromium, so it imports only what the web app carries.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Engine

from mobile_app.store.device_store import DeviceStore
from shared.commission.months import Period
from shared.domain import (
    Account,
    Alert,
    CommissionRule,
    Employee,
    Interaction,
    Product,
    Relation,
    Sale,
    SaleShare,
    Target,
    Task,
)
from shared.domain.days import bank_day, bank_period
from shared.domain.goal import target_id
from shared.domain.interaction import Channel
from shared.domain.sale_share import share_id
from shared.ids import Millis
from shared.registry import REGISTRY, Document
from shared.sync.change import Insert
from shared.sync.protocol import PageLine, Row

_ROUNDS: Final = 100
_EVERYONE: Final = 1_000_000
_MANY: Final = 2_000
_FEW: Final = 60
"""Contacts with a customer who is in touch with the bank every day, and with most."""
_CHANNELS: Final[tuple[Channel, ...]] = (
    "visit", "call", "call_centre", "wechat", "counter", "online",
)  # fmt: skip
_SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
_GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞"
_TIERS: Final = [["0", "10000", "0.05"], ["10000", "30000", "0.08"], ["30000", None, "0.10"]]
_COMMON: Final[dict[str, Any]] = {
    "version": 1,
    "recognise_on": "ACTIVATED",
    "from": "2026-01-01",
    "cap_period": "20000.00",
}
_SPEEDING: Final[dict[str, Any]] = {
    "accelerators": [{"min_attainment": "1.20", "multiplier": "1.2"}]
}
_HELD: Final[dict[str, Any]] = {"deferral": {"rate": "0.40", "years": 3}}
_INITIALS: Final = "wlzlcyhzwzxsmzhghgll"
_SEARCHES: Final = {
    "by name": "王芳",
    "by initials": "zx",
    "by last four digits": "1234",
    "by address": "望湖路12",
}


def figures(mirror: Engine, outbox: Engine, customers: int) -> dict[str, float]:
    """Fill a store with customers; return p50 in ms of each thing its user waits for."""
    store = filled(mirror, outbox, customers)
    found = {f"search {how}": _p50(_searching(store, text)) for how, text in _SEARCHES.items()}
    busy, usual = (row.id for row in store.customers("", 2))
    customer = busy
    found["a visit with its task, saved"] = _p50(lambda: _save(store, customer))
    found["today's list"] = _p50(lambda: store.today("2026-11-24", _now()))
    _surround(store, {busy: _MANY, usual: _FEW})
    found["a customer's page"] = _p50(lambda: _drawn(store, usual))
    found[f"the page of a customer with {_MANY:,} contacts"] = _p50(lambda: _drawn(store, busy))
    month = _with_a_month_of_pay(store)
    found["commission of a month of 100 sales, estimated"] = _p50(
        lambda: store.earned(month, is_estimate=True)
    )
    card = Product("p", "CARD", "云汀信用卡", "card", "on_site", "count", "张", "2026-01-01")
    sale = Sale(store.new_id(), customer, store.me.id, card.id, _now(), qty=1)
    found["one more sale on top of them, estimated"] = _p50(lambda: store.estimate_of(sale, card))
    found["the month as the screen reads it, both ways"] = _p50(lambda: store.pay(month))
    store.close()
    return found


def page_of(store: DeviceStore, customer: str) -> tuple[Any, ...]:
    """Read all that the page of a customer asks for before it is drawn, as the screen does."""
    now, today = _now(), bank_day(_now()).isoformat()
    return (
        store.customer(customer, now), store.timeline(customer, 31),
        store.contact_counts(customer), store.consents_said(customer),
        store.record_changes(customer),
        store.cases_done(customer), store.alerts_of(customer), store.cases_of(customer),
        store.promises_of(customer), store.accounts_of(customer), store.relations_of(customer),
        store.circle_of(customer),
        store.referrals_of(customer), store.sales_of(customer), store.attachments(customer),
        store.value_of(customer), store.states_of(customer), store.risk_of(customer),
        store.refusing([customer]), store.spared([customer]), store.preference_of(customer, now),
        store.advised(customer, today, now), store.conflicts(customer), store.requests(customer),
        store.own_requests(), store.collaborators_of(customer), store.consents_of(customer),
        store.going_on(customer), store.merges_of(customer), store.origins_of(customer),
        store.drafts(), store.draft(f"relation:{customer}"),
    )  # fmt: skip


def _drawn(store: DeviceStore, customer: str) -> None:
    """Read a page as after a change, when nothing is remembered."""
    store.forget_states()
    page_of(store, customer)


def _surround(store: DeviceStore, contacts: dict[str, int]) -> None:
    """Give every customer five accounts and an alert, and the first one much of both; some have
    had so many contacts."""
    me, at, busy = store.me.id, _now(), next(iter(contacts))
    everyone = [row.id for row in store.customers("", _EVERYONE)]
    held = [*(one for one in everyone for _ in range(5)), *([busy] * 15)]
    day = bank_day(at).isoformat()
    alerts = [(store.new_id(), one) for one in [*everyone, *([busy] * 19)]]
    made: list[tuple[str, Any]] = [
        *(("account", _account(store.new_id(), one, at)) for one in held),
        *(
            ("alert", Alert(id, one, "maturity", "normal", day, at, at + place))
            for place, (id, one) in enumerate(alerts)
        ),
        *(
            ("relation", Relation(store.new_id(), busy, "child", me, at, other_id=one))
            for one in everyone[1:11]
        ),
        *(
            ("interaction", _contact(store.new_id(), one, me, at, place))
            for one, many in contacts.items()
            for place in range(many)
        ),
    ]
    scope = f"portfolio:{me}"
    rows = [_row(scope, asdict(record), entity) for entity, record in made]
    _follow(store, scope, rows, 2)


def _contact(id: str, customer: str, me: str, at: int, place: int) -> Interaction:
    """One of a year's contacts, every third told by a system of the bank."""
    is_told = place % 3 == 2
    return Interaction(
        id, customer, "" if is_told else me, _CHANNELS[place % len(_CHANNELS)], "deposit",
        "follow_up", at - place * 4 * 3_600_000, note="谈到三年期存款到期后的去处，下月再谈。" * 3,
        source="客服系统" if is_told else None,
    )  # fmt: skip


def _account(id: str, customer: str, at: int) -> Account:
    return Account(id, customer, "time_deposit", "三年期", "8821", "core", 82_000_000, at, "0.0155")


def _follow(store: DeviceStore, scope: str, rows: list[Row], seq: int) -> None:
    following: PageLine = {
        **_page(scope, rows), "after": store.cursor(), "cursor": f"page {seq}", "seq": seq,
        "begin": [], "complete": [],
    }  # fmt: skip
    store.apply_page(following)


def _with_a_month_of_pay(store: DeviceStore) -> Period:
    """Give the user rules, a target and a month of sales, a quarter of them not confirmed."""
    at, me = _now(), store.me.id
    period, scope = bank_period(at), f"portfolio:{me}"
    terms = [
        {"product": "CARD", "kind": "UNIT", "metric": "COUNT", "unit_price": "60.00", **_SPEEDING},
        {"product": "LOAN", "kind": "TIER_MARGINAL", "metric": "AMOUNT", "tiers": _TIERS, **_HELD},
    ]
    rules = [
        CommissionRule(
            store.new_id(), str(each["product"]), 1, "u", "e", at,
            json.dumps({"id": each["product"], **_COMMON, **each}), "年度方案", "approved",
        )
        for each in terms
    ]  # fmt: skip
    shares = [_share(store, number, at) for number in range(100)]
    target = Target(target_id(me, "CARD", period), me, "CARD", period, "20")
    made = [("commission_rule", rules), ("sale_share", shares), ("target", [target])]
    rows = [
        _row(scope, asdict(record), entity)
        for entity, records in made
        for record in records  # type: ignore[attr-defined]
    ]
    _follow(store, scope, rows, 3)
    return period


def _share(store: DeviceStore, number: int, at: int) -> SaleShare:
    me, is_card, is_confirmed = store.me.id, number % 2 == 0, number % 4 != 0
    sale = store.new_id()
    event = {"ACTIVATED": bank_day(at).isoformat()} if is_confirmed else {}
    return SaleShare(
        share_id(sale, me), me, sale, me, "王*兰", "p", "CARD" if is_card else "LOAN", at,
        json.dumps([[me, 7_000], ["another", 3_000]] if number % 3 == 0 else [[me, 10_000]]),
        "confirmed" if is_confirmed else "submitted",
        qty=1 if is_card else None, amount=None if is_card else 90_000_00 + number,
        events=json.dumps(event), status="own",
    )  # fmt: skip


def filled(mirror: Engine, outbox: Engine, customers: int) -> DeviceStore:
    """Make a store that holds so many customers of one manager, as a first sync would."""
    numbers = iter(range(1, 2**60))
    store = DeviceStore(mirror, outbox, _now, lambda size: next(numbers).to_bytes(size))
    me = Employee(store.new_id(), "AM001", "林晓岚", "account_manager", store.new_id())
    store.enrol(store.new_id(), "token", "http://127.0.0.1", me)
    scope = f"portfolio:{me.id}"
    rows = [_row(scope, _customer(store.new_id(), me, place)) for place in range(customers)]
    store.apply_page(_page(scope, rows))
    return store


def _customer(id: str, me: Employee, place: int) -> Document:
    first, second, third = place % 20, place // 20 % 20, place // 400 % 20
    return REGISTRY["customer"].known(
        {
            "id": id,
            "kind": "person",
            "name": _SURNAMES[first] + _GIVEN[second] + _GIVEN[third],
            "initials": _INITIALS[first] + "x" + _INITIALS[third],
            "owner_id": me.id,
            "org_unit_id": me.org_unit_id,
            "phone": f"154{place * 7919 % 10**8:08}",
            "address": f"云汀市汀洲区望湖路{place % 300}号听澜苑{place % 40}幢",
            "birth_date": "1980-05-05",
        }
    )


def _row(scope: str, document: Document, entity: str = "customer") -> Row:
    return {
        "entity": entity,
        "id": str(document["id"]),
        "scope": scope,
        "op": "put",
        "version": 1,
        "doc": document,
    }


def _page(scope: str, rows: list[Row]) -> PageLine:
    return {
        "line": "page",
        "after": None,
        "cursor": "made here",
        "seq": 1,
        "begin": [scope],
        "complete": [scope],
        "gone": [],
        "rows": rows,
    }


def _save(store: DeviceStore, customer: str) -> None:
    visit = Interaction(
        id=store.new_id(),
        customer_id=customer,
        employee_id=store.me.id,
        channel="visit",
        purpose="deposit",
        outcome="follow_up",
        occurred_at=_now(),
        next_step="送方案",
        next_due="2026-11-26",
    )
    task = Task(store.new_id(), customer, "visit", "送方案", "2026-11-26", interaction_id=visit.id)
    store.commit(Insert.of("interaction", visit), Insert.of("task", task))


def _searching(store: DeviceStore, text: str) -> Callable[[], Any]:
    return lambda: store.customers(text, 50)


def _now() -> Millis:
    return Millis(time.time_ns() // 1_000_000)


def _p50(work: Callable[[], Any]) -> float:
    times = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)[_ROUNDS // 2]

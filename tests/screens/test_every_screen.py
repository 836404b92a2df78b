"""Every screen with nothing, one row, many and long names, in both languages, at every width."""

from typing import Any, get_args

import flet as ft
import pytest

from mobile_app.store.duplicate_records import DuplicateItem
from mobile_app.store.face_records import (
    AlertItem,
    CaseItem,
    CircleItem,
    MemberItem,
    PromiseItem,
    RelationItem,
    StepItem,
)
from mobile_app.store.records import (
    FeedItem,
    FieldRow,
    OutboxItem,
    RecordState,
    TimelineItem,
    Touch,
)
from mobile_app.store.sale_records import Outcome, ReferralItem
from shared.domain import (
    Account,
    Alert,
    CaseStep,
    ChurnRisk,
    CustomerState,
    CustomerValue,
    Employee,
    Identifier,
    Referral,
    Relation,
    ServiceCase,
    Task,
)
from shared.domain.channel_efficiency import Sold
from shared.domain.circle import CircleKind, Member, Sum
from shared.domain.customer_state import State
from shared.domain.customer_value import Tier
from shared.domain.interaction import Channel
from shared.domain.interaction import Outcome as Outcome_
from shared.domain.pillars import Planned
from shared.domain.provenance import Origin
from shared.domain.service_case import CaseKind, CaseStatus
from shared.domain.serving import Prices, Worked
from shared.errors import refused
from shared.findings import DeviceReport, Standing
from shared.money import Fen
from shared.testing.around import (
    a_case,
    a_case_step,
    a_referral,
    a_relation,
    a_risk,
    a_state,
    a_value,
    an_account,
    an_alert,
)
from tests.screens.cases import a_conflict, a_pair, a_request, an_issue, decided
from tests.screens.memory import (
    DAY_MS,
    LONG_COMPANY,
    NOW,
    MemoryDevice,
    MemoryStore,
    company,
    contact,
    person,
    todo,
)
from tests.screens.stage import opened, running

SUPERVISOR = Employee("e9", "SV001", "周建国", "supervisor", "u1")
FIGURES = (
    "", "/process", "/state", "/satisfaction", "/cost", "/quintiles", "/channels", "/retention",
    "/nothing",
)  # fmt: skip
MANAGERS_PLACES = (
    "/today", "/customers", "/log", "/me/sync", "/me", "/customers/c1", "/today/c1/log",
    "/customers/c1/sell", "/me/sales", "/me/catalogue", "/today/c1/al1", "/customers/c1/al2",
    "/today/c1/al3", "/today/c1/al4", "/customers/c1/case", "/today/c1/sc1", "/customers/c1/sc3",
    "/today/c1/sc4",
    *(f"/me/business{figure}" for figure in FIGURES),
)  # fmt: skip
SUPERVISORS_PLACES = (
    "/field", "/field/devices", "/inbox", "/inbox/c1", "/field/feed", "/customers", "/customers/c1",
    "/me", "/me/sync", "/customers/c1/al1", "/inbox/c1/al4",
    *(f"/field/business{figure}" for figure in FIGURES), "/inbox/du1", "/inbox/du2",
    "/inbox/du3", "/inbox/du4", "/inbox/du5", "/inbox/nobody",
    "/inbox/c1/sc1",
)  # fmt: skip
WIDTHS = (390, 700, 1280)


def a_circle(count: int, kind: CircleKind) -> CircleItem:
    """A family or group, one in three with a long name, every other one only claimed."""
    tie = "child" if kind == "family" else "shareholder"
    members = tuple(
        MemberItem(
            Member(f"c{n}", "", tie, n % 4 == 0, "c1", n % 2 == 0), f"c{n}",
            LONG_COMPANY if n % 3 == 2 else "刘秀兰", None if n % 2 else "刘秀兰", "欧阳文山",
        )
        for n in range(3, 3 + min(count, 40))
    )  # fmt: skip
    return CircleItem(kind, members, Sum(123_456_789, 2, len(members) + 1, NOW))


def filled(count: int, me: Employee) -> MemoryDevice:
    """A device with `count` of everything; one in three names is long."""
    device = MemoryDevice(MemoryStore(me))
    store = device.store
    numbers = range(1, count + 1)
    store.people = [company(n) if n % 3 == 2 else person(n) for n in numbers]
    kinds = ("visit", "call", "wechat", "follow_up")
    store.items = [
        todo(
            n,
            kind=kinds[n % 4],
            done=n % 5 == 0,
            overdue=n % 2 == 0,
            customer_name=LONG_COMPANY,
            promised=n % 3 == 0,
            origin=contact(n, direction="inbound") if n % 4 == 0 else None,
        )
        for n in numbers
    ]
    states = list(RecordState)
    standings = get_args(Standing)
    store.contacts["c1"] = [
        TimelineItem(contact(n), "王敏" if n % 2 else None, states[n % len(states)], ())
        for n in numbers
    ]
    store.identifiers = tuple(
        Identifier(f"x{n}", "c1", "id_card", f"32010619520312452{n}", f"452{n}", "core")
        for n in numbers[:3]
    )
    store.touches = tuple(
        Touch(contact(n, employee_id="e2"), "李强" if n % 2 else None) for n in numbers[:5]
    )
    store.outbox_items = [
        OutboxItem(
            f"o{n}", "interaction", f"i{n}", LONG_COMPANY, NOW, states[n % len(states)],
            refused("not_yours") if states[n % len(states)] is RecordState.ISSUE else None, n,
        )
        for n in numbers
    ]  # fmt: skip
    store.conflict_cards = [a_conflict(n, mine=None, customer_name=LONG_COMPANY) for n in numbers]
    store.issue_cards = [an_issue(n, customer_name=LONG_COMPANY) for n in numbers]
    store.request_cards = [a_request(n, own=n % 3 == 0) for n in numbers]
    store.pairs = [pair(n) for n in numbers]
    store.origins = {"c1": {"name": Origin("verified", NOW), "phone": Origin("manager", None)}}
    store.field_rows = [
        FieldRow(f"e{n}", "欧阳文山", n, n, 0, n, NOW if n % 2 else None, n % 3 or None, NOW)
        for n in numbers
    ]
    store.device_reports = [
        DeviceReport(
            f"d{n}", f"AM{n:03}", "欧阳文山", n % 3, NOW - n * DAY_MS if n % 3 else None,
            NOW - n * 3_600_000, n * 60_000, standings[n % 3], n % 2,
        )
        for n in numbers
    ]  # fmt: skip
    store.feed_items = [
        FeedItem(contact(n), LONG_COMPANY, "organisation", None, states[n % len(states)], ())
        for n in numbers
    ]
    store.alert_items = [alert(n, states[n % len(states)]) for n in numbers]
    store.accounts = [account(n) for n in numbers]
    if count > 1:
        store.circles = {"c1": a_circle(count, "family"), "c2": a_circle(count, "group")}
    store.referred = [referred(n, states[n % len(states)]) for n in numbers]
    fill_business(store, numbers)
    store.service = [a_service(n, states[n % len(states)]) for n in numbers]
    store.service_log = [a_line(n, states[n % len(states)]) for n in numbers]
    store.promise_items = [
        PromiseItem(
            Task(
                f"p{n}", "c1", kinds[n % 4], LONG_COMPANY, "2026-11-2" + str(n % 8 + 1),  # type: ignore[arg-type]
                status=("open", "done", "dropped")[n % 3], promised=True,
            ),
            states[n % len(states)],
        )
        for n in numbers
    ]  # fmt: skip
    store.ties = [tie(n, states[n % len(states)]) for n in numbers]
    return device


def fill_business(store: MemoryStore, numbers: range) -> None:
    """Contacts through every channel, plans, sales, values, and states that went on."""
    channels, outcomes = get_args(Channel), get_args(Outcome_)
    stood = get_args(State)
    store.all_worked = [
        Worked(
            f"c{n}", f"e{n % 3}", channels[n % len(channels)], outcomes[n % len(outcomes)],
            NOW - n * DAY_MS, n * 60_000 if n % 4 else None, n % 5 + 1 if n % 2 else None,
            "service" if n % 3 else "deposit",
        )
        for n in numbers
    ]  # fmt: skip
    store.all_planned = [
        Planned(f"e{n % 3}", f"2026-11-{n % 28 + 1:02}", "done" if n % 2 else "open")
        for n in numbers
    ]
    store.all_sold = [Sold(f"c{n}", NOW - n * DAY_MS, 10**n % 10**12) for n in numbers]
    store.priced = Prices(Fen(150), {"counter": Fen(600)})
    store.values = [value(n) for n in numbers]
    store.stood_changes = [
        CustomerState(**a_state(f"c{n}", state=state, since=since))  # type: ignore[arg-type]
        for n in numbers
        for state, since in (
            ("stable", "2026-10-01"),
            (stood[n % len(stood)], f"2026-11-{n % 20 + 1:02}"),
        )
    ]
    store.risks = [ChurnRisk(**a_risk(f"c{n}")) for n in numbers]  # type: ignore[arg-type]


def value(n: int) -> CustomerValue:
    """Some bring much, some cost; every tier in turn."""
    fields: dict[str, Any] = {
        "contribution": (-n) ** 9 % 10**9, "revenue": n**9, "loss": n**4,
        "tier": get_args(Tier)[n % 4],
    }  # fmt: skip
    return CustomerValue(**a_value(f"c{n}", **fields))  # type: ignore[arg-type]


def pair(n: int) -> DuplicateItem:
    """To decide, no longer to decide, merged, distinct and split, in turn."""
    step = ("open", "open", "merged", "distinct", "split")[(n - 1) % 5]
    said = {} if step == "open" else decided(step, "job:identity" if n % 2 else "e9")
    one, other = (company(n), company(n + 1000)) if n % 3 == 2 else (person(n), person(n + 1000))
    whole = other if step != "merged" else None
    return a_pair(n, one, whole, n % 5 == 2, **said)


def alert(n: int, state: RecordState) -> AlertItem:
    """The first is open, the second checked, the third another kind, the fourth handled."""
    checked = {"status": "checked", "answers": "no,no,unknown", "checked_at": NOW}
    handled = {
        **checked, "status": "handled", "cause": "fraud_suspected", "action": "reported",
        "note": LONG_COMPANY, "handled_at": NOW, "employee_id": "e1",
    }  # fmt: skip
    kinds: tuple[dict[str, Any], ...] = (
        {"kind": "satisfaction", "severity": "high"},
        handled,
        {},
        checked,
    )
    fields = kinds[(n + 1) % 4] | {"id": f"al{n}", "raised_at": NOW - n * 3_600_000}
    made = Alert(**an_alert("c1", **fields))  # type: ignore[arg-type]
    return AlertItem(made, LONG_COMPANY, None, state, None, contact(1) if n % 2 else None)


def a_service(n: int, state: RecordState) -> CaseItem:
    """One of every state in turn, every other one from a system of the bank."""
    kinds = get_args(CaseKind)
    fields = {
        "id": f"sc{n}", "kind": kinds[n % 5], "severity": ("urgent", "high", "normal")[n % 3],
        "subject": LONG_COMPANY, "status": get_args(CaseStatus)[n % 6],
        "opened_at": NOW - n * 3_600_000, "source": "call" if n % 2 else None,
        "resolution": LONG_COMPANY if n % 6 in (3, 4) else None,
        "satisfaction": 4 if n % 6 == 4 else None,
    }  # fmt: skip
    made = ServiceCase(**a_case("c1", **fields))  # type: ignore[arg-type]
    return CaseItem(made, LONG_COMPANY, None if n % 2 else "欧阳文山", None, state)


def a_line(n: int, state: RecordState) -> StepItem:
    """A line of the first case's log, with and without a step."""
    case = a_case("c1", id="sc1")
    status = get_args(CaseStatus)[n % 6] if n % 2 else None
    made = a_case_step(case, "e1", id=f"l{n}", what=LONG_COMPANY, status=status)
    return StepItem(CaseStep(**made), None if n % 2 else "欧阳文山", state)  # type: ignore[arg-type]


def account(n: int) -> Account:
    """One of every kind in turn."""
    kinds = ("demand", "time_deposit", "wealth", "loan")
    fields = {"id": f"ac{n}", "kind": kinds[n % 4], "name": LONG_COMPANY, "balance": 10**n % 10**12}
    return Account(**an_account("c1", **fields))  # type: ignore[arg-type]


def tie(n: int, state: RecordState) -> RelationItem:
    """A claim, a fact and one that ended, in turn."""
    status = ("claimed", "verified", "ended")[n % 3]
    made = Relation(**a_relation("c1", "e1", id=f"r{n}", status=status, reason="户口本"))  # type: ignore[arg-type]
    other = "c2" if n % 2 else None
    return RelationItem(made, other, LONG_COMPANY, n % 4 == 0, None, False, state)


def referred(n: int, state: RecordState) -> ReferralItem:
    """To answer, taken on, declined, taken back and done, in turn; with what came of them."""
    status = ("offered", "accepted", "declined", "withdrawn", "done")[n % 5]
    fields = {"id": f"rf{n}", "status": status, "reason": LONG_COMPANY, "note": LONG_COMPANY}
    made = Referral(**a_referral("c1", "e1", "e2", **fields))  # type: ignore[arg-type]
    sold = Outcome(
        f"s{n}", "c1" if n % 2 else None, LONG_COMPANY, made.id, None, 1, 10**n % 10**12,
        "confirmed", NOW, ((LONG_COMPANY, 7_000), ("", 3_000)),
    )  # fmt: skip
    name = "欧阳文山" if n % 2 else None
    followed = (sold,) * (n % 3)
    return ReferralItem(made, name, "王敏", LONG_COMPANY, followed, n % 2 == 0, n % 2 == 1, state)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("count", [0, 1, 40])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_place_of_a_manager_shows(language: str, count: int, width: int) -> None:
    async def scene() -> None:
        stage = await opened(filled(count, MemoryStore().me), width, language=language)
        for place in MANAGERS_PLACES:
            await stage.go(place)

            assert stage.texts(), place
            assert not stage.says(stage.here.words("broken")), place

    running(scene)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("count", [0, 1, 40])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_place_of_a_supervisor_shows(language: str, count: int, width: int) -> None:
    async def scene() -> None:
        stage = await opened(filled(count, SUPERVISOR), width, language=language)
        for place in SUPERVISORS_PLACES:
            await stage.go(place)

            assert stage.texts(), place
            assert not stage.says(stage.here.words("broken")), place

    running(scene)


@pytest.mark.parametrize("scale", ["1.0", "2.0"])
@pytest.mark.parametrize("role", ["manager", "supervisor"])
def test_nothing_in_a_row_that_wraps_asks_for_a_share_of_it(role: str, scale: str) -> None:
    """The client shows a grey box for it, which no text gives away."""
    me, places = {
        "manager": (MemoryStore().me, MANAGERS_PLACES),
        "supervisor": (SUPERVISOR, SUPERVISORS_PLACES),
    }[role]

    async def scene() -> None:
        stage = await opened(filled(4, me))
        stage.here.look.enlarge(scale)
        for place in places:
            await stage.go(place)
            boxes = [one for row in stage.shown(ft.Row) if row.wrap for one in row.controls]

            assert [one for one in boxes if getattr(one, "expand", None) is not None] == [], place

    running(scene)


@pytest.mark.parametrize("status", ["syncing", "offline", "waiting", "signed_out", "revoked"])
def test_the_sync_centre_shows_every_state_of_the_link(status: str) -> None:
    async def scene() -> None:
        device = filled(4, MemoryStore().me)
        stage = await opened(device)
        await stage.go("/me/sync")

        device.runner.become(status)
        await stage.settle()

        assert stage.says(stage.here.words(f"sync.status.{status}"))
        assert stage.says(stage.here.words(f"status.{status}"))

    running(scene)


@pytest.mark.parametrize("role", ["auditor", "operator"])
def test_roles_of_the_branch_machine_are_told_where_their_work_is(role: str) -> None:
    async def scene() -> None:
        me = Employee("e8", "AU001", "钱进", role, "u1")  # type: ignore[arg-type]
        stage = await opened(MemoryDevice(MemoryStore(me)))

        assert stage.says("支行主机")

    running(scene)


def test_an_unknown_path_leads_home() -> None:
    async def scene() -> None:
        stage = await opened(MemoryDevice())
        await stage.go("/nowhere/at/all")

        await stage.tap("回首页")

        assert stage.all_views() == ["/today"]

    running(scene)


def test_a_row_has_the_text_of_every_state() -> None:
    async def scene() -> None:
        stage = await opened(filled(8, MemoryStore().me))
        await stage.go("/today/c1")

        for word in ("本机", "已送达", "待升级", "已入档", "需处理"):
            assert stage.says(word)

    running(scene)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("count", [0, 1, 40])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_screen_turned_to_a_customer_shows(language: str, count: int, width: int) -> None:
    async def scene() -> None:
        stage = await opened(filled(count, MemoryStore().me), width, language=language)

        stage.here.gate.face("c1")
        await stage.settle()

        assert stage.says(stage.here.words("facing.leave"))
        assert not stage.says("这里出了问题")

    running(scene)

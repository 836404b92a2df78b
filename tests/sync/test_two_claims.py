"""Two devices claim one card without a network; the same fen on both of them and on the server."""

from collections.abc import Iterator

import pytest
from pydantic_core import to_json

from shared.commission.months import Period
from shared.domain.crediting import entries_digest
from shared.domain.sale_share import share_id
from shared.domain.statement import statement_id
from shared.registry import REGISTRY, Document
from shared.sync.change import Insert, Transition
from shared.testing.selling import a_commission_rule, a_product, a_sale
from sync_server.store.authority import credit
from sync_server.store.core_events import take_events
from sync_server.store.unit_of_work import Actor, UnitOfWork
from tests.server.selling_bank import told
from tests.sync.world import BOSS, CUSTOMERS, HEAD_OFFICE, LIN, ZHOU, Branch, Tablet, World

APRIL, NOVEMBER = Period("2026-04"), Period("2026-11")
CARD = a_product()


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    world.branch.bring("product", CARD)
    rule = a_commission_rule(BOSS, HEAD_OFFICE, status="approved")
    world.branch.bring("commission_rule", rule)
    for tablet in world.tablets:
        tablet.sync()
    yield world
    world.close()


def confirm(branch: Branch, ref: str) -> None:
    """Have the bank's systems say that a card was activated."""
    with branch.database.writing() as connection:
        unit = UnitOfWork(connection, Actor("import:core"), branch.now)
        take_events(unit, [told("ACTIVATED", "2026-04-03", ref=ref)])
        unit.finish()
    branch.remember()


def claim(tablet: Tablet, customer: str, ref: str = "C-1", shares: str = "") -> Document:
    """Hand a card in on a device, which need not have a network."""
    me = tablet.identity.employee.id
    id = tablet.store.new_id()
    sale = a_sale(customer, me, str(CARD["id"]), id=id, shares=shares)
    step = Transition("sale", id, "status", "intent", "submitted", {"external_ref": ref})
    tablet.save(Insert("sale", sale), step)
    return sale


def settle(*tablets: Tablet) -> None:
    for _ in range(2):
        for tablet in tablets:
            tablet.sync()


def agreed(tablet: Tablet, who: str) -> int:
    """What is payable for April by the server's statement, which the device finds again itself."""
    own = tablet.store.earned(NOVEMBER, is_estimate=False)
    statement = tablet.branch.rows()["statement", statement_id(who, APRIL)].document
    assert entries_digest(own.entries_of(APRIL)) == statement["digest"]
    [row] = [row for row in own.statements if row.period == APRIL]
    assert row.payable == statement["payable"]
    return row.payable


def test_two_devices_claim_one_card_and_are_paid_as_decided(world: World) -> None:
    """T7: 0.00 while it is held; 36.00 and 24.00 once 60/40 is decided; never 120.00."""
    lin, zhou, boss = world.tablets
    first, second = claim(lin, CUSTOMERS[0]), claim(zhou, CUSTOMERS[2])
    settle(lin, zhou)
    confirm(world.branch, "C-1")
    settle(lin, zhou, boss)
    for tablet, sale, who in ((lin, first, LIN), (zhou, second, ZHOU)):
        [share] = tablet.store.shares()
        assert (share.sale_id, share.status, share.stands) == (sale["id"], "contested", False)
        assert tablet.store.earned(NOVEMBER, is_estimate=False).statements == ()
        assert ("statement", statement_id(who, APRIL)) not in world.branch.rows()

    decided = to_json([[LIN, 6_000], [ZHOU, 4_000]]).decode()
    said = {"decided": decided, "reason": "两人一起"}
    id = share_id(str(second["id"]), ZHOU)
    boss.save(Transition("sale_share", id, "status", "contested", "decided", said))
    settle(boss, lin, zhou)

    assert (agreed(lin, LIN), agreed(zhou, ZHOU)) == (3_600, 2_400)
    assert lin.store.shares()[0].status == "decided"


def test_a_colleague_accepts_on_their_own_device(world: World) -> None:
    lin, zhou, _ = world.tablets
    sale = claim(lin, CUSTOMERS[0], shares=to_json([[LIN, 7_000], [ZHOU, 3_000]]).decode())
    settle(lin, zhou)
    confirm(world.branch, "C-1")
    [offer] = zhou.store.shares()
    assert (offer.status, offer.due_on, offer.customer_label) == ("offered", "2026-11-23", "客*0")

    step = Transition(
        "sale_share", share_id(str(sale["id"]), ZHOU), "status", "offered", "accepted"
    )
    zhou.save(step)
    settle(zhou, lin)

    assert (agreed(lin, LIN), agreed(zhou, ZHOU)) == (4_200, 1_800)


def test_a_device_finds_what_the_server_paid_also_after_a_close(world: World) -> None:
    lin, *_ = world.tablets
    claim(lin, CUSTOMERS[0])
    settle(lin)
    confirm(world.branch, "C-1")
    with world.branch.database.writing() as connection:
        unit = UnitOfWork(connection, Actor("import:test"), world.branch.now)
        period = world.branch.rows()["pay_period", _april(world)].document
        people = {"employee_id": BOSS, "checker_id": "another"}
        closing = {**period, **people, "status": "closing"}
        unit.import_rows(REGISTRY["pay_period"], [closing])
        credit(unit)
        unit.finish()
    world.branch.remember()

    settle(lin)

    assert agreed(lin, LIN) == 6_000
    assert lin.store.ledger().closed_through == APRIL


def _april(world: World) -> str:
    found = [
        id
        for (entity, id), row in world.branch.rows().items()
        if entity == "pay_period" and row.document["period"] == APRIL
    ]
    [period] = found
    return period

"""Devices know which organisations are perhaps the bank's, through the real application.

Nothing of this holds the list itself: what a device has is its own customers and the roll.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from mobile_app.store.face_records import Known
from shared.collision import FULL
from shared.domain.days import bank_day
from shared.identity import uscc_check
from shared.registry import REGISTRY, Document
from shared.testing.around import a_prospect
from shared.testing.builders import NOW, a_customer, a_duplicate, an_identifier
from sync_server.store.database import Database, open_postgresql, open_sqlite
from sync_server.store.merging import merge_customers
from sync_server.store.roll import _bring, _made, bring_roll
from sync_server.store.unit_of_work import CHUNK, Actor, UnitOfWork
from tests.device.handset import Handset, done
from tests.server.blob_bank import BlobBank
from tests.server.sql_store import empty

DAY_MS = 24 * 3_600_000


def a_code(body: str) -> str:
    """A credit code that passes its check."""
    return body + uscc_check(body)


NAME, CODE = "云港（江南）船舶重工有限公司", a_code("91320000MA1RPLLA3")


class RollBank(BlobBank):
    """A branch in which a stranger looks after an organisation, and Lin's device."""

    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database)
        self.now: int = NOW
        self.yard = self.comes(self.stranger, NAME)
        self.store.bring("identifier", an_identifier(self.yard, kind="uscc", value=CODE.lower()))
        self.handset = Handset(self, folder / "lin", self.lin)

    def comes(self, owner: Document, *names: str) -> str:
        """Organisations come into the record; return the id of the last."""
        made = [a_customer(str(owner["id"]), kind="organisation", name=name) for name in names]
        self.store.bring("customer", *made)
        return str(made[-1]["id"])

    def changes(self, id: str, **values: Any) -> None:
        """A bank system says otherwise of a customer."""
        self.store.bring("customer", {**self.store.rows("customer")[id].document, **values})

    def does(self, work: Any) -> None:
        """Something is done in one transaction of the server's."""
        with self.database.writing() as connection:
            unit = UnitOfWork(connection, Actor("job:test"), self.now)
            work(unit)
            unit.finish()

    def another_day(self) -> None:
        """A day passes, and the server looks at the calendar."""
        self.now += DAY_MS
        bring_roll(self.database, self.now)

    @property
    def today(self) -> str:
        return bank_day(self.now).isoformat()

    def asks(self, name: str, code: str = "") -> Known:
        """What Lin's device says after an exchange."""
        assert done(self.handset.runner.sync_once) is not None
        return self.handset.store.perhaps_known(name, code)


@pytest.fixture(params=["sqlite", "postgresql"])
def bank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RollBank]:
    if request.param == "sqlite":
        database = open_sqlite(tmp_path / "fieldbook.db")
    else:
        database = empty(open_postgresql(request.getfixturevalue("postgresql_url")))
    made = RollBank(database, tmp_path)
    yield made
    made.handset.close()
    database.close()


def test_a_colleagues_customer_is_perhaps_known_by_name_and_by_code(bank: RollBank) -> None:
    bring_roll(bank.database, NOW)

    assert bank.asks("云港(江南) 船舶重工") == Known("perhaps", bank.today)
    assert bank.asks("", CODE) == Known("perhaps", bank.today)
    assert bank.asks("另一个名字", CODE) == Known("perhaps", bank.today)
    assert bank.asks("云港船舶重工") == Known("not_known", bank.today)
    held = [row.name for row in bank.handset.store.customers("")]
    assert held == [bank.customer["name"]]


def test_a_person_is_not_on_the_roll(bank: RollBank) -> None:
    bring_roll(bank.database, NOW)

    assert bank.asks(str(bank.strangers["name"])) == Known("not_known", bank.today)


def test_a_device_without_a_roll_cannot_say(bank: RollBank) -> None:
    assert bank.asks(NAME) == Known("cannot_say")


def test_ones_own_organisation_is_known_exactly(bank: RollBank) -> None:
    mine = bank.comes(bank.lin, "山河（云港）贸易有限公司")
    code = a_code("91320000MA1RPLLB1")
    bank.store.bring("identifier", an_identifier(mine, kind="uscc", value=code))
    bank.asks(NAME)

    own = bank.handset.store.own_organisations()

    keys = "name 山河云港贸易", f"code {code}"
    assert own == dict.fromkeys(keys, (mine, "山河（云港）贸易有限公司"))


def test_an_organisation_that_came_today_is_on_the_roll_at_the_next_look(bank: RollBank) -> None:
    bring_roll(bank.database, NOW)
    assert bank.asks("新城建设集团").answer == "not_known"
    bank.comes(bank.zhou, "新城建设集团有限公司")

    bring_roll(bank.database, NOW)

    assert bank.asks("新城建设集团") == Known("perhaps", bank.today)
    assert bank.asks(NAME) == Known("perhaps", bank.today)


def test_a_look_at_which_no_organisation_came_writes_nothing(bank: RollBank) -> None:
    bring_roll(bank.database, NOW)
    bank.store.bring("customer", a_customer(str(bank.zhou["id"])))
    bank.changes(bank.yard, industry="造船")
    before = bank.store.head()

    bring_roll(bank.database, NOW + 600_000)

    assert bank.store.head() == before


def test_a_day_on_which_nothing_changed_says_so_in_one_row(bank: RollBank) -> None:
    bring_roll(bank.database, NOW)
    parts = bank.store.rows("roll_part")

    bank.another_day()

    assert bank.store.rows("roll_part") == parts
    assert bank.asks(NAME) == Known("perhaps", bank.today)


def test_a_former_name_goes_and_the_new_one_comes(bank: RollBank) -> None:
    bring_roll(bank.database, NOW)
    bank.changes(bank.yard, name="长河船舶有限公司")

    bank.another_day()

    assert bank.asks(NAME).answer == "not_known"
    assert bank.asks("长河船舶").answer == "perhaps"
    assert bank.asks(NAME, CODE).answer == "perhaps"


def test_one_who_was_merged_is_known_by_both_names(bank: RollBank) -> None:
    other = bank.comes(bank.stranger, "云港江南造船厂")
    pair = a_duplicate(bank.yard, other)
    bank.does(lambda unit: merge_customers(unit, pair))

    bank.another_day()

    assert bank.asks(NAME).answer == bank.asks("云港江南造船厂").answer == "perhaps"


def test_one_who_is_gone_from_the_record_is_gone_from_the_roll(bank: RollBank) -> None:
    gone = bank.comes(bank.stranger, "旧港仓储有限公司")
    bring_roll(bank.database, NOW)
    assert bank.asks("旧港仓储").answer == "perhaps"
    scope = bank.store.rows("customer")[gone].scope
    bank.does(lambda unit: unit.remove(REGISTRY["customer"], gone, scope, 2))

    bank.another_day()

    assert bank.asks("旧港仓储").answer == "not_known"


def test_a_roll_that_is_divided_anew_loses_nobody(bank: RollBank) -> None:
    bring_roll(bank.database, NOW)
    assert bank.asks(NAME).answer == "perhaps"
    names = [f"云港第{number}贸易有限公司" for number in range(2 * FULL)]
    for start in range(0, len(names), CHUNK):
        bank.comes(bank.stranger, *names[start : start + CHUNK])

    bring_roll(bank.database, NOW)

    assert len(bank.store.rows("roll_part")) == 4
    assert bank.asks(NAME).answer == "perhaps"
    ask = bank.handset.store.perhaps_known
    assert {ask(name).answer for name in names} == {"perhaps"}


def test_an_overtaken_look_does_not_take_back_what_a_later_one_brought(bank: RollBank) -> None:
    slow = _made(bank.database, bank.today)
    bank.comes(bank.zhou, "新城建设集团有限公司")
    bring_roll(bank.database, NOW)
    assert slow is not None

    bank.does(lambda unit: _bring(unit, slow))

    assert bank.asks("新城建设集团").answer == bank.asks(NAME).answer == "perhaps"


def test_processes_that_look_at_the_same_moment_make_one_roll(bank: RollBank) -> None:
    both = Barrier(2)

    def look() -> None:
        both.wait()
        bring_roll(bank.database, NOW)

    with ThreadPoolExecutor(2) as pool:
        assert [each.result() for each in [pool.submit(look) for _ in range(2)]] == [None, None]

    assert len(bank.store.rows("roll")) == 1
    assert bank.asks(NAME) == Known("perhaps", bank.today)


def test_the_salt_stays_and_is_not_that_of_another_bank(bank: RollBank, tmp_path: Path) -> None:
    bring_roll(bank.database, NOW)
    [mine] = bank.store.rows("roll").values()
    bank.another_day()
    other = BlobBank(open_sqlite(tmp_path / "other.db"))
    bring_roll(other.database, NOW)

    [again], [theirs] = bank.store.rows("roll").values(), other.store.rows("roll").values()

    assert again.document["salt"] == mine.document["salt"] != theirs.document["salt"]
    other.database.close()


def test_what_a_colleague_has_claimed_is_perhaps_known_until_they_release_it(
    bank: RollBank,
) -> None:
    claim = a_prospect(str(bank.stranger["id"]), name="云汀重工有限公司")
    bank.store.bring("prospect", claim)
    bank.another_day()
    assert bank.asks("云汀重工").answer == "perhaps"

    bank.store.bring("prospect", {**claim, "status": "released"})
    bank.another_day()

    assert bank.asks("云汀重工").answer == "not_known"

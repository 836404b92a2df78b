"""Two records of one person have, once they are merged, each alert once."""

import pytest

from shared.registry import Document
from shared.testing.builders import NOW, a_customer
from sync_server.store.database import Database
from sync_server.store.dated import look_at_dates
from sync_server.store.deciding import merge_by_hand
from sync_server.store.maturing import look_at_maturities
from tests.server.account_bank import PHONE, AccountBank, account
from tests.server.importing import TODAY

DAY_MS = 24 * 3_600_000
PASSPORT = {"id_kind": "passport", "id_number": "E12345678"}
CALLS = "source,call_id,at,direction,result,summary,score,id_kind,id_number"


class TwiceKnown(AccountBank):
    """A branch that has 单晓敏 twice; the later record holds a time deposit and an account."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.store.bring("customer", self.customer_now() | {"birth_date": "1949-11-20"})
        other = a_customer(str(self.lin["id"]), name="单晓敏", phone=PHONE, birth_date="1949-11-20")
        self.store.bring("customer", other)
        self.other = str(other["id"])
        self.identify(self.other, "E12345678", "passport")
        deposit = account("7001", kind="time_deposit", matures_on="2026-12-10", **PASSPORT)
        self.accounts(deposit, account("7002", balance="900000.00", **PASSPORT))

    def merge(self) -> None:
        """Let the elder record go on."""
        pair = (str(self.customer["id"]), self.other)
        self.database.write(lambda connection: merge_by_hand(connection, pair, "看过证件", NOW + 1))
        assert {alert["customer_id"] for alert in self.alerts()} <= {self.customer["id"]}

    def handle(self, kind: str) -> Document:
        """Let somebody have handled the alert of a kind; return it."""
        [alert] = [each for each in self.alerts(kind) if each["customer_id"] == self.other]
        self.store.bring("alert", {**alert, "status": "handled"})
        return alert

    def said(self, kind: str) -> list[str]:
        """The states of the alerts of a kind."""
        return sorted(str(alert["status"]) for alert in self.alerts(kind))


@pytest.fixture
def bank(database: Database) -> TwiceKnown:
    return TwiceKnown(database)


def test_money_that_was_handled_before_the_merge_is_not_told_again(bank: TwiceKnown) -> None:
    bank.handle("maturity")
    bank.merge()

    look_at_maturities(bank.database, NOW + DAY_MS)

    assert bank.said("maturity") == ["handled"]


@pytest.mark.parametrize("was", ["open", "handled"])
def test_of_two_birthdays_one_stays(bank: TwiceKnown, was: str) -> None:
    look_at_dates(bank.database, NOW)
    if was == "handled":
        bank.handle("birthday")
    bank.merge()

    look_at_dates(bank.database, NOW + DAY_MS)

    assert bank.said("birthday") == sorted([was, "withdrawn"])
    look_at_dates(bank.database, NOW + 2 * DAY_MS)
    assert bank.said("birthday") == sorted([was, "withdrawn"])


def test_a_score_that_was_told_before_the_merge_is_told_once(bank: TwiceKnown) -> None:
    call = "cc,1,2026-11-17 10:00,inbound,answered,{},1,passport,E12345678"
    bank.takes("calls", "\n".join([CALLS, call.format("不满意"), ""]))
    bank.merge()

    bank.takes("calls", "\n".join([CALLS, call.format("很不满意"), ""]))

    assert bank.said("satisfaction") == ["open"]


def test_a_day_whose_flow_stands_goes_on_in_its_alert(bank: TwiceKnown) -> None:
    bank.flows(f"core,7002,{TODAY},0.00,100000.00")
    bank.merge()

    bank.flows(f"core,7002,{TODAY},0.00,150000.00")

    [alert] = bank.alerts("abnormal_flow")
    assert (alert["status"], alert["amount"]) == ("open", 15_000_000)

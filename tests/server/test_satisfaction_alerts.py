"""What customers think less of us than before is an alert in the exchange that brings it."""

import pytest

from shared.domain.alert import due_at
from shared.registry import Document
from shared.testing.builders import NOW, a_caller, an_interaction, insert, txn
from sync_server.store.database import Database
from tests.server.account_bank import AccountBank

HOUR_MS = 3_600_000


class Asked:
    """A customer who is asked every hour how satisfied they are."""

    def __init__(self, bank: AccountBank) -> None:
        self.bank, self.times = bank, 0

    def visit(self, score: int | None, **fields: object) -> Document:
        """A visit that is not sent yet; the next hour's if nothing else is said."""
        self.times += 1
        when = {"occurred_at": NOW + (self.times - 100) * HOUR_MS}
        customer, lin = str(self.bank.customer["id"]), str(self.bank.lin["id"])
        return an_interaction(customer, lin, satisfaction=score, **(when | fields))

    def sends(self, *visits: Document) -> None:
        """Bring visits in one exchange."""
        caller = a_caller(str(self.bank.lin["id"]))
        said = self.bank.store.push(caller, [txn(insert("interaction", each)) for each in visits])
        assert [each["status"] for each in said] == ["applied"] * len(visits)

    def scores(self, *scores: int | None) -> None:
        """Bring scores one by one."""
        for score in scores:
            self.sends(self.visit(score))

    def alarms(self) -> list[object]:
        """What the alerts rest on."""
        return [alert["evidence"] for alert in self.bank.alerts("satisfaction")]


@pytest.fixture
def asked(database: Database) -> Asked:
    return Asked(AccountBank(database))


@pytest.mark.parametrize("scores", [(5, 4), (4, 3), (5, 5, 4), (4, 5, 5, 5, 5, 5, 4), (3,), (1,)])
def test_a_step_below_the_median_or_a_low_first_score_alarms(
    asked: Asked, scores: tuple[int, ...]
) -> None:
    asked.scores(*scores[:-1])
    before = len(asked.alarms())
    last = asked.visit(scores[-1])

    asked.sends(last)

    assert last["id"] in asked.alarms()
    assert len(asked.alarms()) == before + 1


@pytest.mark.parametrize(
    "scores", [(4,), (5,), (None, 4), (4, 4), (4, 5), (4, 5, 4), (5, 4, None), (4, 4, 5, 5, 4)]
)
def test_what_is_no_drop_does_not_alarm(asked: Asked, scores: tuple[int | None, ...]) -> None:
    asked.scores(*scores[:-1])
    before = asked.alarms()

    asked.scores(scores[-1])

    assert asked.alarms() == before


def test_only_the_last_six_count(asked: Asked) -> None:
    asked.scores(*[5] * 10)
    asked.scores(*[4] * 6)
    before = asked.alarms()

    asked.scores(4)

    assert asked.alarms() == before


def test_scores_of_one_exchange_are_each_held_against_those_before(asked: Asked) -> None:
    visits = [asked.visit(score) for score in (5, 2, 5, 4)]

    asked.sends(*visits)

    assert set(asked.alarms()) == {visits[1]["id"], visits[3]["id"]}


def test_a_score_that_comes_late_is_held_against_those_before_it(asked: Asked) -> None:
    late = asked.visit(4)
    asked.scores(5, 5)

    asked.sends(late)

    assert asked.alarms() == []


def test_a_score_that_was_corrected_does_not_count(asked: Asked) -> None:
    wrong = asked.visit(5)
    asked.sends(wrong)
    asked.sends(asked.visit(4, supersedes=wrong["id"]))
    before = asked.alarms()

    asked.scores(4)

    assert asked.alarms() == before == []


def test_a_score_that_was_never_given_does_not_count(asked: Asked) -> None:
    wrong = asked.visit(1)
    asked.sends(wrong)
    asked.sends(asked.visit(None, supersedes=wrong["id"]))
    first = asked.visit(3)

    asked.sends(first)

    told = {each["evidence"]: each["status"] for each in asked.bank.alerts("satisfaction")}
    assert told == {wrong["id"]: "withdrawn", first["id"]: "open"}


def test_a_low_score_that_was_corrected_takes_its_alert_back(asked: Asked) -> None:
    wrong = asked.visit(1)
    asked.sends(wrong)

    asked.sends(asked.visit(5, supersedes=wrong["id"]))

    assert [each["status"] for each in asked.bank.alerts()] == ["withdrawn"]


def test_a_score_that_stays_low_when_it_is_corrected_keeps_its_alert(asked: Asked) -> None:
    wrong = asked.visit(3, occurred_at=NOW)
    asked.sends(wrong)
    right = asked.visit(1, occurred_at=NOW, supersedes=wrong["id"])

    asked.sends(right)

    [alert] = asked.bank.alerts()
    assert (alert["status"], alert["severity"]) == ("open", "high")
    assert (alert["evidence"], alert["due_at"]) == (right["id"], due_at(NOW, "high"))


def test_what_was_handled_is_not_told_again_by_a_correction(asked: Asked) -> None:
    wrong = asked.visit(1)
    asked.sends(wrong)
    [alert] = asked.bank.alerts()
    asked.bank.store.bring("alert", {**alert, "status": "handled"})

    asked.sends(asked.visit(2, supersedes=wrong["id"]))

    assert [each["status"] for each in asked.bank.alerts()] == ["handled"]


@pytest.mark.parametrize(("score", "severity"), [(3, "normal"), (2, "high")])
def test_the_lower_the_score_the_sooner_it_is_due(asked: Asked, score: int, severity: str) -> None:
    visit = asked.visit(score, occurred_at=NOW)

    asked.sends(visit)

    [alert] = asked.bank.alerts()
    assert (alert["severity"], alert["day"], alert["amount"]) == (severity, "2026-11-18", None)


def test_the_same_exchange_again_alarms_no_more(asked: Asked) -> None:
    caller = a_caller(str(asked.bank.lin["id"]))
    batch = [txn(insert("interaction", asked.visit(2)))]
    asked.bank.store.push(caller, batch)
    before = asked.bank.store.head()

    asked.bank.store.push(caller, batch)

    assert (asked.bank.store.head(), len(asked.alarms())) == (before, 1)


def test_a_low_score_in_a_batch_with_other_work_alarms_as_well(asked: Asked) -> None:
    """A batch that is more than new records takes the longer way through the arbiter."""
    lin, visit = str(asked.bank.lin["id"]), asked.visit(1)
    first = asked.visit(5)
    asked.sends(first)

    asked.bank.store.push(
        a_caller(lin),
        [txn(insert("interaction", first)), txn(insert("interaction", visit))],
    )

    assert visit["id"] in asked.alarms()

"""The steps of the story: what people do where, and how the record shows that they did.

Whoever plays it by hand in the app, and the devices that play it by themselves, are held to the
same marks in the shared record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, NamedTuple

from fieldbook.clock import now
from shared.domain import Customer, Employee
from shared.domain.days import bank_day
from shared.registry import Document
from sync_server.demo import Bank, story_customer, story_daughter
from sync_server.store import followed
from sync_server.store.database import Database

Step = Literal[
    "questions", "visit", "cause", "relation", "referral", "accept", "loan", "outside", "stays",
]  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """Who is in the story, and what the record says of it so far."""

    database: Database
    bank: Bank

    @property
    def lady(self) -> Customer:
        """The customer of 77."""
        return story_customer(self.bank)

    @property
    def daughter(self) -> Customer:
        """Her daughter, a customer of the colleague."""
        return story_daughter(self.bank)

    @property
    def owner(self) -> Employee:
        """Who looks after the lady."""
        return self._employee(self.lady.owner_id)

    @property
    def colleague(self) -> Employee:
        """Who looks after the daughter."""
        return self._employee(self.daughter.owner_id)

    @property
    def today(self) -> date:
        """The present day in Beijing."""
        return bank_day(now())

    def rows(self, entity: str, **equal: str) -> list[Document]:
        """Return rows of the record."""
        with self.database.reading() as connection:
            return followed.found(connection, entity, **equal)

    @property
    def alert(self) -> Document:
        """The alert of today; raises LookupError before it is there."""
        own = self.rows("alert", customer_id=self.lady.id, kind="abnormal_flow")
        found = [each for each in own if each["day"] == self.today.isoformat()]
        if not found:
            raise LookupError("no alert of today")
        return found[0]

    @property
    def referral(self) -> Document | None:
        """What was passed on because of it: the referrer's copy."""
        with self.database.reading() as connection:
            found = followed.referrals_after(connection, str(self.alert["id"]))
        return found[0] if found else None

    @property
    def sales(self) -> list[Document]:
        """Everything that came of it and was not taken back."""
        with self.database.reading() as connection:
            found = followed.sales_after(connection, str(self.alert["id"]))
        return [each for each in found if each["status"] != "cancelled"]

    def has_sold(self, line: str, to: Customer) -> bool:
        """Whether a product of a line was sold to a customer because of it."""
        lines = {product.id: product.line for product in self.bank.products}
        return any(
            lines[str(each["product_id"])] == line and each["customer_id"] == to.id
            for each in self.sales
        )

    def credited(self) -> list[followed.Credited]:
        """Return who has earned what of each of these sales."""
        with self.database.reading() as connection:
            return list(followed.credited(connection, self.sales, now()))

    def _employee(self, id: str) -> Employee:
        return next(each for each in self.bank.employees if each.id == id)


class Told(NamedTuple):
    """One step: whose it is, what to do where, and how the record shows that it was done."""

    name: Step
    by: Callable[[Scene], Employee]
    what: str
    is_done: Callable[[Scene], bool]


def _owner(scene: Scene) -> Employee:
    return scene.owner


def _colleague(scene: Scene) -> Employee:
    return scene.colleague


def _has_visited(scene: Scene) -> bool:
    since = int(str(scene.alert["raised_at"]))
    contacts = scene.rows("interaction", customer_id=scene.lady.id, purpose="alert")
    return any(int(str(each["occurred_at"])) >= since for each in contacts)


def _is_tied(scene: Scene) -> bool:
    ties = scene.rows("relation", customer_id=scene.lady.id, kind="child")
    return any(each["other_name"] == scene.daughter.name for each in ties)


def _is_taken_on(scene: Scene) -> bool:
    referral = scene.referral
    return referral is not None and referral["status"] in ("accepted", "done")


STEPS: Final = (
    Told(
        "questions",
        _owner,
        "今日: open 资金异常. First the three anti-fraud questions, each 否; then 先存核实结果.",
        lambda scene: scene.alert["status"] != "open",
    ),
    Told(
        "visit",
        _owner,
        "Open her page (the sign above), 开始拜访: 预警核实, 已办成, 购房; 提交. She buys a flat"
        " for her daughter.",
        _has_visited,
    ),
    Told(
        "cause",
        _owner,
        "今日, 资金异常 again: the cause 购房, then 已转介. The alert is handled.",
        lambda scene: scene.alert["status"] == "handled",
    ),
    Told(
        "relation",
        _owner,
        "On her page, 记关系: 子女, {daughter}; 记为客户自述.",
        _is_tied,
    ),
    Told(
        "referral",
        _owner,
        "On her page, 转介给同事: {daughter}, 购房, {colleague}, 办成后我分 30; 转介.",
        lambda scene: scene.referral is not None,
    ),
    Told(
        "accept",
        _colleague,
        "今日: 同事转介给我. {daughter} is chosen already; 接受转介.",
        _is_taken_on,
    ),
    Told(
        "loan",
        _colleague,
        "客户, {daughter}, 记销售: 住房贷款, 1200000, 预约 and a day; 保存. The split is there by"
        " itself.",
        lambda scene: scene.has_sold("loan", scene.daughter),
    ),
    Told(
        "outside",
        _colleague,
        "Once more: 一年期定期存款, 600000, 已提交; 保存. It is at another bank until now.",
        lambda scene: scene.has_sold("deposit", scene.daughter),
    ),
    Told(
        "stays",
        _owner,
        "客户, {lady}, 记销售: under 来自 choose 资金异常, then 一年期定期存款, 800000, 已提交;"
        " 保存. It stays.",
        lambda scene: scene.has_sold("deposit", scene.lady),
    ),
)
"""What people do, between what the bank's systems tell at the beginning and at the end."""

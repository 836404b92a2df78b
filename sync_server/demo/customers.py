"""Customers of the demo bank and the numbers they are known by.

Balances are log-normal, as real ones are: a list sorted by deposit, a tier ladder and a quintile
report must all meet the few who hold most of the money.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import log
from random import Random
from typing import Final
from zlib import crc32

from shared.domain import Customer, Identifier
from shared.domain.customer import Gender, Need, RiskGrade, Stage
from shared.domain.identifier import IdentifierKind
from sync_server.customer.initials import initials
from sync_server.demo import names, numbers
from sync_server.demo.addresses import Address, home_address, office_address
from sync_server.demo.clock import HOUR, MINUTE, born_at, day_of, moment, new_id
from sync_server.demo.draw import pick
from sync_server.demo.staff import FOUNDED

PERSONS_OF = (205, 176, 158, 142, 121, 98)
ORGANISATIONS_OF = (8, 14, 17, 21, 26, 34)
"""How many each of the six managers looks after: the further out, the more companies."""

STORY_NAME = "单玉珍"
STORY_AGE_DAYS = round(77.4 * 365.25)
STORY_DEPOSIT_FEN = 386_000_000
"""The lady of the alert story: 77 years old, 3.86 million yuan."""

_STAGES: dict[Stage, int] = {"discovery": 46, "design": 21, "marketing": 18, "follow_up": 15}
_PERSON_NEEDS: dict[Need, int] = {
    "housing": 18, "education": 16, "retirement": 18, "growth": 18, "safety": 18, "payment": 7,
    "liquidity": 5,
}  # fmt: skip
_RETIRED_NEEDS: dict[Need, int] = {"retirement": 40, "safety": 45, "growth": 10, "payment": 5}
_COMPANY_NEEDS: dict[Need, int] = {"liquidity": 50, "payment": 25, "growth": 13, "safety": 12}
_MEDIAN_NEED_YUAN: dict[Need, int] = {
    "liquidity": 800_000, "housing": 900_000, "education": 80_000, "retirement": 150_000,
    "growth": 200_000, "safety": 120_000, "payment": 30_000, "other": 50_000,
}  # fmt: skip
_OCCUPATIONS = (
    "中学教师", "小学教师", "护士", "医生", "软件工程师", "会计", "公务员", "个体经营", "餐馆老板",
    "出租车司机", "厂长", "车间主任", "销售主管", "律师", "设计师", "物流调度", "电工", "自由职业",
    "民宿经营者", "大学讲师",
)  # fmt: skip
_RETIRED = ("退休教师", "退休医生", "退休工人", "退休干部", "退休会计", "退休工程师")
_GENDERS: dict[Gender, int] = {"female": 49, "male": 51}
_GRADES: dict[RiskGrade, int] = {"R1": 12, "R2": 30, "R3": 34, "R4": 18, "R5": 6}
_CAREFUL: dict[RiskGrade, int] = {"R1": 40, "R2": 42, "R3": 16, "R4": 2}
_POSTS = ("财务经理", "出纳", "总经理助理", "财务总监", "办公室主任", "老板娘")
_HOURS = (
    "上午方便接电话",
    "周二下午在公司",
    "月初忙，中旬再约",
    "先发微信再打电话",
    "下午四点后有空",
)
_PAPER_LEAST_DAYS: Final = 365
_PAPER_DAYS: Final = 19 * 365
"""A paper that a customer comes with is good for one to twenty years more."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who a natural person is, before the bank knows anything else."""

    name: str
    gender: Gender
    birth: date


@dataclass(frozen=True, slots=True)
class Owner:
    """A manager with the sub-branch whose streets the customers live in."""

    id: str
    org_unit_id: str
    quarter: str


def make_customers(rng: Random, today: date, owners: Sequence[Owner]) -> list[Customer]:
    """Make every customer of the six managers, the oldest relation first."""
    made = [
        _person_customer(rng, today, person, owner)
        for person, owner in zip(
            _people(rng, today), _spread(rng, owners, PERSONS_OF), strict=False
        )
    ]
    made[0] = replace(
        made[0], deposit_balance=STORY_DEPOSIT_FEN, stage="follow_up", occupation="退休教师"
    )
    made += [
        _company(rng, today, industry, name, owner)
        for (industry, name), owner in zip(
            _companies(rng), _spread(rng, owners, ORGANISATIONS_OF), strict=False
        )
    ]
    return sorted((_wanting(rng, customer) for customer in made), key=lambda made: made.id)


def make_identifiers(rng: Random, customers: Sequence[Customer]) -> list[Identifier]:
    """Make the numbers of every customer, with the system that each came from."""
    return [
        Identifier(
            new_id(rng, opened),
            customer.id,
            kind,
            value,
            value[-4:],
            source,
            None if kind == "bank_card" else _ends(opened, value),
        )
        for customer in customers
        for opened in [born_at(customer.id) + MINUTE]
        for kind, value, source in _numbers_of(rng, customer)
    ]


def _ends(opened: int, number: str) -> str:
    """Return the last day of a paper, which is known when the customer comes to the bank."""
    left = crc32(number.encode()) % _PAPER_DAYS
    return (day_of(opened) + timedelta(days=_PAPER_LEAST_DAYS + left)).isoformat()


def with_need(rng: Random, customer: Customer) -> Customer:
    """Return the customer with something to want, as a conversation brings it out."""
    need = pick(rng, _needs_of(customer))
    return replace(customer, need=need, need_amount=_need_amount(rng, need))


def _needs_of(customer: Customer) -> dict[Need, int]:
    if customer.kind == "organisation":
        return _COMPANY_NEEDS
    return _RETIRED_NEEDS if customer.occupation in _RETIRED else _PERSON_NEEDS


def _wanting(rng: Random, customer: Customer) -> Customer:
    """Past discovery the need is known; before it, of two customers in five."""
    known = customer.stage != "discovery" or rng.random() < 0.4
    return with_need(rng, customer) if known else customer


def _need_amount(rng: Random, need: Need) -> int:
    """Draw how much is wanted, in fen, rounded to 万 as people say it."""
    yuan = rng.lognormvariate(log(_MEDIAN_NEED_YUAN[need]), 0.7)
    return max(1, round(yuan / 10_000)) * 1_000_000


def _spread(rng: Random, owners: Sequence[Owner], shares: Sequence[int]) -> list[Owner]:
    """Return an owner for each customer; the first is the first manager's, the rest mixed."""
    each = [owner for owner, share in zip(owners, shares, strict=True) for _ in range(share)]
    first, *others = each
    rng.shuffle(others)
    return [first, *others]


def _people(rng: Random, today: date) -> Iterator[Person]:
    """Yield persons without end, the story's lady and the sure names before the others."""
    yield Person(STORY_NAME, "female", today - timedelta(days=STORY_AGE_DAYS))
    for surname, given, gender in names.SURE_NAMES:
        yield Person(surname + given, gender, _birth(rng, today))
    while True:
        gender = pick(rng, _GENDERS)
        birth = _birth(rng, today)
        yield Person(names.person_name(rng, gender, birth.year), gender, birth)


def _birth(rng: Random, today: date) -> date:
    return today - timedelta(days=round(rng.triangular(20, 86, 44) * 365.25))


def _age(birth: date, today: date) -> int:
    return (today - birth).days * 100 // 36525


def _person_customer(rng: Random, today: date, person: Person, owner: Owner) -> Customer:
    age = _age(person.birth, today)
    address = home_address(rng, owner.quarter)
    adult = person.birth + timedelta(days=18 * 366)
    return replace(
        _blank(rng, today, owner, address, max(adult, FOUNDED)),
        kind="person",
        name=person.name,
        initials=initials(person.name),
        gender=person.gender,
        birth_date=person.birth.isoformat(),
        occupation=rng.choice(_OCCUPATIONS if age < 60 else _RETIRED),
        contact_note=rng.choice(_HOURS) if rng.random() < 0.2 else None,
        risk_grade=(grade := _risk_grade(rng, age)),
        risk_valid_until=_valid_until(rng, today) if grade else None,
        deposit_balance=_balance(rng, 60_000, 1.4),
    )


def _companies(rng: Random) -> Iterator[tuple[str, str]]:
    """Yield industries with company names without end, the very long names first."""
    for industry in sorted(names.LONG_TRADES):
        yield industry, names.long_company_name(rng, industry)
    while True:
        industry = rng.choice(sorted(names.TRADES))
        yield industry, names.company_name(rng, industry)


def _company(rng: Random, today: date, industry: str, name: str, owner: Owner) -> Customer:
    address = office_address(rng, owner.quarter)
    head, contact = (
        names.person_name(rng, pick(rng, _GENDERS), rng.randint(1962, 1992)) for _ in range(2)
    )
    return replace(
        _blank(rng, today, owner, address, FOUNDED),
        kind="organisation",
        name=name,
        initials=initials(name),
        industry=industry,
        legal_representative=head,
        contact_name=contact,
        contact_note=f"{rng.choice(_POSTS)}，{rng.choice(_HOURS)}",
        deposit_balance=_balance(rng, 900_000, 1.5),
    )


def _blank(rng: Random, today: date, owner: Owner, address: Address, since: date) -> Customer:
    """Make what persons and organisations have in common; the relation began after `since`."""
    return Customer(
        id=new_id(rng, _opened(rng, since, today)),
        kind="person",
        name="",
        initials="",
        owner_id=owner.id,
        org_unit_id=owner.org_unit_id,
        phone=numbers.mobile_phone(rng),
        address=address.text,
        latitude=address.latitude,
        longitude=address.longitude,
        stage=pick(rng, _STAGES),
        as_of=moment(today) - 2 * HOUR,
    )


def _opened(rng: Random, since: date, today: date) -> int:
    """Draw when the relation began: in business hours, before the ninety days."""
    last = today - timedelta(days=120)
    days = max(0, (last - since).days)
    day = min(since, last) + timedelta(days=rng.randint(0, days))
    return moment(day, 9) + rng.randrange(8 * HOUR)


def _risk_grade(rng: Random, age: int) -> RiskGrade | None:
    """Draw the grade; one in eight was never assessed, the old are careful."""
    if rng.random() < 0.125:
        return None
    return pick(rng, _CAREFUL if age >= 60 else _GRADES)


def _valid_until(rng: Random, today: date) -> str:
    """Draw the last day of a grade; one in ten has run out in the last half year."""
    days = rng.randint(-180, -1) if rng.random() < 0.1 else rng.randint(20, 360)
    return (today + timedelta(days=days)).isoformat()


def _balance(rng: Random, median_yuan: int, spread: float) -> int:
    return round(rng.lognormvariate(log(median_yuan * 100), spread))


def _numbers_of(rng: Random, customer: Customer) -> Iterator[tuple[IdentifierKind, str, str]]:
    if customer.birth_date:
        birth = date.fromisoformat(customer.birth_date)
        yield "id_card", numbers.id_card(rng, birth, customer.gender), "core_banking"
        if rng.random() < 0.9:
            yield "bank_card", numbers.bank_card(rng), "card_system"
    else:
        yield "uscc", numbers.uscc(rng), "core_banking"

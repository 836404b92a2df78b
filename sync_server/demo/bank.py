"""The whole demo bank, from one seed and one day.

Each part draws from a stream of its own, so that adding a street does not change a phone number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import Final

from shared.domain import (
    Customer,
    Employee,
    Identifier,
    Interaction,
    OrgUnit,
    Product,
    Relation,
    Task,
    VisitTemplate,
)
from shared.domain.account import account_id
from sync_server.demo.accounts import SOURCE, Numbered, make_accounts
from sync_server.demo.arranged import arranged
from sync_server.demo.catalogue import make_products
from sync_server.demo.claims import Claim, make_claims
from sync_server.demo.contacts import Diary, keep_diary
from sync_server.demo.customers import STORY_NAME, Owner, make_customers, make_identifiers
from sync_server.demo.fees import PaidFee, make_fees
from sync_server.demo.flows import DayFlow, make_flows
from sync_server.demo.heard import Heard, make_heard
from sync_server.demo.leaving import Leaving, make_leaving
from sync_server.demo.sales import Sold, make_sales
from sync_server.demo.service import Served, make_service
from sync_server.demo.staff import make_employees, make_org_units, make_visit_templates
from sync_server.demo.ties import make_relations
from sync_server.demo.together import Helped, make_helped

_GENERATION: Final = timedelta(days=26 * 365)
"""Between a mother and her daughter."""


@dataclass(frozen=True, slots=True)
class Bank:
    """Every record of the demo, parents before children; `contacts` is the timeline in order."""

    org_units: list[OrgUnit]
    employees: list[Employee]
    customers: list[Customer]
    """As they stand today, oldest relation first."""
    identifiers: list[Identifier]
    visit_templates: list[VisitTemplate]
    contacts: list[Interaction]
    tasks: list[Task]
    products: list[Product]
    sales: list[Sold]
    accounts: list[Numbered]
    flows: list[DayFlow]
    relations: list[Relation]
    helped: list[Helped]
    fees: list[PaidFee]
    served: Served
    claims: list[Claim]
    leaving: Leaving = field(default_factory=Leaving)
    heard: Heard = field(default_factory=Heard)


def make_bank(seed: int, today: date) -> Bank:
    """Make the bank as it stands when `today` begins in Beijing: nothing has happened since."""
    org_units = make_org_units(_stream(seed, "org_units"))
    employees = make_employees(_stream(seed, "employees"), org_units)
    templates = make_visit_templates(_stream(seed, "visit_templates"), org_units)
    owners = _owners(employees, org_units)
    customers = make_customers(_stream(seed, "customers"), today, owners)
    diaries = _keep_diaries(seed, today, owners, customers, templates)
    moved = {id_: customer for diary in diaries for id_, customer in diary.customers.items()}
    current = [moved.get(customer.id, customer) for customer in customers]
    products = make_products(_stream(seed, "products"), today)
    accounts = make_accounts(_stream(seed, "accounts"), today, current)
    identifiers = make_identifiers(_stream(seed, "identifiers"), customers)
    bank = Bank(
        org_units,
        employees,
        current,
        identifiers,
        templates,
        sorted((one for diary in diaries for one in diary.interactions), key=_id),
        sorted((one for diary in diaries for one in diary.tasks), key=_id),
        products,
        _sell(seed, today, employees, diaries, products),
        accounts,
        make_flows(_stream(seed, "flows"), today, current, accounts),
        make_relations(_stream(seed, "relations"), today, current),
        make_helped(_stream(seed, "helped"), today, current),
        make_fees(_stream(seed, "fees"), today, accounts),
        make_service(_stream(seed, "service"), today, current, accounts),
        make_claims(_stream(seed, "claims"), today, employees, current, identifiers),
    )
    leaving = make_leaving(_stream(seed, "leaving"), today, current, accounts, _looked_after(bank))
    spared = {story_customer(bank).id, story_daughter(bank).id}
    heard = make_heard(_stream(seed, "heard"), today, current, accounts, bank.contacts, spared)
    return replace(bank, leaving=leaving, heard=heard)


def _looked_after(bank: Bank) -> set[str]:
    """Return whom somebody sees, whose money is watched, and who has a part in the story."""
    owner = {each.account.id: each.account.customer_id for each in bank.accounts}
    moving = {owner[account_id(SOURCE, flow.number)] for flow in bank.flows}
    seen = {one.customer_id for one in bank.contacts}
    return seen | moving | {story_customer(bank).id, story_daughter(bank).id}


def story_customer(bank: Bank) -> Customer:
    """Return the lady of 77 with the large deposit, whom the alert story is about."""
    return next(one for one in bank.customers if one.name == STORY_NAME)


def story_daughter(bank: Bank) -> Customer:
    """Return the lady's daughter: a customer of her manager's colleague in the same sub-branch."""
    lady = story_customer(bank)
    colleagues = {one.id for one in bank.employees if one.org_unit_id == lady.org_unit_id}
    born = date.fromisoformat(str(lady.birth_date)) + _GENERATION

    def apart(one: Customer) -> tuple[int, str]:
        return abs((date.fromisoformat(str(one.birth_date)) - born).days), one.id

    women = [
        one
        for one in bank.customers
        if one.gender == "female"
        and one.birth_date
        and one.owner_id in colleagues - {lady.owner_id}
    ]
    return min(women, key=apart)


def _stream(seed: int, part: str) -> Random:
    return Random(f"{seed}:{part}")


def _id(record: Interaction | Task) -> str:
    return record.id


def _owners(employees: Sequence[Employee], org_units: Sequence[OrgUnit]) -> list[Owner]:
    unit_names = {unit.id: unit.name for unit in org_units}
    return [
        Owner(one.id, one.org_unit_id, unit_names[one.org_unit_id])
        for one in employees
        if one.role == "account_manager"
    ]


def _keep_diaries(
    seed: int,
    today: date,
    owners: Sequence[Owner],
    customers: Sequence[Customer],
    templates: Sequence[VisitTemplate],
) -> list[Diary]:
    by_purpose = {template.purpose: template.id for template in templates}
    return [
        keep_diary(
            _stream(seed, f"diary {place}"),
            today,
            [customer for customer in customers if customer.owner_id == owner.id],
            by_purpose,
        )
        for place, owner in enumerate(owners)
    ]


def _sell(
    seed: int,
    today: date,
    employees: Sequence[Employee],
    diaries: Sequence[Diary],
    products: Sequence[Product],
) -> list[Sold]:
    catalogue = {product.code: product for product in products}
    managers = [one for one in employees if one.role == "account_manager"]
    by_seller = [
        make_sales(
            _stream(seed, f"sales {place}"),
            today,
            manager,
            diary.interactions,
            diary.customers,
            catalogue,
        )
        for place, (manager, diary) in enumerate(zip(managers, diaries, strict=True))
    ]
    return arranged(by_seller, today)

"""The demo bank: one seed, one bank, and every record of it is one that the registry accepts."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest

from shared.domain import Customer, Employee, Task
from shared.domain.account import DEPOSITS
from shared.domain.customer import PartyKind
from shared.domain.interaction import is_usable_fix
from shared.domain.task import is_overdue
from shared.identity import USCC_ALPHABET, id_card_check, luhn_check, uscc_check
from shared.registry import REGISTRY
from shared.sync.change import Insert, Transition
from sync_server.customer.initials import initials
from sync_server.demo import Bank, field_work, make_bank, story_customer
from sync_server.demo.accounts import Numbered
from sync_server.demo.clock import born_at, day_of, moment
from sync_server.demo.contacts import DAYS, MONTH
from sync_server.demo.history import Saved
from sync_server.demo.numbers import organisation_check
from sync_server.demo.sales import Sold

TODAY = date(2026, 3, 18)
START_OF_TODAY = moment(TODAY)
ENTITIES = {
    "org_units": "org_unit",
    "employees": "employee",
    "customers": "customer",
    "identifiers": "identifier",
    "visit_templates": "visit_template",
    "contacts": "interaction",
    "tasks": "task",
    "products": "product",
    "accounts": "account",
    "relations": "relation",
}


@cache
def bank_of(seed: int = 1, today: date = TODAY) -> Bank:
    return make_bank(seed, today)


def documents(bank: Bank, entity: str) -> list[dict[str, Any]]:
    [rows] = [getattr(bank, rows) for rows, name in ENTITIES.items() if name == entity]
    return [asdict(row.account if isinstance(row, Numbered) else row) for row in rows]


def digest(bank: Bank) -> str:
    whole = {entity: documents(bank, entity) for entity in ENTITIES.values()}
    return sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def managers(bank: Bank) -> list[Employee]:
    return [one for one in bank.employees if one.role == "account_manager"]


def customers(bank: Bank, kind: PartyKind) -> list[Customer]:
    return [one for one in bank.customers if one.kind == kind]


def identifiers(bank: Bank, kind: str) -> list[str]:
    return [one.value for one in bank.identifiers if one.kind == kind]


def todays_list(bank: Bank, manager: Employee, today: date = TODAY) -> list[Task]:
    portfolio = {one.id for one in bank.customers if one.owner_id == manager.id}
    return [
        task
        for task in bank.tasks
        if task.customer_id in portfolio and task.status == "open" and task.due <= str(today)
    ]


def test_the_same_seed_and_day_make_the_same_bank() -> None:
    assert digest(make_bank(1, TODAY)) == digest(make_bank(1, TODAY))


def test_another_seed_or_another_day_makes_another_bank() -> None:
    digests = {digest(bank_of(1)), digest(bank_of(2)), digest(bank_of(1, TODAY + timedelta(1)))}

    assert len(digests) == 3


@pytest.mark.parametrize("entity", ENTITIES.values())
def test_every_document_is_valid_in_the_registry(entity: str) -> None:
    rows = documents(bank_of(), entity)

    assert REGISTRY[entity].many.validate_python(rows) == rows


def test_ids_are_unique_and_every_reference_leads_somewhere() -> None:
    bank = bank_of()
    ids = [row["id"] for entity in ENTITIES.values() for row in documents(bank, entity)]
    pointed_at = {
        value
        for entity in ENTITIES.values()
        for row in documents(bank, entity)
        for key, value in row.items()
        if key.endswith("_id") and value is not None
    }

    assert len(set(ids)) == len(ids)
    assert pointed_at <= set(ids)


def test_the_bank_has_its_staff_under_one_branch() -> None:
    bank = bank_of()

    assert Counter(unit.kind for unit in bank.org_units) == {
        "head_office": 1,
        "branch": 1,
        "sub_branch": 3,
    }
    assert Counter(one.role for one in bank.employees) == {
        "account_manager": 6,
        "supervisor": 2,
        "auditor": 1,
        "operator": 1,
        "product_manager": 1,
    }
    unit_kinds = {unit.id: unit.kind for unit in bank.org_units}
    assert {
        one.employee_no: unit_kinds[one.org_unit_id]
        for one in bank.employees
        if one.role == "supervisor"
    } == {"SV001": "branch", "SV002": "sub_branch"}


def test_customers_are_spread_unevenly_over_the_managers() -> None:
    bank = bank_of()
    portfolios = Counter(one.owner_id for one in bank.customers)

    assert len(customers(bank, "person")) == 900
    assert len(customers(bank, "organisation")) == 120
    assert set(portfolios) == {one.id for one in managers(bank)}
    assert max(portfolios.values()) > 1.5 * min(portfolios.values())


def test_a_customer_is_in_the_unit_of_their_manager() -> None:
    bank = bank_of()
    unit_of = {one.id: one.org_unit_id for one in bank.employees}

    assert all(one.org_unit_id == unit_of[one.owner_id] for one in bank.customers)


def test_a_lady_of_77_holds_a_large_deposit() -> None:
    lady = story_customer(bank_of())

    assert lady.birth_date is not None
    birth = date.fromisoformat(lady.birth_date)
    assert TODAY.year - birth.year - ((TODAY.month, TODAY.day) < (birth.month, birth.day)) == 77
    assert lady.gender == "female"
    assert (lady.deposit_balance or 0) > 300_000_000


def test_check_characters_agree_with_the_published_examples() -> None:
    assert id_card_check("11010519491231002") == "X"
    assert id_card_check("44052418800101001") == "4"
    assert uscc_check("91350100M000100Y4") == "3"
    assert organisation_check("D2143569") == "X"
    assert luhn_check("7992739871") == "3"


def test_every_identity_card_is_valid_and_of_a_province_that_does_not_exist() -> None:
    cards = identifiers(bank_of(), "id_card")

    assert len(cards) == 900
    assert all(id_card_check(card[:17]) == card[17] for card in cards)
    assert all(card.startswith("48") for card in cards)


def test_an_identity_card_tells_the_birth_date_and_the_sex() -> None:
    bank = bank_of()
    by_id = {one.id: one for one in bank.customers}
    cards = [(by_id[one.customer_id], one.value) for one in bank.identifiers]

    for customer, card in cards:
        if customer.kind == "person" and len(card) == 18:
            assert card[6:14] == (customer.birth_date or "").replace("-", "")
            assert customer.gender == ("male" if int(card[16]) % 2 else "female")


def test_every_credit_code_is_valid_inside_and_out() -> None:
    codes = identifiers(bank_of(), "uscc")

    assert len(codes) == 120
    assert all(set(code) <= set(USCC_ALPHABET) for code in codes)
    assert all(organisation_check(code[8:16]) == code[16] for code in codes)
    assert all(uscc_check(code[:17]) == code[17] for code in codes)


def test_every_card_number_passes_luhn_and_ends_in_its_last_four() -> None:
    bank = bank_of()
    cards = identifiers(bank, "bank_card")

    assert len(cards) > 700
    assert all(luhn_check(card[:-1]) == card[-1] for card in cards)
    assert all(one.last_four == one.value[-4:] for one in bank.identifiers)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("单晓敏", "sxm dxm cxm"),
        ("仇慧宁", "qhn chn"),
        ("解文彬", "xwb jwb"),
        ("查月娥", "zye cye"),
        ("曾永年", "zyn cyn"),
        ("覃雅岚", "qyl tyl"),
        ("尉迟承渊", "yccy wccy"),
        ("欧阳静姝", "oyjs"),
        ("王秀英", "wxy"),
        ("陆䶮", "ly"),
        ("陶𬭚", "tc"),
        ("李Ａnna 2", "lanna2"),
        ("José", "jose"),
        ("阿依古丽·买买提", "ayglmmt"),
        ("查氏商贸有限公司", "cssmyxgs"),
        ("云汀（集团）银行", "ytjtyh"),
        ("3D打印", "3ddy"),
        ("", ""),
    ],
)
def test_initials_begin_with_the_surnames_own_reading(name: str, expected: str) -> None:
    assert initials(name) == expected


def test_every_customer_carries_the_initials_of_their_name() -> None:
    assert all(one.initials == initials(one.name) != "" for one in bank_of().customers)


def test_rare_characters_and_polyphonic_and_compound_surnames_are_there() -> None:
    names = [one.name for one in customers(bank_of(), "person")]

    assert {"䶮", "𬭚"} <= set("".join(names))
    assert {"单", "仇", "解", "查", "曾", "覃"} <= {name[0] for name in names}
    assert {"欧阳", "尉迟"} <= {name[:2] for name in names}


def test_some_company_names_have_24_characters() -> None:
    lengths = Counter(len(one.name) for one in customers(bank_of(), "organisation"))

    assert lengths[24] >= 3
    assert max(lengths) == 24


def test_the_commonest_surnames_come_first() -> None:
    surnames = Counter(one.name[0] for one in customers(bank_of(), "person"))

    assert {surname for surname, _ in surnames.most_common(3)} <= set("王李张刘陈")


def test_balances_are_held_by_few() -> None:
    balances = sorted((one.deposit_balance or 0 for one in bank_of().customers), reverse=True)

    assert sum(balances[:204]) > sum(balances) / 2
    assert balances[-1] > 0


def test_every_customer_lives_in_the_one_district() -> None:
    for customer in bank_of().customers:
        assert (customer.address or "").startswith("云汀市汀洲区")
        assert 30.49 < (customer.latitude or 0) < 30.56
        assert 121.49 < (customer.longitude or 0) < 121.57


def test_past_discovery_every_need_is_known_with_its_amount() -> None:
    for customer in bank_of().customers:
        assert customer.need or customer.stage == "discovery"
        assert bool(customer.need) == bool(customer.need_amount)


def test_every_manager_makes_40_to_70_contacts_a_month() -> None:
    bank = bank_of()
    first = TODAY - timedelta(days=DAYS)
    months = Counter(
        (one.employee_id, (day_of(one.occurred_at) - first).days // MONTH) for one in bank.contacts
    )

    assert len(months) == 6 * 3
    assert all(40 <= count <= 70 for count in months.values())


def test_nothing_is_after_the_start_of_today() -> None:
    bank = bank_of()

    assert max(one.ended_at or 0 for one in bank.contacts) < START_OF_TODAY
    assert max(one.as_of or 0 for one in bank.customers) < START_OF_TODAY
    assert all(
        born_at(row["id"]) < START_OF_TODAY
        for entity in set(ENTITIES.values()) - {"account"}
        for row in documents(bank, entity)
    )
    assert all(str(one.account.opened_on) < str(TODAY) for one in bank.accounts)


def test_a_manager_is_in_one_place_at_a_time_and_in_business_hours() -> None:
    bank = bank_of()

    for manager in managers(bank):
        spans = sorted(
            (one.started_at or 0, one.ended_at or 0)
            for one in bank.contacts
            if one.employee_id == manager.id
        )
        assert all(end < start for (_, end), (start, _) in pairwise(spans))
        for start, end in spans:
            assert moment(day_of(start), 9) <= start < end <= moment(day_of(start), 18)


def test_a_contact_belongs_to_the_customers_own_manager() -> None:
    bank = bank_of()
    owner_of = {one.id: one.owner_id for one in bank.customers}

    assert all(one.employee_id == owner_of[one.customer_id] for one in bank.contacts)


def test_only_a_visit_has_a_place_and_each_has_one_or_says_why_not() -> None:
    for one in bank_of().contacts:
        has_fix = one.latitude is not None
        assert (one.channel == "visit") == (has_fix or one.no_fix_reason is not None)
        assert not (has_fix and one.no_fix_reason)
        if one.fix_at is not None and one.started_at is not None:
            assert is_usable_fix(one.fix_at, one.started_at)


def test_a_visits_template_is_one_for_its_purpose() -> None:
    bank = bank_of()
    purpose_of = {one.id: one.purpose for one in bank.visit_templates}
    guided = [one for one in bank.contacts if one.template_id]

    assert len(guided) > 100
    assert all(purpose_of[one.template_id or ""] == one.purpose for one in guided)


def test_a_next_step_is_a_task_of_the_same_words_and_day() -> None:
    bank = bank_of()
    tasks = {one.interaction_id: one for one in bank.tasks}

    for contact in bank.contacts:
        task = tasks.get(contact.id)
        assert (task is None) == (contact.next_step is None)
        if task:
            assert (task.title, task.due) == (contact.next_step, contact.next_due)
            assert task.due > str(day_of(contact.occurred_at))


@pytest.mark.parametrize("day", [date(2026, 3, 16), date(2026, 3, 22), date(2024, 2, 29)])
def test_every_manager_has_six_to_ten_things_to_do_today(day: date) -> None:
    bank = bank_of(3, day)

    for manager in managers(bank):
        tasks = todays_list(bank, manager, day)
        assert 6 <= len(tasks) <= 10
        assert any(is_overdue(task, str(day)) for task in tasks)
        assert sum(task.due == str(day) for task in tasks) >= 2


def test_every_manager_has_things_to_do_later_this_week() -> None:
    bank = bank_of()

    for manager in managers(bank):
        in_six_days = todays_list(bank, manager, TODAY + timedelta(days=6))
        assert len(in_six_days) >= len(todays_list(bank, manager)) + 2


def test_done_tasks_were_due_in_the_past() -> None:
    bank = bank_of()

    assert any(task.status == "done" for task in bank.tasks)
    assert all(task.due < str(TODAY) for task in bank.tasks if task.status == "done")


def history_of(bank: Bank) -> list[Saved]:
    return list(field_work(bank.contacts, bank.tasks))


def replayed(history: Iterable[Saved]) -> dict[str, dict[str, Any]]:
    """Apply inserts and transitions as a server would."""
    rows: dict[str, dict[str, Any]] = {}
    for saved in history:
        for change in saved.changes:
            if isinstance(change, Insert):
                assert change.id not in rows
                rows[change.id] = dict(change.document)
            elif isinstance(change, Transition):
                assert rows[change.id][change.field] == change.before
                rows[change.id][change.field] = change.after
    return rows


def test_replaying_the_field_work_gives_the_banks_contacts_and_tasks() -> None:
    bank = bank_of()

    assert replayed(history_of(bank)) == {
        row["id"]: row for entity in ("interaction", "task") for row in documents(bank, entity)
    }


def test_a_devices_transactions_are_in_time_order() -> None:
    bank = bank_of()
    moments: dict[str, list[int]] = {}
    for saved in history_of(bank):
        assert isinstance(saved.changes[0], Insert)
        moments.setdefault(saved.employee_id, []).append(saved.at)

    assert set(moments) == {one.id for one in managers(bank)}
    assert all(times == sorted(times) for times in moments.values())


def test_a_transaction_holds_an_interaction_with_the_task_of_its_next_step() -> None:
    for saved in history_of(bank_of()):
        contact, *others = saved.changes
        assert isinstance(contact, Insert)
        assert contact.document["employee_id"] == saved.employee_id
        inserted = [change.document for change in others if isinstance(change, Insert)]
        assert [task["interaction_id"] for task in inserted] == [contact.id] * len(inserted)
        assert len(inserted) == (contact.document["next_step"] is not None)


def test_deposits_are_in_accounts_that_sum_to_them() -> None:
    bank = bank_of()
    held = Counter[str]()
    accounts = [each.account for each in bank.accounts]
    for account in accounts:
        if account.kind in DEPOSITS:
            held[account.customer_id] += account.balance

    assert all(account.balance >= 0 for account in accounts)
    assert held == Counter({one.id: one.deposit_balance for one in bank.customers})


def test_every_manager_knows_of_families_some_of_them_proven() -> None:
    bank = bank_of()
    owners = {one.id: one.owner_id for one in bank.customers}

    assert {one.status for one in bank.relations} == {"claimed", "verified"}
    for manager in managers(bank):
        mine = [one for one in bank.relations if one.employee_id == manager.id]
        assert {"spouse", "child", "group_member", "legal_representative"} <= {
            one.kind for one in mine
        }
        assert all(owners[one.customer_id] == manager.id for one in mine)
        assert all(owners[str(one.other_id)] == manager.id for one in mine)


def sales_of(bank: Bank, manager: Employee) -> list[Sold]:
    return [sold for sold in bank.sales if sold.sale.employee_id == manager.id]


def test_every_manager_sells_fifteen_to_twenty_five_times_a_month_give_or_take() -> None:
    bank = bank_of()

    for manager in managers(bank):
        assert 36 <= len(sales_of(bank, manager)) <= 84


def test_every_sale_came_out_of_a_contact_with_its_customer() -> None:
    bank = bank_of()
    contacts = {one.id: one for one in bank.contacts}

    for sold in bank.sales:
        contact = contacts[str(sold.sale.interaction_id)]
        assert contact.customer_id == sold.sale.customer_id
        assert contact.employee_id == sold.sale.employee_id
        assert contact.occurred_at <= sold.sale.occurred_at <= sold.at < START_OF_TODAY


def test_the_banks_systems_have_said_nothing_of_what_was_taken_back() -> None:
    assert any(sold.withdrawn for sold in bank_of().sales)
    assert not any(sold.withdrawn and sold.told for sold in bank_of().sales)


def test_nothing_was_said_before_it_happened_or_after_today_began() -> None:
    for sold in bank_of().sales:
        assert all(day_of(sold.at) <= told.on < TODAY for told in sold.told)
        assert all(moment(told.on) < told.at < START_OF_TODAY for told in sold.told)


@pytest.mark.parametrize("seed", range(3, 9))
def test_queues_are_filled_whatever_was_drawn(seed: int) -> None:
    bank = bank_of(seed, date(2026, 5, 1))
    references = Counter(sold.sale.external_ref for sold in bank.sales if sold.sale.external_ref)
    said = [step.after for sold in bank.sales for one in sold.answers for step in steps_of(one)]
    shared = [sold for sold in bank.sales if sold.sale.shares]

    assert sorted(references.values())[-2:] == [1, 2]
    assert "accepted" in said
    assert said.count("disputed") == 1
    assert len(shared) == len(said) + 1


def steps_of(saved: Saved) -> Iterator[Transition]:
    return (change for change in saved.changes if isinstance(change, Transition))


def test_every_manager_was_called_at_a_customer_by_a_colleague_who_was_named() -> None:
    bank = bank_of()
    owners = {one.id: one.owner_id for one in bank.customers}

    for manager in managers(bank):
        mine = [one for one in bank.helped if owners[one.call.customer_id] == manager.id]
        assert mine
        for one in mine:
            assert one.collaborator.employee_id == manager.id
            assert one.call.employee_id == one.collaborator.colleague_id != manager.id
            assert one.collaborator.occurred_at < one.call.occurred_at < START_OF_TODAY

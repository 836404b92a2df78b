"""Two ways to one figure: the device computes from its rows what the engine does from the facts."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from shared.commission.engine import computed
from shared.commission.facts import Facts, facts_of
from shared.commission.months import Period
from shared.commission.scenario import read_scenario
from shared.domain import CommissionRule, Employee, Quality, SaleShare, Target
from shared.domain.crediting import entries_digest
from shared.domain.goal import quality_id, target_id
from shared.domain.sale import shares_text
from shared.domain.sale_share import share_id
from tests.commission.generate import scenario
from tests.screens.memory import NOW
from tests.screens.test_with_the_real_store import a_store, arrive

ME = Employee("E1", "AM001", "王敏", "account_manager", "u1")
LAST = Period("2040-12")


def facts(document: dict[str, Any]) -> Facts:
    """The facts of a scenario in which nothing is contested and no rule is replaced."""
    read = read_scenario(document)
    known = facts_of(read.rules, read.goals, read.events)
    sales = tuple(replace(sale, external_ref=None) for sale in known.sales)
    return replace(known, sales=sales, approved={})


def rows(document: dict[str, Any], known: Facts) -> Iterator[tuple[str, Any]]:
    """What a device of E1 would hold of these facts."""
    for number, rule in enumerate(document["plan"]["rules"]):
        yield "commission_rule", CommissionRule(
            f"r{number}", rule["id"], rule["version"], "u1", "e9", NOW, json.dumps(rule), "方案",
            "approved",
        )  # fmt: skip
    for each in document["targets"]:
        whose = each["employee"], each["product"], each["period"]
        yield "target", Target(target_id(*whose), *whose, each["value"])
    for each in document["quality"]:
        month = each["employee"], each["period"]
        yield "quality", Quality(quality_id(*month), *month, each["coefficient"])
    for sale in known.sales:
        if any(share.employee == ME.id for share in sale.shares):
            off = known.cancelled.get(sale.id)
            yield "sale_share", SaleShare(
                share_id(sale.id, ME.id), ME.id, sale.id, ME.id, "刘*兰", "p", sale.product, NOW,
                shares_text(sale.shares), "cancelled" if off else "confirmed", sale.qty,
                sale.amount,
                events=json.dumps({event: day.isoformat() for event, day in sale.dates.items()}),
                cancelled_on=off.isoformat() if off else None,
            )  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_the_device_posts_what_the_engine_posts(tmp_path: Path, seed: int) -> None:
    document = scenario(seed)
    store, known = a_store(tmp_path, ME), facts(document)
    arrive(store, 2, *((entity, asdict(row)) for entity, row in rows(document, known)))

    found = store.earned(LAST, is_estimate=False)

    posted = computed(replace(known, rules=store.rules())).entries
    mine = sorted((one for one in posted if one.employee == ME.id), key=lambda one: one.order)
    assert entries_digest(found.entries) == entries_digest(mine)
    assert store.pay(LAST).confirmed.entries == found.entries
    store.close()


@pytest.mark.parametrize("seed", range(10))
def test_an_estimate_of_what_is_all_confirmed_is_the_confirmed_figure(
    tmp_path: Path, seed: int
) -> None:
    document = scenario(seed)
    known = facts(document)
    store = a_store(tmp_path, ME)
    every = ("APPLIED", "ACTIVATED", "DISBURSED", "FUNDED", "COOLED_OFF")
    sales = tuple(
        replace(sale, dates=dict.fromkeys(every, min(sale.dates.values(), default=sale.captured)))  # type: ignore[arg-type]
        for sale in known.sales
        if sale.dates
    )
    complete = replace(known, sales=sales)
    arrive(store, 2, *((entity, asdict(row)) for entity, row in rows(document, complete)))

    pay = store.pay(LAST)

    assert entries_digest(pay.estimate.entries) == entries_digest(pay.confirmed.entries)
    store.close()

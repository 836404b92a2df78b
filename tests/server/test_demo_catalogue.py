"""The demo's catalogue: whatever is on sale pays by exactly one rule."""

from datetime import date
from random import Random

from shared.domain.commission_rule import overlaps, read_terms, rules_in_force
from sync_server.demo.catalogue import make_commission_rules, make_products
from sync_server.demo.staff import make_employees, make_org_units

TODAY = date(2026, 11, 27)


def test_every_product_on_sale_pays_by_one_rule_today() -> None:
    units = make_org_units(Random(1))
    made = make_commission_rules(Random(1), TODAY, units, make_employees(Random(1), units))
    rules = rules_in_force(read_terms(rule.terms) for rule in made)
    on_sale = [each.code for each in make_products(Random(1), TODAY) if each.valid_until is None]

    paid = sorted(rule.product for rule in rules if rule.is_in_force(TODAY))

    assert paid == sorted(on_sale)
    assert overlaps(rules) == []
    assert all(rule.checker_id not in (None, rule.employee_id) for rule in made)


def test_the_catalogue_is_the_same_every_time() -> None:
    assert make_products(Random(1), TODAY) == make_products(Random(1), TODAY)

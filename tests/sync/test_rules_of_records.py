"""An entity's own rule at the arbiter: what each field allows may still not be allowed together."""

from typing import Any

from shared.registry import Document
from shared.sync.arbiter import judge
from shared.sync.plain import plain
from shared.sync.protocol import Op
from shared.sync.ruling import Caller, Ground, Row, Ruling, asks, asks_more
from shared.testing.around import a_case, a_case_step
from shared.testing.builders import (
    NOW,
    a_caller,
    a_customer,
    insert,
    new_id,
    transition,
    txn,
)
from shared.testing.selling import a_commission_rule, a_product, a_sale, a_wealth_product, terms

LIN, ZHOU, BOSS, HEAD = new_id(), new_id(), new_id(), new_id()
LINS = f"portfolio:{LIN}"
ME, COLLEAGUE = a_caller(LIN), a_caller(ZHOU, LINS)
SUPERVISOR = a_caller(BOSS, LINS, "branch:unit", role="supervisor")
OTHER = a_caller(HEAD, LINS, "branch:unit", role="supervisor")
CUSTOMER = a_customer(LIN, risk_grade="R2")
CARD, FUND = a_product(), a_wealth_product()


def ground(*rows: tuple[str, Document, str]) -> Ground:
    return Ground(
        seen={},
        rows={(name, str(each["id"])): Row(each, 1, scope) for name, each, scope in rows},
        deleted=frozenset(),
        homes={str(CUSTOMER["id"]): LINS},
        moved=frozenset(),
        refers={
            ("customer", str(CUSTOMER["id"])): CUSTOMER,
            ("product", str(CARD["id"])): CARD,
            ("product", str(FUND["id"])): FUND,
        },
    )


def judged(*ops: Op, caller: Caller = ME, on: Ground | None = None) -> Ruling:
    return judge([txn(*ops)], caller, on or ground())


def said(*ops: Op, caller: Caller = ME, on: Ground | None = None) -> list[str]:
    """The statuses, or the codes of what was refused."""
    verdicts = judged(*ops, caller=caller, on=on).verdicts
    return [str(verdict.get("code", verdict["status"])) for verdict in verdicts]


def sold(product: Document = CARD, **fields: Any) -> Document:
    return a_sale(str(CUSTOMER["id"]), LIN, str(product["id"]), **fields)


def test_a_sale_is_logged_and_handed_in_in_one_transaction() -> None:
    sale = sold()
    handed_in = transition(
        "sale", str(sale["id"]), "status", "intent", "submitted", external_ref="C-1"
    )

    assert said(insert("sale", sale), handed_in) == ["applied", "applied"]


def test_a_sale_that_breaks_the_rule_becomes_an_issue_whole() -> None:
    ruling = judged(insert("sale", sold(FUND, qty=None, amount=100)))

    assert ruling.verdicts[0].get("code") == "risk_too_high"
    assert [issue.entity.name for issue in ruling.issues] == ["issue"]
    assert ruling.writes == []


def test_a_step_is_held_to_the_rule_as_well() -> None:
    sale = sold(a_product(), qty=1)
    booked = a_product(field_mode="appointment")
    on = ground(("sale", {**sale, "product_id": booked["id"]}, LINS), ("product", booked, "global"))
    step = transition("sale", str(sale["id"]), "status", "intent", "submitted")

    assert said(step, on=on) == ["not_in_the_field"]


def test_nobody_hands_in_a_colleagues_sale_or_confirms_their_own() -> None:
    sale = sold()
    on = ground(("sale", sale, LINS))
    step = transition("sale", str(sale["id"]), "status", "intent", "submitted")
    confirmed = transition("sale", str(sale["id"]), "status", "intent", "confirmed")

    assert said(step, caller=COLLEAGUE, on=on) == ["not_permitted"]
    assert said(confirmed, on=ground(("sale", sale, LINS))) == ["invalid"]


def test_what_a_rule_looks_at_is_asked_for() -> None:
    sale = sold()
    wanted = asks([txn(insert("sale", sale))])
    step = txn(transition("sale", str(sale["id"]), "status", "intent", "submitted"))
    more = asks_more([step], {("sale", str(sale["id"])): Row(sale, 1, LINS)})

    names = {"customer", "employee", "product"}
    assert wanted.refers.keys() == more.refers.keys() == names


def test_a_record_with_a_rule_is_never_plain() -> None:
    assert plain([txn(insert("sale", sold()))], ME) is None


# Cases: a line stands with the case's customer


def test_a_line_is_of_a_case_of_its_customer_also_of_one_just_made() -> None:
    case = a_case(str(CUSTOMER["id"]), opened_by=LIN)
    theirs = a_case(new_id(), opened_by=ZHOU)
    on = ground(("service_case", theirs, "portfolio:zhou"))
    forged = a_case_step({**theirs, "customer_id": CUSTOMER["id"]}, LIN)

    made = insert("service_case", case), insert("case_step", a_case_step(case, LIN))
    assert said(*made, on=on) == ["applied", "applied"]
    assert said(insert("case_step", forged), on=on) == ["case_of_another"]
    assert said(insert("case_step", a_case_step(case, LIN))) == ["case_of_another"]


# Rules of commission: two people


def judging(draft: Document, checker: str | None, status: str = "approved") -> Op:
    """A draft's next step, with who says they take it."""
    at = None if checker is None else NOW
    return transition(
        "commission_rule", str(draft["id"]), "status", "draft", status,
        checker_id=checker, checked_at=at,
    )  # fmt: skip


def test_an_account_manager_drafts_no_rule() -> None:
    caller = a_caller(LIN, "branch:unit")

    assert said(insert("commission_rule", a_commission_rule(LIN, "unit")), caller=caller) == [
        "not_permitted"
    ]


def test_a_rule_is_approved_by_another_and_never_by_its_maker() -> None:
    draft = a_commission_rule(BOSS, "unit")
    on = [ground(("commission_rule", draft, "branch:unit")) for _ in range(2)]

    assert said(insert("commission_rule", draft), caller=SUPERVISOR) == ["applied"]
    assert said(judging(draft, BOSS), caller=SUPERVISOR, on=on[0]) == ["four_eyes"]
    assert said(judging(draft, HEAD), caller=OTHER, on=on[1]) == ["applied"]


def test_whoever_judges_a_rule_is_kept_and_nobody_judges_in_anothers_name() -> None:
    draft = a_commission_rule(BOSS, "unit")
    on = [ground(("commission_rule", draft, "branch:unit")) for _ in range(5)]

    assert said(judging(draft, LIN), caller=OTHER, on=on[0]) == ["not_own_fact"]
    assert said(judging(draft, None), caller=OTHER, on=on[1]) == ["not_own_fact"]
    assert said(judging(draft, HEAD, "withdrawn"), caller=SUPERVISOR, on=on[2]) == ["not_own_fact"]
    assert said(judging(draft, None, "withdrawn"), caller=SUPERVISOR, on=on[3]) == ["applied"]
    kept = judged(judging(draft, HEAD, "declined"), caller=OTHER, on=on[4]).writes[0].document
    assert kept is not None
    assert (kept["status"], kept["checker_id"], kept["checked_at"]) == ("declined", HEAD, NOW)


def test_terms_that_contradict_themselves_become_no_rule() -> None:
    gap = terms(kind="TIER_MARGINAL", unit_price=None, tiers=[["0", "100", "0.1"]])
    other = terms("card", 2)

    for wrong in (gap, other, "[]", "{}", "nonsense"):
        draft = a_commission_rule(BOSS, "unit", terms=wrong)
        assert said(insert("commission_rule", draft), caller=SUPERVISOR) == ["terms_wrong"]

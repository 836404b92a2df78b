"""What the demo bank sells and what it pays: products, commission rules, targets, quality."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from pydantic_core import to_json

from shared.commission.months import Period, last_day, later_period, period_of
from shared.domain import CommissionRule, Employee, OrgUnit, Product, Quality, Target
from shared.domain.goal import quality_id, target_id
from shared.domain.product import FieldMode, Measure, ProductLine
from shared.sync.change import Insert, Transition
from sync_server.demo.clock import HOUR, moment, new_id
from sync_server.demo.history import Saved

_PRODUCTS: Final[
    tuple[tuple[str, str, ProductLine, FieldMode, Measure, str, str | None, str], ...]
] = (
    ("CARD-GOLD", "云汀金卡", "card", "on_site", "count", "张", None, "首年免年费，现场可填申请"),
    ("CARD-CAR", "车主信用卡", "card", "on_site", "count", "张", None, "加油与停车优惠"),
    ("PAY-QR", "商户收款码", "payment", "on_site", "count", "户", None, "当天可用，次日到账"),
    ("DEP-1Y", "一年期定期存款", "deposit", "on_site", "amount", "元", None, "按日均新增计佣"),
    ("DEP-3Y", "三年期大额存单", "deposit", "appointment", "amount", "元", None, "20 万元起"),
    (
        "LOAN-SME",
        "小微经营贷",
        "loan",
        "referral",
        "amount",
        "元",
        None,
        "客户经理转介，放款后计佣",
    ),
    ("LOAN-HOME", "住房贷款", "loan", "appointment", "amount", "元", None, "先预约，再到网点面签"),
    ("WM-R1", "安心日开理财", "wealth", "appointment", "amount", "元", "R1", "不保本，日开放"),
    ("WM-R2", "稳盈半年理财", "wealth", "appointment", "amount", "元", "R2", "不保本，封闭半年"),
    ("WM-R3", "进取一年理财", "wealth", "appointment", "amount", "元", "R3", "不保本，净值会波动"),
    ("FUND-R4", "沪深指数基金", "fund", "appointment", "amount", "元", "R4", "净值波动大"),
    ("INS-LIFE", "安泰年金保险", "insurance", "appointment", "amount", "元", "R2", "犹豫期 15 天"),
    ("WM-OLD", "去年的封闭理财", "wealth", "appointment", "amount", "元", "R2", "已停止发售"),
)
"""Code, name, line, how far in the field, measure, unit, risk grade, what one may say of it."""
_LADDER: Final = [{"to_month": 6, "rate": "1.00"}, {"to_month": 12, "rate": "0.50"}]
_DEFERRED: Final = {"rate": "0.40", "years": 3}
_CARD: Final = {
    "metric": "COUNT",
    "kind": "UNIT",
    "recognise_on": "ACTIVATED",
    "cap_period": "4000.00",
    "accelerators": [{"min_attainment": "1.20", "multiplier": "1.2"}],
    "clawback": _LADDER,
}
_DEPOSIT: Final = {"metric": "AVG_DELTA", "kind": "PER_10K", "recognise_on": "FUNDED"}
_LOAN: Final = {
    "metric": "AMOUNT",
    "kind": "TIER_MARGINAL",
    "recognise_on": "DISBURSED",
    "tier_scope": "PERIOD",
    "tiers": [
        ["0", "1000000.00", "0.0010"],
        ["1000000.00", "3000000.00", "0.0015"],
        ["3000000.00", None, "0.0020"],
    ],
    "deferral": _DEFERRED,
}
_RISKY: Final = {"metric": "AMOUNT", "kind": "RATE", "clawback": _LADDER, "deferral": _DEFERRED}
_TERMS: Final[dict[str, dict[str, Any]]] = {
    "CARD-GOLD": {**_CARD, "unit_price": "60.00"},
    "CARD-CAR": {**_CARD, "unit_price": "45.00"},
    "PAY-QR": {
        "metric": "COUNT",
        "kind": "UNIT",
        "recognise_on": "ACTIVATED",
        "unit_price": "20.00",
    },
    "DEP-1Y": {**_DEPOSIT, "unit_price": "8.00", "whole_units": False},
    "DEP-3Y": {**_DEPOSIT, "unit_price": "10.00", "whole_units": False},
    "LOAN-SME": _LOAN,
    "LOAN-HOME": _LOAN,
    "WM-R1": {**_RISKY, "rate": "0.0008", "recognise_on": "FUNDED"},
    "WM-R2": {**_RISKY, "rate": "0.0012", "recognise_on": "FUNDED"},
    "WM-R3": {**_RISKY, "rate": "0.0020", "recognise_on": "FUNDED"},
    "FUND-R4": {**_RISKY, "rate": "0.0030", "recognise_on": "FUNDED"},
    "INS-LIFE": {**_RISKY, "rate": "0.0120", "recognise_on": "COOLED_OFF"},
}
_CHANGES: Final = (
    ("CARD-GOLD", "本月起金卡活动，单价上调", {"unit_price": "66.00"}),
    ("WM-R3", "净值波动加大，售后工作更多", {"rate": "0.0022"}),
)
"""What is drafted: the product, why, and what differs from the rule before."""
_TARGETS: Final = {"CARD-GOLD": "6", "LOAN-SME": "1500000", "DEP-1Y": "1000000"}
_MONTHS_OF_GOALS: Final = 3
_QUALITY: Final = ("0.95", "1", "1.05")


def make_products(rng: Random, today: date) -> list[Product]:
    """Make the catalogue; the last product is no longer sold."""
    began, ended = date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
    made = []
    for place, (code, name, line, mode, measure, unit, grade, summary) in enumerate(_PRODUCTS):
        id = new_id(rng, moment(began, 9, place))
        until = ended.isoformat() if code == "WM-OLD" else None
        made.append(
            Product(
                id, code, name, line, mode, measure, unit, began.isoformat(), until,
                grade, summary,  # type: ignore[arg-type]
            )
        )  # fmt: skip
    return made


def make_commission_rules(
    rng: Random, today: date, units: Sequence[OrgUnit], people: Sequence[Employee]
) -> list[CommissionRule]:
    """Make the bank's rules, as they were approved before its year before began."""
    since = date(today.year - 1, 1, 1)
    [head_office] = [unit.id for unit in units if unit.kind == "head_office"]
    maker, checker = [one.id for one in people if one.role == "supervisor"][:2]
    return [
        CommissionRule(
            id=new_id(rng, moment(since, 10, place)),
            rule=code.lower(),
            number=1,
            org_unit_id=head_office,
            employee_id=maker,
            occurred_at=moment(since, 10, place),
            terms=_written(code, since),
            reason="年度佣金方案",
            status="approved",
            checker_id=checker,
            checked_at=moment(since, 11, place),
        )
        for place, code in enumerate(_TERMS)
    ]


def _written(code: str, since: date, version: int = 1, **change: str) -> str:
    rule = {"id": code.lower(), "version": version, "product": code, "from": since.isoformat()}
    return to_json({**rule, "to": None, **_TERMS[code], **change}).decode()


def make_changes(
    rng: Random, today: date, units: Sequence[OrgUnit], people: Sequence[Employee]
) -> tuple[list[Saved], list[Saved]]:
    """Make what a product manager drafts, and a supervisor's word on the first of the drafts.

    The gold card pays more from this month on; what a riskier product would pay is still a draft.
    """
    [head_office] = [unit.id for unit in units if unit.kind == "head_office"]
    maker = next(one.id for one in people if one.role == "product_manager")
    checker = next(one.id for one in people if one.role == "supervisor")
    this_month = today.replace(day=1)
    drafts = []
    for back, since, (code, reason, change) in zip(
        (9, 2), (this_month, last_day(period_of(today)) + timedelta(days=1)), _CHANGES, strict=True
    ):
        at = moment(since if since < today else today) - back * 24 * HOUR
        drafts.append(
            CommissionRule(
                id=new_id(rng, at),
                rule=code.lower(),
                number=2,
                org_unit_id=head_office,
                employee_id=maker,
                occurred_at=at,
                terms=_written(code, since, 2, **change),
                reason=reason,
            )
        )
    first = drafts[0]
    at = first.occurred_at + 26 * HOUR
    said = {"checker_id": checker, "checked_at": at}
    approval = Transition("commission_rule", first.id, "status", "draft", "approved", said)
    return (
        [Saved(maker, each.occurred_at, [Insert.of("commission_rule", each)]) for each in drafts],
        [Saved(checker, at, [approval])],
    )


def make_goals(
    rng: Random, today: date, people: Sequence[Employee]
) -> Iterator[tuple[str, list[Any]]]:
    """Make the targets and the quality of each account manager for the last months and this."""
    present = Period(today.isoformat()[:7])
    periods = [later_period(present, -back) for back in range(_MONTHS_OF_GOALS)]
    managers = [one.id for one in people if one.role == "account_manager"]
    yield (
        "target",
        [
            Target(target_id(who, code, period), who, code, period, value)
            for period in periods
            for who in managers
            for code, value in _TARGETS.items()
        ],
    )
    yield (
        "quality",
        [
            Quality(quality_id(who, period), who, period, rng.choice(_QUALITY))
            for period in periods
            for who in managers
        ],
    )

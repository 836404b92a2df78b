"""Terms: a commission rule in plain words, line by line, and what a version changes."""

from collections.abc import Mapping
from datetime import timedelta
from fractions import Fraction

from mobile_app.i18n import Words
from shared.commission.exact import decimal_text, percent
from shared.commission.rules import Rule, Tier


def told_terms(words: Words, rule: Rule) -> dict[str, str]:
    """Return what a rule says, by the name of each term; an absent term is said, too."""
    return {
        "pays": _pays(words, rule),
        "recognise_on": words.code("recognition", rule.recognise_on),
        "interval": told_interval(words, rule),
        "accelerators": words.listed(
            [
                words(
                    "terms.accelerator",
                    at=percent(each.min_attainment),
                    by=decimal_text(each.multiplier),
                )
                for each in sorted(rule.accelerators or (), key=lambda one: one.min_attainment)
            ]
        )
        or words("terms.none"),
        "cap_period": words.exact(rule.cap_period)
        if rule.cap_period is not None
        else words("terms.none"),
        "clawback": _ladder(words, rule),
        "deferral": words(
            "terms.deferral", rate=percent(rule.deferral.rate), years=rule.deferral.years
        )
        if rule.deferral
        else words("terms.none"),
    }


def changes(words: Words, former: Rule | None, rule: Rule) -> Mapping[str, tuple[str, str]]:
    """Return the terms that differ from the version before: what they were, what they are."""
    if former is None:
        return {}
    old, new = told_terms(words, former), told_terms(words, rule)
    return {name: (old[name], new[name]) for name in new if old[name] != new[name]}


def told_interval(words: Words, rule: Rule) -> str:
    """Say from when to when a rule is in force."""
    since = words.full_day(rule.since.isoformat())
    if rule.until is None:
        return words("terms.since", day=since)
    last = words.full_day((rule.until - timedelta(days=1)).isoformat())
    return words("terms.between", since=since, last=last)


def told_tier(words: Words, tier: Tier) -> str:
    """Say which amounts a tier is for."""
    if tier.high is None:
        return words("terms.tier.above", low=words.amount(tier.low))
    return words("terms.tier", low=words.amount(tier.low), high=words.amount(tier.high))


def tier_share(rule: Rule, tier: Tier) -> float:
    """Return a tier's rate against the rule's highest, 0 to 1."""
    highest = max((each.rate for each in rule.tiers or ()), default=Fraction(0))
    return float(tier.rate / highest) if highest else 0.0


def _pays(words: Words, rule: Rule) -> str:
    if rule.tiers is not None:
        lines = [
            words("terms.tier.pays", amounts=told_tier(words, each), rate=percent(each.rate))
            for each in rule.tiers
        ]
        return words(f"terms.{rule.kind}", tiers=words.listed(lines))
    if rule.rate is not None:
        return words("terms.RATE", rate=percent(rule.rate))
    key = "terms.PER_10K.whole" if rule.whole_units else f"terms.{rule.kind}"
    return words(key, price=words.exact(rule.unit_price))


def _ladder(words: Words, rule: Rule) -> str:
    steps = [
        words("terms.bracket", month=each.to_month, rate=percent(each.rate))
        for each in rule.clawback or ()
    ]
    return words.listed(steps) or words("terms.none")

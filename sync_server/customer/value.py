"""What a customer is worth to the bank in a year, line by line, and what serving them costs.

    contribution = sum of balance x spread + fees - cost to serve - expected loss

A deposit earns what the bank's treasury pays for the money less what the customer gets, a loan what
the customer pays less what the money costs. The cost is that of the last twelve months' contacts:
minutes of a manager where they are known, a price a piece elsewhere. Every line is rounded once,
half away from zero. An account whose rate nobody said adds nothing, and a line says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict
from pydantic import Field as Bound

from shared.commission.exact import round_fen, times
from shared.commission.fields import AmountFen, Day, Rate, UnitRate, Version
from shared.domain.account import OWED, Account, AccountKind
from shared.domain.customer_value import TIERS, Tier
from shared.domain.interaction import Channel
from shared.domain.interaction import Score as Satisfaction
from shared.domain.serving import WORKED, Effort
from shared.money import Fen

Points = Annotated[int, Bound(ge=0, le=1000)]
Part = Literal["spread", "fee", "minutes", "contacts", "loss", "unrated"]


@dataclass(frozen=True, slots=True)
class Model:
    """One version of how value is computed and of the prices it goes by, in force from a day on."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    number: Version
    since: Day
    funds: Mapping[AccountKind, Rate]
    """By kind of account: what the treasury pays for a deposit, or takes for a loan, in a year."""
    losses: Mapping[AccountKind, UnitRate]
    """By kind of account: the part of what is owed that is lost in a year."""
    minute: AmountFen
    """What a minute of an account manager costs."""
    pieces: Mapping[Channel, AmountFen]
    """By channel: what one contact costs that nobody measures in minutes."""
    lines: Mapping[Tier, Points]
    """By tier: the score from which on it is reached."""
    contribution_points: tuple[tuple[AmountFen, Points], ...]
    assets_points: tuple[tuple[AmountFen, Points], ...]
    """Points for reaching an amount, the highest first."""
    breadth_points: Points
    """For each kind of account beyond the first, up to four."""
    satisfaction_points: Mapping[Satisfaction, Points]
    """By the latest score that the customer gave."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a contribution: what it is of, its two factors, and what they come to (fen)."""

    part: Part
    of: str
    """A kind of account, a channel, or what a fee is for."""
    base: int
    """Fen of balance or fee, minutes, or contacts."""
    rate: str
    """What the base is multiplied by: a yearly rate, or fen a piece."""
    amount: Fen


@dataclass(frozen=True, slots=True)
class Contribution:
    """A customer's contribution with all its lines."""

    lines: tuple[Line, ...] = field(default=())

    def sum_of(self, *parts: Part) -> Fen:
        """Return the sum of some parts' lines (fen)."""
        return Fen(sum(line.amount for line in self.lines if line.part in parts))

    @property
    def revenue(self) -> Fen:
        """What the bank earns."""
        return self.sum_of("spread", "fee")

    @property
    def cost(self) -> Fen:
        """What serving costs; not negative."""
        return Fen(-self.sum_of("minutes", "contacts"))

    @property
    def total(self) -> Fen:
        """The contribution."""
        return Fen(sum(line.amount for line in self.lines))

    @property
    def ratio(self) -> str | None:
        """Revenue over cost with two decimals; None where serving cost nothing."""
        if not self.cost:
            return None
        hundredths = round_fen(self.revenue * 100, self.cost)
        return f"{'-' if hundredths < 0 else ''}{abs(hundredths) // 100}.{abs(hundredths) % 100:02}"


@dataclass(frozen=True, slots=True)
class Score:
    """Points with the reasons for them."""

    points: int
    reasons: tuple[tuple[str, int], ...]
    """What gave points, and how many; what gave none is not there."""
    tier: Tier


def contribution(
    accounts: Iterable[Account],
    efforts: Iterable[Effort],
    fees: Mapping[str, Fen],
    model: Model,
) -> Contribution:
    """Work out a contribution from open accounts, a year's contacts and a year's fees."""
    lines = list[Line]()
    for account in accounts:
        if not account.closed_on:
            lines += _of_account(account, model)
    lines += [Line("fee", name, amount, "1", amount) for name, amount in fees.items() if amount]
    lines += [line for effort in efforts if (line := _of_effort(effort, model)) is not None]
    return Contribution(tuple(line for line in lines if line.amount or line.part == "unrated"))


def _of_account(account: Account, model: Model) -> Iterable[Line]:
    funds = model.funds.get(account.kind)
    if funds is not None:
        yield _of_spread(account, funds)
    loss = model.losses.get(account.kind)
    if loss:
        yield Line(
            "loss", account.kind, account.balance, _decimal(loss), times(-account.balance, loss)
        )


def _of_spread(account: Account, funds: Fraction) -> Line:
    kind, balance = account.kind, account.balance
    if account.rate is None:
        return Line("unrated", kind, balance, "0", Fen(0))
    spread, written = _spread(account.rate, funds, owed=kind in OWED)
    return Line("spread", kind, balance, written, times(balance, spread))


@lru_cache(maxsize=4096)
def _spread(rate: str, funds: Fraction, *, owed: bool) -> tuple[Fraction, str]:
    """Return a spread, exact and as written; a bank has few rates, and many accounts at each."""
    spread = Fraction(rate) - funds if owed else funds - Fraction(rate)
    return spread, _decimal(spread)


def _of_effort(effort: Effort, model: Model) -> Line | None:
    if effort.channel in WORKED:
        cost = effort.minutes * model.minute
        return Line("minutes", effort.channel, effort.minutes, str(model.minute), Fen(-cost))
    piece = model.pieces.get(effort.channel)
    if piece is None:
        return None
    cost = effort.contacts * piece
    return Line("contacts", effort.channel, effort.contacts, str(piece), Fen(-cost))


def score(
    found: Contribution,
    assets: Fen,
    kinds: int,
    satisfaction: int | None,
    model: Model,
) -> Score:
    """Score a customer by a model; `kinds` counts the kinds of open accounts."""
    given = {
        "contribution": _points(found.total, model.contribution_points),
        "assets": _points(assets, model.assets_points),
        "breadth": min(4, max(0, kinds - 1)) * model.breadth_points,
        "satisfaction": model.satisfaction_points.get(satisfaction or 0, 0),
    }
    points = sum(given.values())
    reached = [tier for tier in TIERS if points >= model.lines[tier]]
    return Score(points, tuple((name, each) for name, each in given.items() if each), reached[-1])


def _points(amount: Fen, steps: Sequence[tuple[Fen, int]]) -> int:
    return next((points for least, points in steps if amount >= least), 0)


def _decimal(rate: Fraction) -> str:
    """Write a yearly rate exactly; rates are decimals, so that they always end."""
    scaled = rate * 10**8
    sign, digits = ("-" if scaled < 0 else ""), f"{abs(scaled.numerator):09}"
    return f"{sign}{digits[:-8]}.{digits[-8:]}".rstrip("0").rstrip(".")

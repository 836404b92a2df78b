"""Check digits of the numbers that banks know customers by, and numbers that nobody carries.

A number must pass every validator on its way, or the demo stops at the first form; it must also
belong to no one, so the region, the mobile segment and the card issuer are ones never assigned.
"""

from datetime import date
from random import Random

from shared.domain.customer import Gender
from shared.identity import USCC_ALPHABET, id_card_check, luhn_check, uscc_check

REGIONS = ("480102", "480103", "480104")
"""GB/T 2260 has assigned no province 48."""
MOBILE_SEGMENT = "154"
"""No carrier has been given the segment 154."""
CARD_ISSUER = "062099"
"""ISO/IEC 7812-1 gives issuers beginning with 0 to no bank."""


def organisation_check(body: str) -> str:
    """Return the check character of an organisation code's 8 characters (GB 11714-1997)."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(sign, 36) * weight for sign, weight in zip(body, weights, strict=True))
    return "0X987654321"[total % 11]


def id_card(rng: Random, birth: date, gender: Gender | None) -> str:
    """Make the number of a resident identity card; an even order number means a woman."""
    order = rng.randrange(1, 500) * 2 - (1 if gender == "male" else 0)
    body = f"{rng.choice(REGIONS)}{birth:%Y%m%d}{order:03d}"
    return body + id_card_check(body)


def uscc(rng: Random) -> str:
    """Make the unified social credit code of an enterprise in the register of commerce."""
    code = "MA" + "".join(rng.choices(USCC_ALPHABET, k=6))
    body = f"91{rng.choice(REGIONS)}{code}{organisation_check(code)}"
    return body + uscc_check(body)


def bank_card(rng: Random) -> str:
    """Make a card number of 19 digits."""
    body = CARD_ISSUER + _digits(rng, 12)
    return body + luhn_check(body)


def mobile_phone(rng: Random) -> str:
    """Make a mobile number of 11 digits."""
    return MOBILE_SEGMENT + _digits(rng, 8)


def _digits(rng: Random, count: int) -> str:
    return f"{rng.randrange(10**count):0{count}d}"

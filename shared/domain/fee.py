"""What a customer pays a fee for; fees themselves stay at the server."""

from typing import Final, Literal, get_args

FeeKind = Literal[
    "account", "settlement", "card", "wealth", "fund", "insurance", "loan", "foreign", "other"
]
FEE_KINDS: Final[tuple[FeeKind, ...]] = get_args(FeeKind)

"""Value models: the one that comes with the server, and reading a bank's own from its JSON.

A model names everything that the value of a customer depends on beside the customer. A new version
is a file of the same form with a later number; it is in force from its day on, so that what was
assessed before can be assessed again, to the same fen.
"""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from shared.domain.customer_value import TIERS
from shared.errors import refused
from shared.money import Fen
from sync_server.customer.value import Model

_MODEL: Final = TypeAdapter(Model)

FIRST: Final = Model(
    number=1,
    since=date(2025, 1, 1),
    funds={
        "demand": Fraction("0.0210"),
        "time_deposit": Fraction("0.0210"),
        "loan": Fraction("0.0255"),
        "card": Fraction("0.0255"),
    },
    losses={"loan": Fraction("0.0100"), "card": Fraction("0.0180")},
    minute=Fen(150),
    pieces={
        "counter": Fen(600),
        "call_centre": Fen(450),
        "self_service": Fen(60),
        "online": Fen(10),
        "sms": Fen(5),
        "mail": Fen(300),
    },
    lines={"basic": 0, "silver": 250, "gold": 500, "platinum": 750},
    contribution_points=(
        (Fen(5_000_000), 500),
        (Fen(2_000_000), 400),
        (Fen(800_000), 300),
        (Fen(300_000), 200),
        (Fen(100_000), 100),
    ),
    assets_points=(
        (Fen(600_000_000), 300),
        (Fen(100_000_000), 220),
        (Fen(50_000_000), 150),
        (Fen(20_000_000), 100),
        (Fen(5_000_000), 50),
    ),
    breadth_points=25,
    satisfaction_points={5: 100, 4: 70, 3: 30},
)


def read_model(text: str | bytes) -> Model:
    """Read a model from JSON; raise the refusal `model_wrong` with the path of the first fault."""
    try:
        model = _MODEL.validate_python(from_json(text))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = ".".join(map(str, first["loc"]))
        raise refused("model_wrong", path=path, problem=first["msg"]) from None
    except ValueError:
        raise refused("model_wrong", path="file", problem="not JSON") from None
    if set(model.lines) != set(TIERS) or model.lines[TIERS[0]]:
        raise refused("model_wrong", path="lines", problem="every tier has one, the lowest 0")
    lines = [model.lines[tier] for tier in TIERS]
    if lines != sorted(lines):
        raise refused("model_wrong", path="lines", problem="a higher tier has a higher line")
    for name in ("contribution_points", "assets_points"):
        steps = getattr(model, name)
        if list(steps) != sorted(steps, reverse=True):
            raise refused("model_wrong", path=name, problem="the highest amount comes first")
    return model


def in_force(models: Iterable[Model], day: date) -> Model:
    """Return the model of a day: of those that have begun the one with the highest number."""
    begun = [model for model in models if model.since <= day]
    return max(begun, key=lambda model: model.number, default=FIRST)

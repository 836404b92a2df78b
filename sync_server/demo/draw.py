"""Drawing by weight: the one piece of chance that every part of the demo needs."""

from collections.abc import Mapping
from random import Random
from typing import TypeVar

T = TypeVar("T")


def pick(rng: Random, weights: Mapping[T, float]) -> T:
    """Draw one of the keys, each as often as its weight."""
    return rng.choices(list(weights), list(weights.values()))[0]

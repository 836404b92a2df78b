"""Channels in groups."""

from collections import Counter
from typing import get_args

from shared.domain.channels import GROUPS
from shared.domain.interaction import Channel


def test_every_channel_is_in_one_group() -> None:
    assert Counter(each for some in GROUPS.values() for each in some) == Counter(get_args(Channel))

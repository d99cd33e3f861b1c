from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

import pytest

from trunkline.protocol import observations
from trunkline.protocol.observations import Observation

KINDS = [
    getattr(observations, name)
    for name in observations.__all__
    if isinstance(getattr(observations, name), type)
    and issubclass(getattr(observations, name), Observation)
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_fact_is_frozen_and_says_when_and_on_which_link(kind: type):
    assert is_dataclass(kind)
    assert kind.__dataclass_params__.frozen
    assert [field.name for field in fields(kind)][:2] == ["at", "epoch"]
    assert kind.__doc__


def test_the_message_of_a_fact_is_neither_shown_nor_compared():
    bare = observations.MessagePassed(
        at=1.0, epoch=1, direction=observations.Direction.UP, type="x", size_bytes=6
    )
    whole = replace(bare, message=b"canary")
    assert whole == bare
    assert whole.message == b"canary"
    assert "canary" not in repr(whole)

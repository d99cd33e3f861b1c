from __future__ import annotations

import pytest

from trunkline.telemetry import beat

NAMES = [name for name in beat.__all__ if name != "LATE_SECONDS"]


def test_no_two_sums_gauges_or_spreads_have_one_name():
    assert len({getattr(beat, name) for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_word_on_the_wire(name):
    assert getattr(beat, name).isidentifier()

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass

import pytest

from telemetry.recorded import END, START, snapshot_at
from trunkline.telemetry import snapshot as module
from trunkline.telemetry.snapshot import Books, LineSnapshot
from trunkline.text import Clean


def test_all_values_are_frozen_and_slotted():
    for name in module.__all__:
        kind = getattr(module, name)
        if is_dataclass(kind):
            assert kind.__dataclass_params__.frozen, name
            assert "__slots__" in vars(kind), name


def test_ages_are_counted_from_the_moment_of_the_snapshot():
    snapshot = snapshot_at()
    assert snapshot.age_s == END - START
    assert snapshot.state_age_s == pytest.approx(END - (START + 22.48))
    assert snapshot.clock(START + 5) == 5


def test_no_field_can_be_bound_again():
    value = LineSnapshot(at=0.0, started_at=0.0, name=Clean("x"), server=Clean(""))
    for field in fields(value):
        with pytest.raises(FrozenInstanceError):
            setattr(value, field.name, None)


def test_balance_has_three_answers():
    assert Books().balanced is None
    assert Books(imbalance_ms=0.0).balanced is True
    assert Books(imbalance_ms=-20.0).balanced is False

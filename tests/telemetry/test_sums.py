from __future__ import annotations

from dataclasses import fields

from trunkline.telemetry import beat
from trunkline.telemetry.sums import Sums


def test_only_what_is_there_is_told():
    assert Sums().named() == {}
    assert Sums(sent=480, stalled=0.5).named() == {beat.SENT: 480, beat.STALLED: 0.5}


def test_every_sum_has_a_name_of_its_own():
    whole = Sums(**{one.name: n + 1 for n, one in enumerate(fields(Sums))})
    named = whole.named()
    assert sorted(named.values()) == list(range(1, len(fields(Sums)) + 1))
    assert set(named) <= {getattr(beat, name) for name in beat.__all__}

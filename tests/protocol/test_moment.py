from __future__ import annotations

from protocol.test_rotation import live
from trunkline.protocol.moment import Moments
from trunkline.protocol.window import RotationPolicy


def test_without_a_ready_session_only_the_end_of_the_window_switches():
    moments = Moments(RotationPolicy(), live().connection._conversation)
    moments.any_at, moments.gives_up_at = 50.0, 60.0
    assert moments.has_come(0.0, is_ready=True, is_pending=False)
    assert not moments.has_come(0.0, is_ready=True, is_pending=True)
    assert not moments.has_come(55.0, is_ready=False, is_pending=False)
    assert moments.has_come(60.0, is_ready=False, is_pending=True)
    assert moments.looks_at(0.0) == 20.0
    assert moments.looks_at(50.0) is None

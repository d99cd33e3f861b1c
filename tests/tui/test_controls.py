from __future__ import annotations

from trunkline.tui.controls import Controls, ReadOnly


def test_read_only_controls_offer_nothing():
    controls: Controls = ReadOnly()
    assert controls.can_break is False
    assert controls.break_link() is None
    assert controls.close() is None

from __future__ import annotations

from trunkline.tui.controls import Action, Controls, ReadOnly


def test_read_only_controls_offer_nothing():
    controls: Controls = ReadOnly()
    assert controls.read_only is True
    assert controls.allowed("demo") == frozenset()
    assert controls.faults("demo") == ()
    assert controls.answer() is None


def test_read_only_controls_do_nothing():
    controls: Controls = ReadOnly()
    assert controls.act("demo", Action.CLOSE) is None
    assert controls.fault("demo", "reset the link") is None
    assert controls.close() is None

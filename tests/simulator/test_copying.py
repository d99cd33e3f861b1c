from __future__ import annotations

from trunkline.simulator.copying import copied


def test_a_copy_is_equal_and_shares_nothing_that_can_change():
    value = {"a": [{"b": 1}, "c", None], "d": {"e": 2.5}}
    copy = copied(value)
    assert copy == value
    copy["a"][0]["b"] = 2
    copy["a"].append(3)
    copy["d"]["e"] = 0
    assert value == {"a": [{"b": 1}, "c", None], "d": {"e": 2.5}}

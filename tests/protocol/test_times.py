from __future__ import annotations

from trunkline.protocol.times import earliest


def test_what_is_not_set_comes_never():
    assert earliest(None, 3.0, 2.0, None) == 2.0
    assert earliest(0.0, 1.0) == 0.0
    assert earliest(None, None) is None
    assert earliest() is None

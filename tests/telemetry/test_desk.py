from __future__ import annotations

from trunkline.telemetry import desk


def test_every_public_name_is_there():
    assert all(hasattr(desk, name) for name in desk.__all__)

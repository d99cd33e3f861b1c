from __future__ import annotations

from trunkline.telemetry import frames


def test_every_public_name_is_there():
    assert all(hasattr(frames, name) for name in frames.__all__)

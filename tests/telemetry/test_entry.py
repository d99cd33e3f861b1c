from __future__ import annotations

from trunkline.telemetry import entry


def test_every_public_name_is_there():
    assert all(hasattr(entry, name) for name in entry.__all__)

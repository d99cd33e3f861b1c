from __future__ import annotations

from trunkline.telemetry import fleet_snapshot


def test_every_public_name_is_there():
    assert all(hasattr(fleet_snapshot, name) for name in fleet_snapshot.__all__)

from __future__ import annotations

from trunkline.telemetry import views


def test_every_public_name_is_there():
    assert all(hasattr(views, name) for name in views.__all__)

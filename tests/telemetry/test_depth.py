from __future__ import annotations

from dataclasses import astuple

from trunkline.telemetry.depth import FULL, LEAN, LEAN_FROM


def test_lean_is_less_of_everything():
    assert all(lean < full for lean, full in zip(astuple(LEAN), astuple(FULL), strict=True))
    assert LEAN_FROM > 0

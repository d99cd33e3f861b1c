from __future__ import annotations

from trunkline.client.budget import process_budget


def test_a_process_has_one():
    assert process_budget() is process_budget()

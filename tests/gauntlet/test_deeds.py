from __future__ import annotations

from trunkline.gauntlet.deeds import Crash, Gate


def test_a_gate_lets_in_refuses_and_lets_in_again():
    gate = Gate(how=Crash(), after=1, count=2)
    assert [gate.refuses(before) for before in range(5)] == [False, True, True, False, False]


def test_a_gate_without_a_count_stays_shut():
    gate = Gate(how=Crash(), after=0)
    assert all(gate.refuses(before) for before in range(100))

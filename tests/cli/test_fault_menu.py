from __future__ import annotations

import pytest

from trunkline.cli.fault_menu import FAULTS
from trunkline.simulator.scenario import action_from_dict


@pytest.mark.parametrize("words", FAULTS)
def test_the_simulator_knows_every_fault_of_the_menu(words):
    assert action_from_dict(FAULTS[words]) is not None
    assert len(words) <= 40

from __future__ import annotations

import pytest

from trunkline.cli.fault_menu import FAULTS, FaultRefused, SimulatorFaults
from trunkline.simulator.scenario import action_from_dict


class Server:
    """Remembers what it was told to do."""

    def __init__(self, error=None):
        self.done = []
        self.error = error

    def break_link(self, action):
        if self.error:
            raise self.error
        self.done.append(action)


@pytest.mark.parametrize("words", FAULTS)
def test_the_simulator_knows_every_fault_of_the_menu(words):
    assert action_from_dict(FAULTS[words]) is not None
    assert len(words) <= 40


def test_a_fault_is_made_in_the_simulator_s_own_words():
    server = Server()
    faults = SimulatorFaults(lambda: server)
    assert faults.names() == tuple(FAULTS)
    assert faults.make("stall for 2 s") == "the simulator: stall for 2 s"
    assert server.done == [{"action": "stall", "seconds": 2.0}]


def test_a_simulator_that_ended_can_do_nothing():
    faults = SimulatorFaults(lambda: None)
    assert faults.names() == ()
    with pytest.raises(FaultRefused, match="has ended"):
        faults.make("stall for 2 s")


def test_what_the_simulator_does_not_take_is_said():
    with pytest.raises(FaultRefused, match="did not take it: nobody there"):
        SimulatorFaults(lambda: Server(OSError("nobody there"))).make("stall for 2 s")
    with pytest.raises(FaultRefused, match="no fault nonsense"):
        SimulatorFaults(Server).make("nonsense")

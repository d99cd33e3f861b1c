from __future__ import annotations

from trunkline.simulator.clock import ManualClock
from trunkline.simulator.faults import FaultBook
from trunkline.simulator.parts import EXPIRIES, LinkSettings


def test_a_server_pings_as_the_live_one_and_ends_sessions_both_ways():
    settings = LinkSettings(clock=ManualClock(), book=FaultBook(), on_host_action=print)
    assert settings.ping_interval == 20.26
    assert settings.expiry == EXPIRIES[0] == "both"

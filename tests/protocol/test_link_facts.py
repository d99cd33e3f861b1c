from __future__ import annotations

from trunkline.protocol import link_facts, observations
from trunkline.protocol.fact import Observation


def test_all_of_them_are_facts_that_observers_find_beside_the_others():
    for name in set(link_facts.__all__) - {"Phases"}:
        kind = getattr(link_facts, name)
        assert issubclass(kind, Observation)
        assert getattr(observations, name) is kind

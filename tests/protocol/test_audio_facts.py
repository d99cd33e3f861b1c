from __future__ import annotations

from trunkline.protocol import audio_facts, observations
from trunkline.protocol.fact import Observation


def test_all_of_them_are_facts_that_observers_find_beside_the_others():
    for name in audio_facts.__all__:
        kind = getattr(audio_facts, name)
        assert issubclass(kind, Observation)
        assert getattr(observations, name) is kind

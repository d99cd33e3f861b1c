from __future__ import annotations

import pytest

from trunkline.protocol.fact import Observation


def test_a_fact_cannot_be_changed_and_takes_no_other_fields():
    fact = Observation(at=1.0, epoch=2)
    with pytest.raises(AttributeError):
        fact.at = 2.0
    with pytest.raises(TypeError):
        Observation(at=1.0, epoch=2, link=3)

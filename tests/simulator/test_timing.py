from __future__ import annotations

import pytest

from trunkline.errors import ConfigError
from trunkline.simulator.timing import Timing


def test_the_defaults_are_five_times_real_time_in_fifths_of_a_second():
    assert (Timing().pace, Timing().delta_ms) == (5.0, 200)


@pytest.mark.parametrize(
    "setting",
    [
        {"pace": 0.0},
        {"pace": -1.0},
        {"pace": float("nan")},
        {"delta_ms": 0},
        {"transcription_spread": -0.1},
        {"cancel_delay": -1.0},
    ],
)
def test_what_cannot_be_kept_is_refused(setting):
    with pytest.raises(ConfigError):
        Timing(**setting)

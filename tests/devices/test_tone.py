"""A source that hums."""

from __future__ import annotations

import numpy as np
import pytest

from devices.jumping import run
from trunkline.audio.level import Meter
from trunkline.devices.tone import tone_source
from trunkline.errors import ConfigError


def heard(**options) -> bytes:
    async def listen():
        async with tone_source(**options) as source:
            return b"".join([block.pcm async for block in source])

    return run(listen())


def test_it_has_the_pitch_the_level_and_the_length_that_were_asked_for():
    pcm = heard(hz=997, peak_dbfs=-6.0, seconds=1.0)
    samples = np.frombuffer(pcm, "<i2").astype(float)
    assert len(samples) == 24_000
    assert np.argmax(abs(np.fft.rfft(samples))) == 997
    meter = Meter()
    meter.take(pcm)
    assert abs(meter.level().rms_dbfs + 6) < 0.01


def test_blocks_join_without_a_step():
    samples = np.frombuffer(heard(hz=441, peak_dbfs=0.0, seconds=0.5), "<i2").astype(int)
    assert abs(np.diff(samples)).max() <= 32767 * 2 * np.pi * 441 / 24_000 + 1


def test_the_last_block_is_cut_where_the_time_is_over():
    assert len(heard(seconds=0.03)) == 2 * 720


def test_its_name_says_what_is_heard():
    assert tone_source(440).name == "tone of 440 Hz"


@pytest.mark.parametrize("hz", [0, -1, 12_000])
def test_a_pitch_that_the_rate_has_not_is_refused(hz: int):
    with pytest.raises(ConfigError, match=f"{hz} Hz is not between 0 and 12000"):
        tone_source(hz)


def test_a_level_above_full_scale_is_refused():
    with pytest.raises(ConfigError, match="above full scale"):
        tone_source(peak_dbfs=0.1)

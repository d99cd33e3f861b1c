from __future__ import annotations

import pytest

from trunkline.errors import StreamError
from trunkline.protocol.observations import Direction
from trunkline.telemetry import frames
from trunkline.telemetry.frames import Beat, Began, Heard, Pcm
from trunkline.telemetry.histogram import BUCKET_LIMIT


def test_every_public_name_is_there():
    assert all(hasattr(frames, name) for name in frames.__all__)


@pytest.mark.parametrize("rate_hz", [0, -1, 10_000_000])
def test_a_line_has_a_rate_that_audio_can_have(rate_hz):
    with pytest.raises(StreamError, match=f"a rate of {rate_hz} Hz"):
        Began(line="x", at=0.0, wall_offset=0.0, name="x", rate_hz=rate_hz)


@pytest.mark.parametrize("bucket", [-1, BUCKET_LIMIT])
def test_a_duration_is_in_a_bucket_that_there_is(bucket):
    with pytest.raises(StreamError):
        Beat(line="x", at=0.0, epoch=0, spreads={"rtt": (1, bucket)})


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("pcm", b"abc", "inside a sample"), ("rate_hz", 0, "a rate of 0 Hz")],
)
def test_audio_that_makes_no_sense_is_refused(field, value, words):
    fine = {"line": "a", "at": 1.0, "begins_at": 0.9, "rate_hz": 8_000, "pcm": Pcm(b"ab")}
    Heard(direction=Direction.UP, **fine)
    with pytest.raises(StreamError, match=words):
        Heard(direction=Direction.UP, **fine | {field: value})

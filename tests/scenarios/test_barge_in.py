"""Real speech interrupts an answer: the loudspeaker falls silent at once, and the server learns what was heard."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from scenarios.barging import BLOCK_SAMPLES, barge_in, imagined
from scenarios.soundcard import TemporarySoundcard, why_not

REASON = why_not()
BLOCK_MS = 20
# What PulseAudio's null sink and PortAudio hold when they are told to be silent, they play all the same (60 ms was
# measured of a round trip).
DEVICE_MS = 80


# On a machine that is too busy a loop is late, and a device runs dry: neither is what is asked here. What does it wrong
# does it wrong each time.
ATTEMPTS = 3


def complaint(found: dict, *, device_ms: float) -> str:
    """What is wrong with it; nothing if all is well."""
    if not found["same_item"]:
        return "another item was cut"
    # It was cut in the middle, not at either end.
    if not 20_000 < found["played_samples"] < found["reply_samples"] - 10_000:
        return f"the answer was not heard whole until then: {found}"
    late = found["played_samples"] - found["truncated_samples"]
    if abs(late) > BLOCK_SAMPLES:
        return f"it was cut {late} samples from where it was heard"
    if found["sounding_blocks"] * BLOCK_MS > device_ms:
        return f"{found['sounding_blocks']} blocks sounded after the interruption"
    return ""


def first_good(attempt, *, device_ms: float) -> str:
    for _ in range(ATTEMPTS):
        words = complaint(attempt(), device_ms=device_ms)
        if not words:
            break
    return words


@pytest.mark.timeout(150)
def test_a_caller_who_speaks_into_an_answer_silences_it_within_a_block():
    def attempt() -> dict:
        return asyncio.run(asyncio.wait_for(barge_in(imagined), 40))

    assert first_good(attempt, device_ms=0) == ""


@pytest.mark.skipif(bool(REASON), reason=f"NO REAL SOUND WAS TESTED: {REASON}")
@pytest.mark.timeout(200)
def test_so_he_does_on_a_real_sound_server():
    path = ":".join([str(Path(__file__).parents[1]), *(each for each in sys.path if each)])
    with TemporarySoundcard() as card:

        def attempt() -> dict:
            run = subprocess.run(
                [sys.executable, "-W", "error", "-m", "scenarios.barging"],
                env=card.environment | {"PYTHONPATH": path},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert run.returncode == 0, run.stderr
            return json.loads(run.stdout)

        assert first_good(attempt, device_ms=DEVICE_MS) == ""

"""What is done about the loudspeaker being heard by the microphone."""

from __future__ import annotations

import sys
import wave
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from trunkline.devices.base import Block
from trunkline.devices.echo import EchoCanceller, HalfDuplex, NoEcho
from trunkline.errors import MediaError

SPEECH = Path(__file__).parents[2] / "python/trunkline/speech"
BLOCK = 480
RATE = 24_000


def level(samples: int, value: int = 5000) -> bytes:
    return np.full(samples, value, "<i2").tobytes()


def test_for_headphones_a_block_is_left_as_it_is():
    echo, block = NoEcho(), Block(level(BLOCK), 1.0)
    echo.played(level(BLOCK), 1.0)
    assert echo.clean(block) is block


def test_half_duplex_gives_silence_in_the_blocks_place_and_keeps_what_is_said_of_it():
    echo = HalfDuplex()
    echo.played(level(BLOCK), 1.0)
    assert echo.clean(Block(level(BLOCK, 50), 1.0, 3.5)) == Block(bytes(2 * BLOCK), 1.0, 3.5)
    assert echo.is_closed


def test_without_the_extra_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "livekit", None)
    with pytest.raises(MediaError, match=r"echo: .*pip install 'trunkline\[aec\]'"):
        EchoCanceller()


class Frame:
    def __init__(self, data, rate_hz, channels, samples):
        assert (rate_hz, channels, samples, len(data)) == (RATE, 1, 240, 480)
        self.data = memoryview(data).cast("h")


class Processing:
    """Notes what it is given, and halves the microphone."""

    def __init__(self, **options):
        self.options, self.calls = options, []

    def process_reverse_stream(self, frame):
        self.calls.append(("far", frame.data.tolist()))

    def set_stream_delay_ms(self, delay_ms):
        self.calls.append(("delay", delay_ms))

    def process_stream(self, frame):
        self.calls.append(("near", frame.data.tolist()))
        for at, sample in enumerate(frame.data):
            frame.data[at] = sample // 2


@pytest.fixture
def processing(monkeypatch) -> Processing:
    """The one that the next canceller makes."""
    made = Processing()

    def make(**options):
        made.options = options
        return made

    library = ModuleType("livekit")
    library.rtc = SimpleNamespace(AudioFrame=Frame, AudioProcessingModule=make)
    monkeypatch.setitem(sys.modules, "livekit", library)
    return made


def test_each_frame_of_ten_milliseconds_has_its_reference_in_front(processing):
    echo = EchoCanceller()
    echo.played(level(BLOCK, 1) + level(BLOCK, 2), 1.03)
    cleaned = echo.clean(Block(level(BLOCK, 100), 1.0))
    assert cleaned == Block(level(BLOCK, 50), 1.0)
    kinds = [kind for kind, _ in processing.calls]
    assert kinds == ["far", "delay", "near"] * 2
    assert [value[0] for kind, value in processing.calls if kind == "far"] == [1, 1]
    assert processing.calls[1] == ("delay", 30)
    assert processing.options == {"echo_cancellation": True, "high_pass_filter": True}


def test_the_reference_is_what_is_heard_a_little_later_than_the_block(processing):
    echo = EchoCanceller()
    echo.played(level(BLOCK, 1) + level(BLOCK, 2), 1.0)
    echo.clean(Block(level(240, 100), 1.0))
    (far,) = (value for kind, value in processing.calls if kind == "far")
    assert far == [2] * 240


def test_a_short_last_block_stays_as_long(processing):
    cleaned = EchoCanceller().clean(Block(level(300, 100), 1.0))
    assert cleaned.pcm == level(300, 50)


# The real library.


def _speech(name: str) -> np.ndarray:
    with wave.open(str(SPEECH / name)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)


def _dbfs(samples: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt((samples**2).mean()) / 32768 + 1e-9))


def _cancelled(far: np.ndarray, mic: np.ndarray) -> np.ndarray:
    echo, cleaned = EchoCanceller(), b""
    far_pcm, mic_pcm = far.astype("<i2").tobytes(), mic.astype("<i2").tobytes()
    for number in range(len(far) // BLOCK):
        part = slice(2 * BLOCK * number, 2 * BLOCK * (number + 1))
        echo.played(far_pcm[part], 0.06 + 0.02 * number)
        cleaned += echo.clean(Block(mic_pcm[part], 0.02 * number)).pcm
    return np.frombuffer(cleaned, "<i2").astype(float)


@pytest.fixture
def speech():
    pytest.importorskip(
        "livekit",
        reason="NOT PROVEN: that an echo is cancelled for real; pip install 'trunkline[aec]'",
    )
    return np.concatenate([_speech(f"interpreter_{number}.wav") for number in (1, 2, 3)])


def test_the_echo_of_speech_is_gone_and_a_voice_beside_it_stays(speech):
    # What is played at 0.06 s of the loudspeaker's time is heard 8 ms later, 12 dB fainter.
    heard = np.concatenate([np.zeros(round(0.068 * RATE)), speech])[: len(speech)] / 4
    cleaned = _cancelled(speech, heard)
    late = slice(3 * RATE, len(cleaned))
    assert _dbfs(cleaned[late]) < _dbfs(heard[late]) - 30
    voice = np.zeros(len(heard))
    said = _speech("caller_3.wav")
    voice[4 * RATE : 4 * RATE + len(said)] = said[: len(voice) - 4 * RATE]
    both = _cancelled(speech, np.clip(heard + voice, -32768, 32767))
    part = slice(4 * RATE, 4 * RATE + len(said))
    assert abs(_dbfs(both[part]) - _dbfs(voice[part])) < 6

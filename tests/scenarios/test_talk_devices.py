"""`trunkline talk` through a real sound server: somebody speaks into the microphone, and the devices are unplugged."""

from __future__ import annotations

import subprocess
import wave
from pathlib import Path

import pytest

from cli.terminal import Terminal
from scenarios.soundcard import SINKS, TemporarySoundcard, why_not

REASON = why_not()
pytestmark = [
    pytest.mark.skipif(bool(REASON), reason=f"NO REAL SOUND WAS TESTED: {REASON}"),
    pytest.mark.timeout(150),
]
SPEECH = Path(__file__).parents[2] / "python/trunkline/speech"


@pytest.fixture
def card():
    with TemporarySoundcard() as found:
        yield found


def opened(card, *arguments: str) -> Terminal:
    devices = ("--input", "tl_mic, ALSA", "--output", "tl_speaker, ALSA", "--headphones")
    return Terminal(
        "talk", "--simulated", *devices, *arguments, columns=100, rows=24, **card.environment
    )


def speak(card, name: str) -> None:
    """Plays a recording to the microphone."""
    with wave.open(str(SPEECH / name)) as file:
        pcm = file.readframes(file.getnframes())
    form = ("--raw", "--rate=24000", "--channels=1", "--format=s16le")
    subprocess.run(
        ["pacat", "--playback", "--device=tl_mic", *form],
        input=pcm, env=card.environment, check=True, timeout=30,
    )  # fmt: skip


def test_what_is_said_into_a_microphone_is_answered_through_a_loudspeaker(card, tmp_path):
    saved = tmp_path / "out.wav"
    terminal = opened(card, "--save", str(saved))
    terminal.wait_for("● live", seconds=40)
    terminal.wait_for("microphone: tl_mic")
    speak(card, "caller_3.wav")
    terminal.wait_for("speaking")
    terminal.wait_until_gone("speaking")
    screen = terminal.text()
    assert "user      " in screen
    assert "assistant " in screen
    terminal.type("q")
    assert terminal.end() == 0
    with wave.open(str(saved)) as ours:
        assert ours.getnframes() > 24_000


def test_devices_that_are_unplugged_are_told_waited_for_and_back(card):
    terminal = opened(card)
    terminal.wait_for("speaker: tl_speaker", seconds=40)
    for sink in SINKS:
        card.unload(sink)
    terminal.wait_for("▲ microphone gone; waiting for it (tl_mic)")
    terminal.wait_for("▲ speaker gone; waiting for it (tl_speaker)")
    for sink in SINKS:
        card.load(sink)
    terminal.wait_for("● microphone back (tl_mic)")
    terminal.wait_for("● speaker back (tl_speaker)")
    terminal.type("q")
    assert terminal.end() == 0

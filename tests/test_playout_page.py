"""docs/playout.md does what it says: its code holds a call in virtual time, between a line and files."""

from __future__ import annotations

import re
import wave
from pathlib import Path

import numpy as np
import pytest

from devices.conversing import PAGE, Conversation, recording, silence
from trunkline.devices.echo import HalfDuplex, NoEcho
from trunkline.devices.files import WavSink, pcm_source
from trunkline.devices.player import Player


def samples_of(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def position(played: np.ndarray, answer: np.ndarray) -> int:
    """Where the answer begins in what was played."""
    first = int(np.flatnonzero(answer)[0])
    return played.tobytes().index(answer[first:][:480].tobytes()) // 2 - first


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "out.wav"


@pytest.mark.parametrize("echo", [NoEcho(), HalfDuplex()], ids=["headphones", "loudspeaker"])
def test_an_answer_is_heard_bit_for_bit_and_the_line_knows_it(path, echo):
    said = recording("caller_3") + silence(5)
    call = Conversation(pcm_source(said), WavSink(path), echo)
    call.hold()
    answer, played = np.frombuffer(recording("interpreter_3"), "<i2"), samples_of(path)
    start = position(played, answer)
    assert np.array_equal(played[start : start + len(answer)], answer)
    assert len(answer) in call.heard().values()
    assert (call.stats.underruns, call.stats.faded_samples) == (0, 0)


def test_an_interrupted_answer_is_cut_where_the_user_stopped_hearing_it(path):
    said = recording("caller_3") + silence(2) + recording("caller_4") + silence(5)
    call = Conversation(pcm_source(said), WavSink(path), NoEcho())
    call.hold()
    (cut,) = call.truncations
    answer, played = np.frombuffer(recording("interpreter_3"), "<i2"), samples_of(path)
    start, told = position(played, answer), cut.audio_end_ms * 24
    assert told > 0
    assert np.array_equal(played[start:][:told], answer[:told])
    # What was heard and not told is a block and a report, and the fade.
    assert not played[start + told + 2 * 480 + 120 :][:4800].any()
    assert call.stats.flushed_samples > 0


def test_an_answer_that_comes_slower_than_it_plays_has_holes_and_loses_nothing(path):
    said = recording("caller_3") + silence(9)
    call = Conversation(pcm_source(said), WavSink(path), NoEcho(), pace=0.7)
    call.hold()
    stats = call.stats
    assert stats.underruns > 1
    assert stats.target_ms > 100
    assert stats.received_samples == stats.played_samples
    assert stats.received_samples in call.heard().values()


def test_the_names_on_the_page_are_there():
    from trunkline.devices import echo, files, silence, tone

    for module in (echo, files, silence, tone):
        for name in module.__all__:
            assert name in PAGE or name == "Echo"
    for name in re.findall(r"`player\.(\w+)", PAGE):
        assert hasattr(Player(), name)
    for name in re.findall(r"`stats\.(\w+)", PAGE):
        assert hasattr(Player().stats, name)

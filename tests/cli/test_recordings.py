"""The recorded turns."""

from __future__ import annotations

import numpy as np

from trunkline.cli.recordings import recorded_turns


def test_there_are_five_turns_with_words_and_sound():
    turns = recorded_turns()
    assert len(turns) == 5
    for turn in turns:
        assert turn.text
        seconds = len(turn.pcm) / 48_000
        assert 2 < seconds < 5
        assert np.abs(np.frombuffer(turn.pcm, "<i2")).max() > 10_000
        assert "pcm" not in repr(turn)

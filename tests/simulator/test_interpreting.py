from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.sitting import MS, Parrot, loud, quiet
from trunkline.simulator.interpreting import FRAME_MS, Interpreting
from trunkline.simulator.recordings import recorded_turns
from trunkline.simulator.reply import Call
from trunkline.simulator.voice import Interpreter


def test_out_comes_as_much_as_went_in_and_silence_for_silence():
    one = Interpreting(Parrot())
    frames = list(one.hear(quiet(1100)))
    assert [frame.elapsed_ms for frame in frames] == [0, 200, 400, 600, 800]
    assert {frame.pcm for frame in frames} == {quiet(FRAME_MS)}
    assert (one.position, one.utterance_ms) == (1100 * 24, None)


def test_an_utterance_is_answered_from_the_frame_it_ends_in():
    frames = list(Interpreting(Parrot()).hear(quiet(200) + loud(400) + quiet(1600)))
    heard = [(frame.elapsed_ms, one.text) for frame in frames for one in frame.heard]
    assert heard == [(1000, "heard 1100 ms")]
    spoken = [(frame.elapsed_ms, frame.spoken) for frame in frames if frame.spoken]
    assert spoken == [(1000, "hello"), (1200, " there")]
    reply = Parrot().reply([]).pcm
    said = b"".join(frame.pcm for frame in frames[5:8])
    assert said == reply + quiet(100)


def test_of_what_a_voice_answers_only_the_speech_is_heard():
    class Busy(Parrot):
        def reply(self, context):
            said = super().reply(context)
            return [said, Call(name="look_up", arguments="{}"), said]

    frames = list(Interpreting(Busy()).hear(loud(300) + quiet(3000)))
    assert "".join(frame.spoken for frame in frames) == "hello there hello there"


def test_the_words_of_two_utterances_join_with_a_space():
    pcm = (loud(300) + quiet(1500)) * 2
    frames = list(Interpreting(Parrot()).hear(pcm))
    assert "".join(frame.spoken for frame in frames) == "hello there hello there"
    assert "".join(one.text for frame in frames for one in frame.heard) == (
        "heard 800 ms heard 1100 ms"
    )


def test_the_recorded_conversation_is_interpreted():
    one, turns = Interpreting(Interpreter()), recorded_turns()[:2]
    frames = list(one.hear(b"".join(turn.caller_pcm + quiet(1000) for turn in turns)))
    frames += list(one.finish())
    spoken = "".join(frame.spoken for frame in frames)
    assert spoken == " ".join(turn.reply_text for turn in turns)
    heard = "".join(one.text for frame in frames for one in frame.heard)
    assert heard == " ".join(turn.caller_text for turn in turns)
    audio = b"".join(frame.pcm for frame in frames)
    for turn in turns:
        assert turn.reply_pcm[:9600] in audio
    assert np.frombuffer(audio, dtype="<i2").size == len(frames) * FRAME_MS * 24


def test_finishing_says_the_rest_and_then_nothing():
    one = Interpreting(Parrot())
    assert [frame.spoken for frame in one.hear(loud(450))] == ["", ""]
    assert one.utterance_ms == 400
    rest = list(one.finish())
    assert [frame.elapsed_ms for frame in rest] == [400, 600, 800, 1000]
    assert [one.samples for frame in rest for one in frame.heard] == [(0, 600 * 24)]
    assert "".join(frame.spoken for frame in rest) == "hello there"
    assert list(one.finish()) == []


@settings(deadline=None, max_examples=30)
@given(sizes=st.lists(st.integers(1, 700), min_size=1, max_size=20))
def test_the_pieces_make_no_difference(sizes):
    pcm, position, index = quiet(100) + loud(300) + quiet(900), 0, 0
    whole, pieces = Interpreting(Parrot()), Interpreting(Parrot())
    given_frames = []
    while position < len(pcm):
        size = sizes[index % len(sizes)] * MS
        given_frames += list(pieces.hear(pcm[position : position + size]))
        position, index = position + size, index + 1
    assert given_frames + list(pieces.finish()) == list(whole.hear(pcm)) + list(whole.finish())

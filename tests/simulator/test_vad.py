from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.sitting import MS, loud, quiet
from trunkline.simulator.recordings import recorded_turns
from trunkline.simulator.vad import SpeechStarted, SpeechStopped, VadSettings, VoiceActivity

PLAIN = VadSettings(threshold=0.5, prefix_padding_ms=300, silence_duration_ms=500)


def signals(parts, chosen=PLAIN, position=0):
    detector = VoiceActivity(chosen, position)
    return [signal for part in parts for signal in detector.feed(part)]


def split(pcm: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(2 * (cut % (len(pcm) // 2 + 1)) for cut in cuts), len(pcm)]
    return [pcm[first:last] for first, last in pairwise(places)]


def test_speech_counts_from_its_padding_to_the_end_of_the_silence():
    pcm = quiet(1000) + loud(600) + quiet(800)
    started, stopped = signals([pcm])
    assert (started.sample // 24, started.onset // 24) == (700, 1000)
    assert stopped.sample // 24 == 1000 + 600 + 500


def test_padding_does_not_reach_before_the_first_sample():
    started, _ = signals([quiet(100) + loud(300) + quiet(600)])
    assert started.sample == 0


def test_padding_does_not_reach_before_the_last_end():
    pcm = loud(300) + quiet(500) + quiet(100) + loud(300) + quiet(500)
    _, stopped, again, _ = signals([pcm])
    assert again.sample == stopped.sample


def test_a_click_is_not_speech():
    assert signals([quiet(400) + loud(20) + quiet(800)]) == []


def test_a_pause_shorter_than_the_silence_does_not_end_speech():
    pcm = loud(300) + quiet(480) + loud(300) + quiet(500)
    assert [type(signal) for signal in signals([pcm])] == [SpeechStarted, SpeechStopped]


def test_a_higher_threshold_needs_louder_speech():
    soft = bytes(b"\x40\x01" * 12 + b"\xc0\xfe" * 12) * 400
    assert signals([soft], PLAIN)
    assert not signals(
        [soft], VadSettings(threshold=1.0, prefix_padding_ms=0, silence_duration_ms=200)
    )


def test_each_recorded_turn_is_one_utterance():
    for turn in recorded_turns():
        found = signals([turn.caller_pcm + quiet(600)])
        assert [type(signal) for signal in found] == [SpeechStarted, SpeechStopped]


def test_retuning_in_mid_utterance_keeps_the_utterance():
    detector = VoiceActivity(PLAIN, 0)
    assert list(detector.feed(loud(200)))
    detector.retune(VadSettings(threshold=0.5, prefix_padding_ms=0, silence_duration_ms=100))
    (stopped,) = detector.feed(quiet(100))
    assert stopped.sample == 300 * 24


def test_a_detector_switched_on_in_mid_session_keeps_the_sessions_clock():
    started, _ = signals([loud(300) + quiet(600)], position=1001)
    assert started.sample == 1001
    assert started.onset == 1440


def test_forgetting_starts_a_new_utterance_if_the_speech_goes_on():
    detector = VoiceActivity(PLAIN, 0)
    list(detector.feed(loud(200)))
    detector.forget(200 * 24)
    (again,) = detector.feed(loud(100))
    assert again.sample == 200 * 24


PIECES = st.lists(
    st.tuples(st.booleans(), st.integers(1, 40)).map(
        lambda piece: (loud if piece[0] else quiet)(piece[1] * 15)
    ),
    max_size=8,
).map(b"".join)


@settings(deadline=None)
@given(pcm=PIECES, cuts=st.lists(st.integers(0, 10**6), max_size=12), start=st.integers(0, 2000))
def test_the_result_does_not_depend_on_how_the_audio_was_cut(pcm, cuts, start):
    short = VadSettings(threshold=0.5, prefix_padding_ms=60, silence_duration_ms=100)
    assert signals(split(pcm, cuts), short, start) == signals([pcm], short, start)


@settings(deadline=None)
@given(pcm=PIECES)
def test_signals_alternate_and_their_samples_never_go_back(pcm):
    found = signals([pcm])
    assert [type(one) for one in found] == [SpeechStarted, SpeechStopped] * (len(found) // 2) + [
        SpeechStarted
    ] * (len(found) % 2)
    samples = [one.sample for one in found]
    assert samples == sorted(samples)
    assert all(0 <= sample <= len(pcm) // 2 for sample in samples)


def test_milliseconds_of_the_tests_are_those_of_the_clock():
    assert len(loud(10)) == len(quiet(10)) == 10 * MS


SEMANTIC = VadSettings.of({"type": "semantic_vad", "eagerness": "low"})


def test_a_judge_is_asked_once_a_pause_and_his_silence_ends_the_speech():
    asked = []

    def judge(eagerness, start, end):
        asked.append((eagerness, start // 24, end // 24))
        return 400 if len(asked) == 2 else 900

    detector = VoiceActivity(SEMANTIC, 0, judge=judge)
    pcm = quiet(400) + loud(200) + quiet(800) + loud(100) + quiet(1000)
    found = [
        signal for at in range(0, len(pcm), 960) for signal in detector.feed(pcm[at : at + 960])
    ]
    assert asked == [("low", 100, 800), ("low", 100, 1700)]
    assert [signal.sample // 24 for signal in found] == [100, 1900]


def test_a_pause_within_a_word_is_not_judged():
    detector = VoiceActivity(SEMANTIC, 0, judge=lambda *_: 1 // 0)
    assert len(list(detector.feed(loud(200) + quiet(180) + loud(200)))) == 1

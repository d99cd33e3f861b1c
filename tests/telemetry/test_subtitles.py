"""Who said what when, folded from what a line tells."""

from __future__ import annotations

import pytest

from trunkline.protocol.observations import (
    AudioAccepted,
    AudioHeard,
    LinkEnded,
    Milestone,
    MilestoneKind,
    Speaker,
    SpeechEnded,
    Transcript,
)
from trunkline.telemetry.srt import Cue
from trunkline.telemetry.subtitles import Subtitles

USER, ASSISTANT = Speaker.USER, Speaker.ASSISTANT
BEGUN = AudioAccepted(at=100.02, epoch=1, samples=480)


def moment(at: float, kind: MilestoneKind, item_id: str = "u") -> Milestone:
    return Milestone(at=at, epoch=1, kind=kind, item_id=item_id)


def words(at: float, speaker: Speaker, text: str, item_id: str, *, final: bool = True):
    return Transcript(at=at, epoch=1, speaker=speaker, item_id=item_id, text=text, final=final)


def heard(at: float, samples: int, item_id: str = "a") -> AudioHeard:
    return AudioHeard(at=at, epoch=1, item_id=item_id, samples=samples)


def folded(*facts) -> tuple[Cue, ...]:
    subtitles = Subtitles(names={USER: "en", ASSISTANT: "es"})
    for fact in (BEGUN, *facts):
        subtitles(fact)
    return subtitles.cues()


SPOKEN = (
    moment(101.0, MilestoneKind.SPEECH_STARTED),
    moment(103.5, MilestoneKind.SPEECH_STOPPED),
    moment(103.5, MilestoneKind.COMMITTED),
)


def spans(cues: tuple[Cue, ...]) -> list[float]:
    return [second for one in cues for second in (one.begin, one.end)]


def test_the_users_words_stand_while_he_speaks_counted_from_the_first_sample():
    (cue,) = folded(*SPOKEN, words(104.0, USER, "Good morning.", "u"))
    assert (cue.speaker, cue.text) == ("en", "Good morning.")
    assert spans((cue,)) == pytest.approx([1.0, 3.5])


def test_a_measured_line_tells_exactly_when_he_ended():
    ended = SpeechEnded(at=103.6, epoch=1, item_id="u", end_sample=72_000, captured_at=103.0)
    (cue,) = folded(*SPOKEN, ended, words(104.0, USER, "Good morning.", "u"))
    assert cue.end == pytest.approx(3.0)


def test_an_answer_stands_while_it_is_played():
    cues = folded(
        words(104.0, ASSISTANT, "Buenos ", "a", final=False),
        heard(105.02, 480),
        heard(107.0, 48_000),
        heard(109.0, 48_000),
        words(104.1, ASSISTANT, "Buenos días.", "a"),
    )
    assert [one.text for one in cues] == ["Buenos días."]
    assert spans(cues) == pytest.approx([5.0, 7.0])


def test_an_answer_that_nobody_plays_stands_as_long_as_it_is_read():
    long, short = folded(
        words(104.0, ASSISTANT, "x" * 34, "a"), words(110.0, ASSISTANT, "Sí.", "b")
    )
    assert spans((long, short)) == pytest.approx([4.0, 6.0, 10.0, 11.0])


def test_cues_come_in_the_order_of_speaking_though_words_do_not():
    cues = folded(
        *SPOKEN,
        words(104.0, ASSISTANT, "Buenos días.", "a"),
        heard(104.02, 480),
        words(105.0, USER, "Good morning.", "u"),
    )
    assert [one.speaker for one in cues] == ["en", "es"]


def test_an_answer_that_broke_off_unheard_is_no_subtitle_and_one_that_was_heard_is():
    unheard = words(104.0, ASSISTANT, "Bue", "a", final=False)
    assert folded(unheard) == ()
    assert [one.text for one in folded(unheard, heard(104.02, 480))] == ["Bue"]


def test_who_says_nothing_has_no_cue():
    assert folded(*SPOKEN) == ()


def test_an_utterance_that_a_drop_broke_begins_where_it_was_first_heard():
    dropped = object.__new__(LinkEnded)
    (cue,) = folded(
        moment(101.0, MilestoneKind.SPEECH_STARTED, "broken"),
        dropped,
        moment(102.5, MilestoneKind.SPEECH_STARTED),
        moment(103.5, MilestoneKind.SPEECH_STOPPED),
        words(104.0, USER, "Good morning.", "u"),
    )
    assert spans((cue,)) == pytest.approx([1.0, 3.5])


def test_a_drop_after_the_end_of_an_utterance_changes_nothing():
    cues = folded(
        *SPOKEN,
        words(104.0, USER, "One.", "u"),
        object.__new__(LinkEnded),
        moment(106.0, MilestoneKind.SPEECH_STARTED, "v"),
        moment(107.0, MilestoneKind.SPEECH_STOPPED, "v"),
        words(107.5, USER, "Two.", "v"),
    )
    assert spans(cues) == pytest.approx([1.0, 3.5, 6.0, 7.0])


@pytest.mark.parametrize("first", [USER, ASSISTANT])
def test_of_two_that_were_written_in_one_moment_the_user_is_first_however_long_they_are(first):
    both = [
        words(104.0, USER, "A long sentence of the user's.", "u"),
        words(104.0, ASSISTANT, "Short.", "a"),
    ]
    said = both if first is USER else reversed(both)
    assert [cue.speaker for cue in folded(*said)] == ["en", "es"]

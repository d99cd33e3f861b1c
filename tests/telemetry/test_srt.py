"""Cues to a SubRip file, read back by a strict reader."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.srt_reader import read_srt
from trunkline.telemetry.srt import Cue, srt

SPEAKERS = st.sampled_from(["en", "es", "a speaker of a very long name", ""])
SECONDS = st.one_of(st.floats(-10, 100), st.floats(), st.floats(359_990, 360_010))
CUES = st.builds(
    Cue,
    speaker=SPEAKERS,
    begin=SECONDS,
    end=SECONDS,
    text=st.one_of(
        st.text(), st.text(alphabet="a -\n>\x1b\u2028", max_size=300), st.text(st.characters())
    ),
)


def cue(begin: float, end: float, text: str, speaker: str = "en") -> Cue:
    return Cue(speaker=speaker, begin=begin, end=end, text=text)


def read(*cues: Cue):
    return read_srt(srt(cues).encode())


@given(st.lists(CUES, max_size=20))
def test_any_cues_make_a_valid_file(cues: list[Cue]):
    read(*cues)


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=30), min_size=1, max_size=60))
def test_no_word_is_lost_or_moved_where_there_is_room(words: list[str]):
    found = read(cue(1.0, 60.0, "  ".join(words)))
    said = [word for one in found for word in " ".join(one.lines).split() if word != "[en]"]
    assert said == words
    assert (found[0].begin_ms, found[-1].end_ms) == (1000, 60_000)
    assert all(one.end_ms == two.begin_ms for one, two in pairwise(found))


def test_a_file_looks_as_players_know_it():
    said = srt([cue(0.0854, 2.4, "Good morning."), cue(3661.5, 3662.0, "Buenos días.", "es")])
    assert said == (
        "1\n00:00:00,085 --> 00:00:02,400\n[en] Good morning.\n\n"
        "2\n01:01:01,500 --> 01:01:02,000\n[es] Buenos días.\n"
    )


def test_nothing_said_is_an_empty_file():
    assert srt([]) == ""
    assert srt([cue(1, 2, " \n ")]) == ""


def test_a_long_text_is_divided_evenly_and_its_time_with_it():
    text = "I would like to change my train ticket to Thursday afternoon, and one word more"
    found = read(cue(0.0, 10.0, text))
    assert len(found) == 2
    assert [one.speaker for one in found] == ["en", "en"]
    assert " ".join(one.words for one in found) == text
    assert all(one.end_ms - one.begin_ms > 3000 for one in found)


def test_one_speaker_never_overlaps_himself_but_two_may_speak_at_once():
    first, other, second = read(cue(0, 5, "one"), cue(2, 4, "uno", "es"), cue(3, 6, "two"))
    assert (first.words, other.words, second.words) == ("one", "uno", "two")
    assert other.begin_ms < first.end_ms
    assert (second.begin_ms, second.end_ms) == (5000, 6000)


def test_a_word_without_end_is_broken_at_the_edge():
    found = read(cue(0, 1, "x" * 100))
    assert "".join(one.words for one in found) == "x" * 100


@pytest.mark.parametrize("text", ["a --> b", "a\n\nb", "\x1b]0;owned\x07", "sk-proj-canary0123"])
def test_text_cannot_leave_its_cue_or_leak(text: str):
    (found,) = read(cue(0, 1, text))
    assert not set(found.words) & {"\x1b", "\x07"}
    assert "canary" not in found.words


def test_what_comes_after_the_last_hour_is_left_out():
    assert [one.words for one in read(cue(1e9, 2e9, "late"), cue(0, 1, "early"))] == ["early"]

"""What plays, beside the screens: one thing at a time, ended when it is asked, its failures told."""

from __future__ import annotations

import threading

import pytest

from trunkline.errors import MediaError
from trunkline.tui.listening import Listening

LONGEST_SECONDS = 10


class Speaker:
    """Plays until it is stopped or let go."""

    def __init__(self, error=None):
        self.error = error
        self.played = []
        self.begun, self.over = threading.Event(), threading.Event()

    def __call__(self, pcm, rate_hz):
        self.over.clear()
        self.played.append((pcm, rate_hz))
        self.begun.set()
        if self.error is not None:
            raise self.error
        assert self.over.wait(LONGEST_SECONDS)

    def stop(self):
        self.over.set()


def joined(listening):
    listening._thread.join(LONGEST_SECONDS)
    assert not listening.is_on


def test_it_plays_beside_whoever_asked_until_it_is_ended():
    speaker, told = Speaker(), []
    listening = Listening(speaker)
    listening.begin(b"abcd", 8_000, failed=told.append)
    assert speaker.begun.wait(LONGEST_SECONDS)
    assert listening.is_on
    listening.end()
    joined(listening)
    assert speaker.played == [(b"abcd", 8_000)]
    assert told == []


def test_what_begins_ends_what_plays():
    speaker = Speaker()
    listening = Listening(speaker)
    listening.begin(b"1", 8_000, failed=print)
    first = listening._thread
    assert speaker.begun.wait(LONGEST_SECONDS)
    speaker.begun.clear()
    listening.begin(b"2", 8_000, failed=print)
    first.join(LONGEST_SECONDS)
    assert not first.is_alive()
    assert speaker.begun.wait(LONGEST_SECONDS)
    listening.end()
    joined(listening)
    assert [pcm for pcm, _ in speaker.played] == [b"1", b"2"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MediaError("speaker", "no device"), "speaker: no device"),
        (RuntimeError("a driver's\x1b word"), "RuntimeError: a driver's"),
    ],
)
def test_why_it_cannot_is_told_in_words(error, words):
    told = []
    listening = Listening(Speaker(error))
    listening.begin(b"", 8_000, failed=told.append)
    joined(listening)
    (said,) = told
    assert said.startswith(words)
    assert "\x1b" not in said


def test_without_a_player_it_says_what_can_be_done():
    listening = Listening()
    with pytest.raises(ValueError, match="w writes a file"):
        listening.begin(b"", 8_000, failed=print)
    listening.end()
    assert not listening.is_on

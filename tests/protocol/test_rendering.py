from __future__ import annotations

import pytest

from protocol.interpreting import LOUD
from trunkline.protocol.outbox import Outbox
from trunkline.protocol.policy import LinePolicy
from trunkline.protocol.rendering import LONGEST_LAG_MS, Rendering

FRAME = 200


class Desk:
    """A speaker and an interpreter at 1 kHz: one sample is one millisecond."""

    def __init__(self, retention: int = 60_000) -> None:
        self.outbox = Outbox(retention_samples=retention)
        self.rendering = Rendering(LinePolicy(rate_hz=1000), self.outbox)

    def hear(self, ms: int, *, loud: bool) -> None:
        self.outbox.accept(LOUD * ms if loud else bytes(2 * ms))
        if self.outbox.is_overfull():
            self.outbox.make_room(silent_until=0)
        while self.outbox.take(1 << 30) is not None:
            pass

    def say(self, start: int, end: int, *, loud: bool, told: bool = True) -> None:
        for elapsed_ms in range(start, end, FRAME):
            pcm = LOUD * FRAME if loud else bytes(2 * FRAME)
            self.rendering.said(pcm, elapsed_ms if told else None)

    @property
    def consumed(self) -> int:
        return self.outbox.books().consumed

    def evidence(self) -> list[str]:
        entries = iter(self.outbox.next_entry, None)
        return [entry.evidence for entry in entries]


def test_what_was_heard_is_kept_until_its_translation_was_said():
    desk = Desk()
    desk.hear(3000, loud=True)
    desk.hear(3000, loud=False)
    desk.say(0, 3400, loud=False)
    assert desk.consumed == 0
    desk.say(3400, 5200, loud=True)
    desk.say(5200, 5400, loud=False)
    assert desk.consumed == 0
    desk.say(5400, 5600, loud=False)
    # What was heard before it began to speak, and the silence after that as far as it was heard.
    assert desk.consumed == 5400
    assert desk.evidence() == ["translated", "heard"]


def test_the_next_sentence_is_kept_while_the_translation_of_the_one_before_is_said():
    desk = Desk()
    desk.hear(1000, loud=True)
    desk.hear(600, loud=False)
    desk.hear(2000, loud=True)
    desk.say(0, 1600, loud=False)
    desk.say(1600, 2600, loud=True)
    desk.say(2600, 3600, loud=False)
    assert desk.consumed == 1600


def test_a_breath_between_two_words_is_no_end():
    desk = Desk()
    desk.hear(4000, loud=True)
    desk.say(0, 1000, loud=True)
    desk.say(1000, 1200, loud=False)
    desk.say(1200, 2000, loud=True)
    assert desk.consumed == 0


def test_silence_needs_no_translation():
    desk = Desk()
    desk.hear(5000, loud=False)
    desk.say(0, 5000, loud=False)
    # The last piece does not count: nobody says whether its time is that of its beginning.
    assert desk.consumed == 4800
    assert set(desk.evidence()) == {"heard"}


def test_a_speaker_who_never_pauses_does_not_fill_the_memory():
    desk = Desk()
    desk.hear(30_000, loud=True)
    desk.say(0, 30_000, loud=True)
    assert desk.consumed == 29_800 - LONGEST_LAG_MS


def test_a_server_that_tells_no_time_is_measured_by_what_it_says():
    desk = Desk()
    desk.hear(5000, loud=False)
    desk.say(0, 2000, loud=False, told=False)
    assert desk.rendering.elapsed_ms == 1800
    assert desk.consumed == 1800


def test_time_does_not_go_back_and_what_was_not_sent_was_not_heard():
    desk = Desk()
    desk.say(0, 400, loud=False)
    assert desk.consumed == 0
    desk.hear(1000, loud=False)
    desk.rendering.said(bytes(400), 10**9)
    desk.rendering.said(bytes(400), 0)
    assert desk.rendering.elapsed_ms == 10**9
    assert desk.consumed == 1000


def test_what_has_left_memory_is_not_taken_for_silence():
    desk = Desk(retention=1000)
    desk.hear(3000, loud=True)
    desk.say(0, 600, loud=False)
    assert desk.consumed == 0


def test_a_new_session_begins_to_count_anew():
    desk = Desk()
    desk.hear(1000, loud=True)
    desk.say(0, 800, loud=True)
    desk.outbox.dropped()
    desk.outbox.restart(limit_samples=10_000, silent_until=0, reason="")
    desk.rendering.begin()
    assert desk.rendering.elapsed_ms == 0
    while desk.outbox.take(1 << 30) is not None:
        pass
    desk.say(0, 600, loud=False)
    assert desk.consumed == 0


@pytest.mark.parametrize("loud", [True, False])
def test_at_the_end_all_that_was_sent_is_translated(loud: bool):
    desk = Desk()
    desk.hear(2000, loud=loud)
    desk.outbox.hold()
    desk.hear(500, loud=True)
    desk.rendering.closed()
    assert desk.consumed == 2000
    assert desk.outbox.books().retained == 500

"""The answers as they were heard."""

from __future__ import annotations

from devices.bench import delta
from trunkline.cli.answer_tape import AnswerTape
from trunkline.protocol import events


def test_answers_are_kept_in_the_order_in_which_they_sound_and_only_as_far():
    tape = AnswerTape()
    for event in (delta("a", 100), delta("b", 50), delta("a", 100)):
        tape.receive(event)
    tape.heard("a", 120)
    tape.heard("a", 150)
    tape.heard("b", 50)
    assert tape.pcm == b"\2\0" * 200


def test_what_nobody_heard_is_not_kept():
    tape = AnswerTape()
    tape.receive(delta("a", 100))
    assert tape.pcm == b""
    tape.heard("unknown", 10)
    assert tape.pcm == b""


def test_what_a_device_still_plays_of_an_interrupted_answer_is_not_kept():
    tape = AnswerTape()
    tape.receive(delta("a", 100))
    tape.heard("a", 40)
    tape.receive(events.Interrupted(item_id="a", reason="the user spoke"))
    tape.heard("a", 60)
    assert tape.pcm == b"\2\0" * 40

"""Push-to-talk on a line that only notes what it is asked."""

from __future__ import annotations

from devices.bench import HandLine
from trunkline.cli.button import Button


class HandHeadset:
    def __init__(self) -> None:
        self.is_open = True
        self.interruptions = 0

    def interrupt(self) -> None:
        self.interruptions += 1


def pressed(*, said_ms: int) -> tuple[HandLine, HandHeadset, str]:
    line, headset = HandLine(), HandHeadset()
    button = Button(line, headset)
    assert not button.is_pressed
    assert button.press() == ""
    assert button.is_pressed
    button.captured(bytes(2 * 24 * said_ms))
    return line, headset, button.press()


def test_the_microphone_is_closed_until_the_button_is_pressed_and_closed_again_after():
    _, headset, _ = pressed(said_ms=100)
    assert not headset.is_open


def test_a_turn_is_committed_and_an_answer_asked_for():
    line, _, words = pressed(said_ms=100)
    assert [event["type"] for (event,) in line.of("send")] == [
        "input_audio_buffer.commit",
        "response.create",
    ]
    assert words == ""


def test_pressing_it_interrupts_the_answer_and_letting_go_does_not():
    _, headset, _ = pressed(said_ms=100)
    assert headset.interruptions == 1


def test_less_than_the_server_takes_is_thrown_away_and_said():
    line, _, words = pressed(said_ms=80)
    assert line.of("send") == [[{"type": "input_audio_buffer.clear"}]]
    assert "too short" in words


def test_each_turn_is_measured_by_itself():
    line, headset = HandLine(), HandHeadset()
    button = Button(line, headset)
    for _ in range(2):
        button.press()
        button.captured(bytes(2 * 24 * 60))
        button.press()
    assert {event["type"] for (event,) in line.of("send")} == {"input_audio_buffer.clear"}

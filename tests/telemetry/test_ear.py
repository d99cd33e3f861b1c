"""What is told of audio: whose it is, when it was captured, and nothing twice."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from trunkline.audio import codec
from trunkline.protocol.observations import (
    AudioAccepted,
    AudioGap,
    AudioSent,
    Direction,
    MessagePassed,
    SettingsConfirmed,
)
from trunkline.telemetry.ear import Ear
from trunkline.telemetry.frames import Began

CHUNK = 160
"""Samples of 20 ms at 8 kHz."""


def samples(number: int, count: int = CHUNK) -> bytes:
    """So many samples of one value."""
    return number.to_bytes(2, "little", signed=True) * count


class Line:
    """A line that is heard, and what was told of it."""

    def __init__(self, rate_hz: int = 8_000) -> None:
        self.told = []
        self.turn = 0
        began = Began(line="a", at=0.0, wall_offset=0.0, name="a", rate_hz=rate_hz)
        self.ear = Ear(began, self.told.append, lambda: self.turn)

    def accept(self, at: float, count: int = CHUNK) -> None:
        self.ear.observe(AudioAccepted(at=at, epoch=1, samples=count))

    def send(self, at: float, pcm: bytes, *, replayed: bool = False) -> None:
        count = len(pcm) // 2
        self.ear.observe(AudioSent(at=at, epoch=1, samples=count, replayed=replayed))
        text = {"type": "input_audio_buffer.append", "audio": b64encode(pcm).decode()}
        self.pass_(at, Direction.UP, text)

    def answer(self, at: float, delta: bytes, item: str = "item_1") -> None:
        text = b64encode(delta).decode()
        event = {"type": "response.output_audio.delta", "item_id": item, "delta": text}
        self.pass_(at, Direction.DOWN, event)

    def pass_(self, at: float, direction: Direction, event: dict) -> None:
        message = json.dumps(event).encode()
        fact = MessagePassed(
            at=at, epoch=1, direction=direction, type=event["type"], size_bytes=len(message),
            message=message,
        )  # fmt: skip
        self.ear.observe(fact)

    def tell(self):
        self.ear.flush()
        found, self.told[:] = list(self.told), []
        return found


def test_chunks_of_ours_are_told_as_pieces_of_a_fifth_of_a_second():
    line = Line()
    for n in range(15):
        line.accept(0.02 * (n + 1))
        line.send(0.02 * (n + 1), samples(n))
    first, second = line.tell()
    assert first.pcm + second.pcm == b"".join(map(samples, range(15)))
    assert (first.begins_at, first.at) == (pytest.approx(0.0), pytest.approx(0.2))
    assert second.begins_at == pytest.approx(0.2)
    assert {first.direction, second.direction} == {Direction.UP}
    assert first.rate_hz == 8_000


def test_what_waited_for_a_link_lies_where_it_was_captured():
    line = Line()
    for n in range(10):
        line.accept(1.0 + 0.02 * n)
    for n in range(10):
        line.send(5.0 + 0.002 * n, samples(n))
    (piece,) = line.tell()
    assert piece.begins_at == pytest.approx(0.98)
    assert piece.at == pytest.approx(5.018)


def test_audio_that_was_given_up_takes_its_place_on_the_axis():
    line = Line()
    for n in range(10):
        line.accept(1.0 + 0.02 * n)
    line.ear.observe(AudioGap(at=5.0, epoch=1, start_sample=0, samples=8 * CHUNK, reason="old"))
    line.send(5.0, samples(8))
    line.send(5.0, samples(9))
    (piece,) = line.tell()
    assert piece.pcm == samples(8) + samples(9)
    assert piece.begins_at == pytest.approx(1.14)


def test_what_another_session_had_got_is_not_told_twice():
    line = Line()
    line.accept(0.02)
    line.send(0.02, samples(1))
    line.send(3.0, samples(1), replayed=True)
    line.accept(3.02)
    line.send(3.02, samples(2))
    assert b"".join(piece.pcm for piece in line.tell()) == samples(1) + samples(2)


def test_a_pause_begins_another_piece():
    line = Line()
    for at in (0.02, 1.02):
        line.accept(at)
        line.send(at, samples(1))
    assert [piece.begins_at for piece in line.tell()] == pytest.approx([0.0, 1.0])


def test_a_turn_begins_another_piece():
    line = Line()
    line.accept(0.02)
    line.send(0.02, samples(1))
    line.turn = 1
    line.accept(0.04)
    line.send(0.04, samples(2))
    assert [piece.turn for piece in line.tell()] == [0, 1]


def test_an_answer_belongs_to_the_turn_in_which_it_began():
    line = Line()
    line.turn = 4
    line.answer(1.0, samples(1))
    line.turn = 5
    line.answer(1.1, samples(2))
    line.answer(1.2, samples(3), item="item_2")
    assert [(piece.turn, piece.item_id) for piece in line.tell()] == [
        (4, "item_1"), (4, "item_1"), (5, "item_2"),
    ]  # fmt: skip


def test_a_long_delta_is_several_pieces_one_after_the_other():
    line = Line()
    line.answer(1.0, samples(1, 20_000))
    pieces = line.tell()
    assert [len(piece.pcm) // 2 for piece in pieces] == [16_000, 4_000]
    assert [piece.begins_at for piece in pieces] == pytest.approx([1.0, 3.0])


@pytest.mark.parametrize(("kind", "law"), [("audio/pcmu", "ulaw"), ("audio/pcma", "alaw")])
def test_telephone_audio_is_told_as_samples(kind, law):
    line = Line()
    form = {"format": {"type": kind}}
    settings = json.dumps({"audio": {"input": form, "output": form}})
    line.ear.observe(SettingsConfirmed(at=0.0, epoch=1, settings=settings))
    pcm = samples(1000)
    text = codec.append_message(pcm, law=law)
    line.pass_(0.02, Direction.UP, json.loads(bytes(text)))
    line.answer(0.03, codec.to_pcm(pcm, law=law))
    down, up = sorted(line.tell(), key=lambda piece: piece.direction.value)
    assert len(up.pcm) == len(down.pcm) == len(pcm)
    assert up.pcm == down.pcm
    assert int.from_bytes(up.pcm[:2], "little", signed=True) == pytest.approx(1000, rel=0.05)


@pytest.mark.parametrize("message", [b"", b"nonsense", b'{"audio": 7}', b'{"audio": "%%"}'])
def test_what_is_no_audio_is_passed_over(message):
    line = Line()
    for direction, kind in (
        (Direction.UP, "input_audio_buffer.append"),
        (Direction.DOWN, "response.output_audio.delta"),
    ):
        line.ear.observe(
            MessagePassed(
                at=1.0, epoch=1, direction=direction, type=kind, size_bytes=0, message=message
            )
        )
    assert line.tell() == []


def test_other_messages_are_not_heard():
    line = Line()
    line.pass_(1.0, Direction.UP, {"type": "conversation.item.create", "audio": "AAAA"})
    line.pass_(1.0, Direction.DOWN, {"type": "response.text.delta", "delta": "AAAA"})
    assert line.tell() == []

"""What a client sends becomes audio on the books, or a request of the line."""

from __future__ import annotations

import asyncio
import base64
from types import SimpleNamespace

import pytest

from adapters.saying import event_of
from trunkline.adapters.messages import Messages
from trunkline.adapters.outgoing import Outgoing
from trunkline.adapters.session_view import SessionView
from trunkline.audio import g711
from trunkline.errors import CodecError, LocalError, OutboxFull
from trunkline.protocol.lifecycle import State
from trunkline.protocol.policy import LinePolicy

G711 = {"audio": {way: {"format": {"type": "audio/pcmu"}} for way in ("input", "output")}}


class HandLine:
    """Takes what a line takes, and refuses what it is told to."""

    def __init__(self, session=None) -> None:
        self.config = SimpleNamespace(policy=LinePolicy.of(session or {}))
        self.state = State.LIVE
        self.audio: list[bytes] = []
        self.sent: list[dict] = []
        self.full = 0
        self.has_session = True
        self.epoch = 1

    def send_audio(self, pcm: bytes) -> None:
        if self.full:
            self.full -= 1
            raise OutboxFull(60_000)
        self.audio.append(pcm)

    def send(self, event: dict) -> str:
        if not self.has_session:
            raise LocalError(event["type"], "waiting")
        self.sent.append(event)
        return event.get("event_id") or f"named_{len(self.sent)}"


class Desk:
    def __init__(self, **line) -> None:
        self.line, self.messages = HandLine(**line), Messages()
        self.items: list[dict] = []
        self.view = SessionView(self.messages, items=lambda: self.items)
        self.outgoing = Outgoing(self.line, self.view, self.messages)

    def take(self, *requests: dict) -> None:
        async def all_of_them() -> None:
            for event in requests:
                await self.outgoing.take(event)

        asyncio.run(asyncio.wait_for(all_of_them(), 10))


def append(data: bytes) -> dict:
    return {"type": "input_audio_buffer.append", "audio": base64.b64encode(data).decode()}


def test_appended_audio_goes_the_lines_way():
    desk = Desk()
    desk.take(append(b"abcd"), append(b""))
    assert (desk.line.audio, desk.line.sent) == ([b"abcd"], [])


def test_a_sample_may_come_in_two_pieces():
    desk = Desk()
    desk.take(append(b"abc"), append(b"def"))
    assert desk.line.audio == [b"ab", b"cdef"]


@pytest.mark.parametrize("kind", ["commit", "clear"])
def test_half_a_sample_does_not_outlive_its_buffer(kind):
    desk = Desk()
    desk.take(append(b"abc"), {"type": f"input_audio_buffer.{kind}"}, append(b"de"))
    assert desk.line.audio == [b"ab", b"de"]


def test_g711_is_taken_as_it_is_on_the_wire():
    desk = Desk(session=G711)
    desk.take(append(b"\x00\x7f\xff"))
    assert desk.line.audio == [g711.decode_ulaw(b"\x00\x7f\xff")]


def test_an_append_of_minutes_waits_for_room_in_pieces_of_a_second():
    desk = Desk()
    desk.line.full = 2
    desk.take(append(bytes(48_000 * 2 + 2)))
    assert [len(pcm) for pcm in desk.line.audio] == [48_000, 48_000, 2]


def test_what_is_no_audio_is_refused_here():
    with pytest.raises(CodecError):
        Desk().take({"type": "input_audio_buffer.append", "audio": "no audio!"})


def test_requests_go_as_they_are_with_the_clients_own_names():
    desk = Desk()
    item = {"type": "conversation.item.create", "event_id": "mine", "item": {"id": "my_item"}}
    cancel = {"type": "response.cancel", "event_id": "mine_2"}
    desk.take(item, cancel)
    assert desk.line.sent == [item, cancel]


def test_the_model_is_said_by_the_address():
    desk = Desk()
    desk.take({"type": "session.update", "session": {"type": "realtime", "model": "m"}})
    assert desk.line.sent == [{"type": "session.update", "session": {"type": "realtime"}}]


def test_an_item_is_asked_for_by_the_name_that_it_has_now():
    desk = Desk()
    desk.items, desk.line.epoch = [{"id": "tk2_1", "former_id": "item_1"}], 2
    desk.take({"type": "conversation.item.retrieve", "item_id": "item_1"})
    assert desk.line.sent[0]["item_id"] == "tk2_1"


def test_a_cut_that_the_line_has_made_is_not_made_twice():
    desk = Desk()
    desk.messages.cuts.add("item_1")
    cut = {"type": "conversation.item.truncate", "item_id": "item_1", "audio_end_ms": 20}
    desk.take(cut, cut | {"item_id": "item_2"}, cut)
    assert [one["item_id"] for one in desk.line.sent] == ["item_2", "item_1"]


def test_a_question_that_no_session_can_be_asked_waits_for_one():
    desk = Desk()
    desk.line.has_session, desk.line.state = False, State.WAITING
    asked = {"type": "conversation.item.retrieve", "item_id": "item_1"}
    desk.take(asked)
    desk.line.has_session, desk.line.epoch = True, 2
    desk.outgoing.live(2)
    desk.outgoing.live(2)
    assert desk.line.sent == [asked]


ASKED = {"type": "conversation.item.retrieve", "event_id": "mine", "item_id": "item_1"}


def test_a_question_that_went_down_with_its_link_is_asked_again():
    desk = Desk()
    desk.take(ASKED)
    assert desk.outgoing.is_asked_again("mine")
    desk.outgoing.live(1)
    assert desk.line.sent == [ASKED]
    desk.items, desk.line.epoch = [{"id": "tk2_1", "former_id": "item_1"}], 2
    desk.outgoing.live(2)
    assert desk.line.sent[1:] == [ASKED | {"item_id": "tk2_1"}]


@pytest.mark.parametrize(
    "answer",
    [
        {"type": "conversation.item.retrieved", "item": {"id": "item_1"}},
        {"type": "error", "error": {"message": "no such item", "event_id": "mine"}},
    ],
)
def test_a_question_that_was_answered_is_not(answer):
    desk = Desk()
    desk.take(ASKED)
    desk.outgoing.answered(event_of(answer))
    desk.outgoing.live(2)
    assert desk.line.sent == [ASKED]
    assert not desk.outgoing.is_asked_again("mine")


def test_only_the_newest_questions_are_known():
    desk = Desk()
    desk.take(*[ASKED | {"event_id": f"mine_{number}"} for number in range(65)])
    assert not desk.outgoing.is_asked_again("mine_0")
    assert desk.outgoing.is_asked_again("mine_64")


def test_who_asks_on_and_on_is_told():
    desk = Desk()
    desk.line.has_session, desk.line.state = False, State.WAITING
    asked = {"type": "conversation.item.retrieve", "item_id": "item_1"}
    with pytest.raises(LocalError):
        desk.take(*[asked] * 65)


def test_a_request_that_is_wrong_does_not_wait():
    desk = Desk()
    desk.line.has_session = False
    with pytest.raises(LocalError):
        desk.take({"type": "conversation.item.create"})


def test_after_the_end_nothing_waits():
    desk = Desk()
    desk.line.has_session, desk.line.state = False, State.CLOSED
    with pytest.raises(LocalError):
        desk.take({"type": "response.create"})

"""Malformed frames in every state: no undocumented exception, and the line goes on as if nothing had come (I8)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from protocol.driving import RESET, VAD, Line
from trunkline.protocol import observations as seen
from trunkline.protocol.lifecycle import State

LISTENING = {"audio": {"input": {"turn_detection": VAD}}}

# JSON that is none, in the manner of the JSON parsing test suite (nst/JSONTestSuite, `n_` and `i_`).
BROKEN = [
    b"", b" ", b"\n", b"{", b"}", b"[", b"]", b"{]", b"[}", b"[1,]", b'{"a"}', b'{"a":}', b'{"a":1,}', b"{,}",
    b'{"type"', b'{"type":', b'{"type":"error"', b"{'type':'error'}", b'{type:"error"}', b'{"type":"error"}}',
    b'{"type":"error"} x', b"nul", b"tru", b"NaN", b"Infinity", b"-Infinity", b"-", b"+1", b"01", b"1.", b".1",
    b"1e", b"0x1", b'"', b'"\\', b'"\\u', b'"\\u00', b'"\\x41"', b'"\t"', b'{"a":"\x00"}', b"\xef\xbb\xbf{}",
    b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b'{"type":"\xff"}', b'{"type":"error","x":"\xe5"}', b"\x00",
    b'{"type":"\\ud800"}', b'{"type":"error","error":{"code":"\\udc00"}}', b'{"type":NaN}', b'{"type":1e999}',
    b"[" * 100_000, b'{"a":' * 100_000, b'{"type":"x","y":' + b"[" * 5000 + b"]" * 5000 + b"}",
    b'{"type":"session.created","session":' + b'{"a":' * 3000 + b"1" + b"}" * 3000 + b"}",
    b"//", b"/**/{}", b'{"type":"error"/*x*/}', b"\x0c{}", b'{"a":1 "b":2}', b"[1 2]", b"\xfe\xff\x00{",
]  # fmt: skip

# JSON that is no event.
NO_EVENTS: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**400,
    "",
    "text",
    [],
    [1],
    [{"type": "error"}],
    {},
    {"Type": "x"},
]
NO_TYPES: list[Any] = [None, True, 0, 1.5, [], {}, ["error"], {"type": "error"}]

ITEM = {"id": "i", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
SOUND = {
    "response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0, "delta": "AAAA",
}  # fmt: skip
KNOWN: dict[str, dict[str, Any]] = {
    "session.updated": {"session": {"id": "s"}},
    "input_audio_buffer.speech_started": {"item_id": "i", "audio_start_ms": 3},
    "input_audio_buffer.speech_stopped": {"item_id": "i", "audio_end_ms": 3},
    "input_audio_buffer.committed": {"item_id": "i", "previous_item_id": None},
    "conversation.item.added": {"item": ITEM, "previous_item_id": None},
    "conversation.item.done": {"item": ITEM, "previous_item_id": None},
    "conversation.item.deleted": {"item_id": "i"},
    "conversation.item.truncated": {"item_id": "i", "audio_end_ms": 3},
    "conversation.item.input_audio_transcription.delta": {"item_id": "i", "delta": "x"},
    "conversation.item.input_audio_transcription.completed": {"item_id": "i", "transcript": "x"},
    "conversation.item.input_audio_transcription.failed": {"item_id": "i", "error": {"message": "x"}},
    "response.created": {"response": {"id": "r", "conversation_id": "c"}},
    "response.output_audio.delta": SOUND,
    "response.output_audio.done": {"response_id": "r", "item_id": "i"},
    "response.output_audio_transcript.delta": {"response_id": "r", "item_id": "i", "delta": "x"},
    "response.output_audio_transcript.done": {"response_id": "r", "item_id": "i", "transcript": "x"},
    "response.output_text.delta": {"response_id": "r", "item_id": "i", "delta": "x"},
    "response.done": {"response": {"id": "r", "status": "completed"}},
    "error": {"error": {"type": "t", "code": "c", "message": "m", "param": "p", "event_id": "e"}},
}  # fmt: skip
WRONG: list[Any] = [
    None,
    True,
    -1,
    0,
    1e308,
    10**30,
    0.5,
    "",
    "x" * 10_000,
    "\x1b[2J",
    [],
    [None],
    {},
    {"a": []},
]
BASE64 = [
    "A",
    "AA",
    "AAA",
    "AA==",
    "AAA=",
    "AAAA=",
    "====",
    "AA\n==",
    "A A A",
    "-_-_",
    "AAA\u00e9",
    "\x00",
]


def _wrong_fields() -> list[bytes]:
    """Each field of each known event, absent and with each wrong value; inner fields as well."""
    messages = []
    for type_, fields in KNOWN.items():
        for key, value in fields.items():
            rest = {name: one for name, one in fields.items() if name != key}
            messages.append({"type": type_, **rest})
            messages += [{"type": type_, **rest, key: wrong} for wrong in WRONG]
            if isinstance(value, dict):
                for inner in value:
                    messages += [
                        {"type": type_, **rest, key: value | {inner: bad}} for bad in WRONG
                    ]
    return [json.dumps(message).encode() for message in messages]


def _corpus() -> list[bytes]:
    plain = [json.dumps(one).encode() for one in NO_EVENTS]
    typed = [json.dumps({"type": one}).encode() for one in NO_TYPES]
    sound = [
        json.dumps({"type": "response.output_audio.delta", **SOUND, "delta": one}).encode()
        for one in BASE64
    ]
    doubled = [
        b'{"type":"x","type":"session.updated","session":{}}',
        b'{"type":"response.done","response":{"id":"a","id":7},"response":3}',
        b'{"type":"conversation.item.added","item":{"id":"a"},"item":{}}',
    ]
    return BROKEN + plain + typed + sound + doubled + _wrong_fields()


CORPUS = _corpus()


def _line(state: State) -> Line:
    """A line that has just come to the state; after a call with a turn and an answer where it can have had one."""
    line = Line(session=LISTENING)
    if state is State.IDLE:
        return line
    line.start()
    if state in (State.LIVE, State.RESTORING, State.WAITING, State.CLOSING):
        line.come_live()
        line.speak(900)
        line.turn("u1", 100, 800, "words")
        line.reply("r1", "a1", "an answer", 200, done=False)
    if state is State.FAILED:
        line.opened()
        line.hear(
            "error",
            error={"type": "invalid_request_error", "code": "invalid_api_key", "message": "no"},
        )
        line.ended()
    if state in (State.RESTORING, State.WAITING):
        line.ended(RESET)
    if state is State.RESTORING:
        line.until(State.DIALING)
    if state in (State.OPENING, State.CONFIGURING, State.RESTORING):
        line.opened()
    if state in (State.CONFIGURING, State.RESTORING):
        line.created()
    if state is State.RESTORING:
        line.updated()
    if state in (State.CLOSING, State.CLOSED):
        line.close()
    assert line.state is state
    return line


def test_the_corpus_is_as_large_as_promised():
    assert len(set(CORPUS)) >= 400


@pytest.mark.parametrize("state", list(State), ids=lambda state: state.value)
def test_no_message_of_the_corpus_raises_or_ends_a_line_in(state: State):
    line = _line(state)
    for message in CORPUS:
        # A settings confirmation is a legal move in two states: whatever it led to, the next one starts afresh.
        if line.state is not state:
            line = _line(state)
        before = line.connection.books()
        line.connection.receive(line.epoch, message, line.now)
        line.drain()
        assert line.state is state or line.state in (State.RESTORING, State.LIVE), message[:100]
        after = line.connection.books()
        assert after.accepted == before.accepted == after.consumed + after.retained + after.gap


def test_what_breaks_json_is_an_anomaly_and_nothing_else_in_a_live_session():
    line = _line(State.LIVE)
    line.fresh("facts")
    line.fresh("events")
    for message in BROKEN:
        line.connection.receive(line.epoch, message, line.now)
        line.drain()
    assert line.events == []
    assert {type(fact) for fact in line.facts} <= {seen.Anomaly, seen.MessagePassed}
    assert len(line.of(seen.Anomaly)) >= len(BROKEN) - 3


def test_a_line_that_heard_all_of_it_still_restores_and_ends():
    line = _line(State.LIVE)
    for message in CORPUS:
        line.connection.receive(line.epoch, message, line.now)
        line.drain()
    line.ended(RESET)
    line.come_live()
    line.close()
    line.wait(3.0)
    assert line.state is State.CLOSED

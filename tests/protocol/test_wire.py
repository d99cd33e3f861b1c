from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trunkline.protocol import events, wire
from trunkline.protocol.dialect import BETA_NAMES
from trunkline.protocol.events import Speaker
from trunkline.protocol.wire import Malformed, Received

WORDS = "conversation.item.input_audio_transcription"
ITEM = {"id": "i", "type": "message"}
DELTA = {
    "type": "response.output_audio.delta",
    "event_id": "e",
    "response_id": "r",
    "item_id": "i",
    "output_index": 1,
    "content_index": 2,
    "delta": base64.b64encode(b"\x01\x02\x03\x04").decode(),
}

WELL_FORMED: list[tuple[dict[str, Any], events.Event]] = [
    (
        {
            "type": "error",
            "error": {"type": "t", "code": "c", "message": "m", "param": "p", "event_id": "q"},
        },
        events.Refusal(type="t", code="c", message="m", param="p", request_id="q"),
    ),
    (
        {"type": "session.created", "session": {"id": "s"}},
        events.SessionCreated(session={"id": "s"}),
    ),
    ({"type": "session.updated", "session": {}}, events.SessionUpdated(session={})),
    (
        {"type": "input_audio_buffer.speech_started", "item_id": "i", "audio_start_ms": 5},
        events.SpeechStarted(item_id="i", audio_start_ms=5),
    ),
    (
        {"type": "input_audio_buffer.speech_stopped", "item_id": "i", "audio_end_ms": 6.0},
        events.SpeechStopped(item_id="i", audio_end_ms=6),
    ),
    (
        {
            "type": "input_audio_buffer.timeout_triggered",
            "item_id": "i",
            "audio_start_ms": 3,
            "audio_end_ms": 9,
        },
        events.TimeoutTriggered(item_id="i", audio_start_ms=3, audio_end_ms=9),
    ),
    (
        {"type": "input_audio_buffer.committed", "item_id": "i", "previous_item_id": "h"},
        events.AudioCommitted(item_id="i", previous_item_id="h"),
    ),
    ({"type": "input_audio_buffer.cleared"}, events.AudioCleared()),
    (
        {"type": "conversation.item.added", "item": ITEM, "previous_item_id": None},
        events.ItemAdded(item=ITEM, previous_item_id=None),
    ),
    (
        {"type": "conversation.item.done", "item": ITEM},
        events.ItemDone(item=ITEM, previous_item_id=None),
    ),
    ({"type": "conversation.item.deleted", "item_id": "i"}, events.ItemDeleted(item_id="i")),
    (
        {"type": "conversation.item.truncated", "item_id": "i", "audio_end_ms": 7},
        events.ItemTruncated(item_id="i", audio_end_ms=7),
    ),
    (
        {"type": f"{WORDS}.delta", "item_id": "i", "delta": "hel"},
        events.TranscriptDelta(speaker=Speaker.USER, item_id="i", response_id="", delta="hel"),
    ),
    (
        {"type": f"{WORDS}.completed", "item_id": "i", "transcript": "hello"},
        events.TranscriptDone(speaker=Speaker.USER, item_id="i", response_id="", text="hello"),
    ),
    (
        {"type": f"{WORDS}.failed", "item_id": "i", "error": {"message": "m"}},
        events.TranscriptFailed(item_id="i", message="m"),
    ),
    ({"type": f"{WORDS}.failed", "item_id": "i"}, events.TranscriptFailed(item_id="i", message="")),
    (
        {"type": "response.created", "response": {"id": "r"}},
        events.ResponseCreated(response_id="r", conversation_id="", response={"id": "r"}),
    ),
    (
        {"type": "response.created", "response": {"id": "r", "conversation_id": None}},
        events.ResponseCreated(
            response_id="r", conversation_id=None, response={"id": "r", "conversation_id": None}
        ),
    ),
    (
        {"type": "response.output_audio.done", "response_id": "r", "item_id": "i"},
        events.AudioDone(response_id="r", item_id="i"),
    ),
    (
        {
            "type": "response.output_audio_transcript.delta",
            "item_id": "i",
            "response_id": "r",
            "delta": "x",
        },
        events.TranscriptDelta(speaker=Speaker.ASSISTANT, item_id="i", response_id="r", delta="x"),
    ),
    (
        {
            "type": "response.output_audio_transcript.done",
            "item_id": "i",
            "response_id": "r",
            "transcript": "x",
        },
        events.TranscriptDone(speaker=Speaker.ASSISTANT, item_id="i", response_id="r", text="x"),
    ),
    (
        {"type": "response.output_text.delta", "item_id": "i", "response_id": "r", "delta": "x"},
        events.TranscriptDelta(speaker=Speaker.ASSISTANT, item_id="i", response_id="r", delta="x"),
    ),
    (
        {"type": "response.output_text.done", "item_id": "i", "response_id": "r", "text": "x"},
        events.TranscriptDone(speaker=Speaker.ASSISTANT, item_id="i", response_id="r", text="x"),
    ),
    (
        {"type": "response.done", "response": {"id": "r", "status": "completed"}},
        events.ResponseDone(
            response_id="r", status="completed", response={"id": "r", "status": "completed"}
        ),
    ),
    (
        {"type": "session.output_audio.delta", "delta": "AQI=", "elapsed_ms": 200.0},
        events.TranslatedAudio(pcm=b"\x01\x02", elapsed_ms=200),
    ),
    (
        {"type": "session.input_transcript.delta", "delta": " hi", "elapsed_ms": None},
        events.SourceText(delta=" hi", elapsed_ms=None),
    ),
    (
        {"type": "session.output_transcript.delta", "delta": " hola", "elapsed_ms": 400},
        events.TargetText(delta=" hola", elapsed_ms=400),
    ),
    ({"type": "session.closed"}, events.SessionClosed()),
]

# Type and the path to a field that it cannot do without.
NEEDED = [
    ("error", "error"),
    ("session.created", "session"),
    ("session.updated", "session"),
    ("input_audio_buffer.speech_started", "item_id"),
    ("input_audio_buffer.speech_started", "audio_start_ms"),
    ("input_audio_buffer.speech_stopped", "item_id"),
    ("input_audio_buffer.speech_stopped", "audio_end_ms"),
    ("input_audio_buffer.committed", "item_id"),
    ("conversation.item.added", "item"),
    ("conversation.item.added", "item.id"),
    ("conversation.item.done", "item"),
    ("conversation.item.done", "item.id"),
    ("conversation.item.deleted", "item_id"),
    ("conversation.item.truncated", "item_id"),
    ("conversation.item.truncated", "audio_end_ms"),
    (f"{WORDS}.delta", "item_id"),
    (f"{WORDS}.completed", "item_id"),
    (f"{WORDS}.failed", "item_id"),
    ("response.created", "response"),
    ("response.created", "response.id"),
    ("response.output_audio.done", "item_id"),
    ("response.output_audio_transcript.delta", "item_id"),
    ("response.output_audio_transcript.done", "item_id"),
    ("response.output_text.delta", "item_id"),
    ("response.output_text.done", "item_id"),
    ("response.done", "response"),
    ("response.done", "response.id"),
    ("response.output_audio.delta", "item_id"),
    ("response.output_audio.delta", "delta"),
    ("session.output_audio.delta", "delta"),
    ("session.input_transcript.delta", "delta"),
    ("session.output_transcript.delta", "delta"),
]
SAMPLES = {event["type"]: event for event, _ in WELL_FORMED} | {DELTA["type"]: DELTA}


def decode(data: object) -> Received | Malformed:
    return wire.decode(json.dumps(data).encode())


@pytest.mark.parametrize(
    ("data", "event"),
    WELL_FORMED,
    ids=lambda case: case.get("type") if isinstance(case, dict) else "",
)
def test_each_well_formed_event_becomes_its_type(data: dict[str, Any], event: events.Event):
    assert decode(data) == Received(type=data["type"], event=event)


def test_every_builder_has_a_well_formed_event():
    assert set(SAMPLES) - {DELTA["type"]} == set(wire._BUILDERS)


@pytest.mark.parametrize("wrong", [None, True, [], "absent", -1.5], ids=repr)
@pytest.mark.parametrize(("type_", "path"), NEEDED)
def test_a_needed_field_that_is_missing_or_of_the_wrong_type_is_malformed(
    type_: str, path: str, wrong: object
):
    data = json.loads(json.dumps(SAMPLES[type_]))
    *outer, key = path.split(".")
    holder = data
    for name in outer:
        holder = holder[name]
    if wrong == "absent":
        del holder[key]
    else:
        holder[key] = wrong
    result = decode(data)
    assert isinstance(result, Malformed)
    assert key in result.reason
    assert result.sample.startswith('{"type"')


def test_fields_we_can_do_without_may_be_missing_or_odd():
    result = decode({"type": "error", "error": {"type": 5, "code": None}})
    assert result == Received(
        type="error", event=events.Refusal(type="", code="", message="", param="", request_id="")
    )


def test_an_unknown_event_passes_as_it_came():
    data = {"type": "rate_limits.updated", "x": [1, {"y": None}]}
    assert decode(data) == Received(
        type="rate_limits.updated", event=events.Raw(type="rate_limits.updated", data=data)
    )


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"[]", "the message is not an object"),
        (b"{}", "the message has no type"),
        (b'{"type": 5}', "the message has no type"),
        (b'"text"', "the message is not an object"),
    ],
)
def test_what_is_no_event_says_why(message: bytes, reason: str):
    assert wire.decode(message) == Malformed(reason=reason, sample=message.decode())


@pytest.mark.parametrize("message", [b"", b"\xff\xfe", b"{", b"[" * 100_000, b'{"a":' * 100_000])
def test_what_is_no_json_is_malformed(message: bytes):
    result = wire.decode(message)
    assert isinstance(result, Malformed)
    assert len(result.sample) <= 120


@pytest.mark.parametrize(("beta", "name"), BETA_NAMES.items())
def test_beta_names_become_the_same_events(beta: str, name: str):
    data = SAMPLES[name]
    assert decode(data | {"type": beta}) == decode(data)


def test_times_in_whole_floats_are_whole_and_below_zero_is_zero():
    started = {"type": "input_audio_buffer.speech_started", "item_id": "i"}
    assert decode(started | {"audio_start_ms": 120.0}).event.audio_start_ms == 120
    assert decode(started | {"audio_start_ms": -4}).event.audio_start_ms == 0
    endless = wire.decode(json.dumps(started)[:-1].encode() + b', "audio_start_ms": 1e400}')
    assert isinstance(endless, Malformed)


@pytest.mark.parametrize("gap", ["", " ", "\n\t"])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("spelled", [False, True])
def test_an_audio_delta_in_any_json_shape_is_the_same_event(gap: str, turned: bool, spelled: bool):
    fields = list(DELTA.items())
    text = json.dumps(
        dict(fields[::-1] if turned else fields), separators=(f"{gap},{gap}", f"{gap}:{gap}")
    )
    if spelled:
        text = text.replace("response.output", "response\\u002eoutput").replace(
            '"delta"', '"\\u0064elta"'
        )
    expected = events.AudioDelta(
        response_id="r", item_id="i", output_index=1, content_index=2, pcm=b"\x01\x02\x03\x04"
    )
    assert wire.decode(f"{gap}{text}{gap}".encode()) == Received(type=DELTA["type"], event=expected)


def test_an_audio_delta_may_leave_out_what_we_can_do_without():
    result = decode({"type": "response.audio.delta", "item_id": "i", "delta": ""})
    assert result == Received(
        type=DELTA["type"],
        event=events.AudioDelta(
            response_id="", item_id="i", output_index=0, content_index=0, pcm=b""
        ),
    )


@pytest.mark.parametrize("delta", ["A", "AA==", "!!!!", "AAAA AAAA"])
def test_audio_that_is_no_base64_of_whole_samples_is_malformed(delta: str):
    assert isinstance(decode(DELTA | {"delta": delta}), Malformed)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
keys = st.sampled_from(
    [
        "item_id",
        "item",
        "id",
        "session",
        "response",
        "error",
        "delta",
        "audio_start_ms",
        "audio_end_ms",
        "x",
    ]
)


@given(
    st.sampled_from([*SAMPLES, *BETA_NAMES, "?"]), st.dictionaries(keys, json_values, max_size=6)
)
def test_no_json_object_makes_the_reader_raise(type_: str, fields: dict[str, Any]):
    assert isinstance(decode(fields | {"type": type_}), Received | Malformed)


@given(json_values)
def test_no_json_value_makes_the_reader_raise(value: object):
    assert isinstance(decode(value), Received | Malformed)


@given(st.binary(max_size=200))
@example(b'{"type":"response.output_audio.delta"')
def test_no_bytes_make_the_reader_raise(message: bytes):
    assert isinstance(wire.decode(message), Received | Malformed)


@given(st.binary(max_size=60), st.integers(0, 250), st.integers(0, 255))
def test_a_damaged_delta_never_makes_the_reader_raise(pcm: bytes, place: int, byte: int):
    message = bytearray(wire.encode(DELTA | {"delta": base64.b64encode(pcm).decode()}))
    message[place % len(message)] = byte
    assert isinstance(wire.decode(bytes(message)), Received | Malformed)


def test_an_event_is_written_compact():
    assert wire.encode({"type": "x", "a": [1, "é"]}) == '{"type":"x","a":[1,"é"]}'.encode()


@pytest.mark.parametrize("value", [object(), b"bytes", {1: 2}, 2**70])
def test_what_json_cannot_say_is_a_type_error(value: object):
    with pytest.raises(TypeError):
        wire.encode({"type": "x", "value": value})


def test_the_canonical_form_shares_nothing_with_what_was_given():
    given_event = {"type": "x", "items": ({"a": 1},)}
    copy = wire.canonical(given_event)
    given_event["items"][0]["a"] = 2
    assert copy == {"type": "x", "items": [{"a": 1}]}

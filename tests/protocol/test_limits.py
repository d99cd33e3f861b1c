"""What is too large or too deep is known before anything of ours walks through it."""

from __future__ import annotations

import json

import pytest

from trunkline.protocol import limits, wire
from trunkline.protocol.limits import MOST_DEPTH, complaint, may_be_over


def nested(depth: int, kind: str = "list") -> object:
    value: object = 1
    for _ in range(depth):
        value = [value] if kind == "list" else {"a": value}
    return value


@pytest.mark.parametrize("kind", ["list", "dict"])
@pytest.mark.parametrize(
    ("depth", "words"),
    [(1, ""), (MOST_DEPTH, ""), (MOST_DEPTH + 1, "deeper than 64"), (900, "deeper than 64")],
)
def test_depth_is_counted_from_the_outermost(depth: int, kind: str, words: str):
    value = nested(depth, kind)
    assert words in complaint(value)
    assert bool(complaint(value)) is bool(words)
    assert may_be_over(json.dumps(value).encode()) is (depth > MOST_DEPTH)


def test_a_value_of_any_depth_is_walked_through_without_a_stack():
    assert complaint(nested(200_000)) == "it is nested deeper than 64"


def test_an_ordinary_message_is_not_walked_through():
    assert not may_be_over(json.dumps({"type": "x", "items": [{"a": [1, 2]}] * 20}).encode())


def test_brackets_in_words_make_it_looked_through_and_are_no_depth():
    value = {"type": "x", "text": "[" * 1000}
    assert may_be_over(json.dumps(value).encode())
    assert complaint(value) == ""


def test_a_string_may_have_a_length(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "LONGEST_STRING", 10)
    assert complaint({"a": ["x" * 10]}) == ""
    assert "longer than 10" in complaint({"a": ["x" * 11]})
    assert "longer than 10" in complaint({"x" * 11: 1})
    assert may_be_over(b'{"a":"xxxx"}')


def test_a_million_objects_are_not_even_parsed(monkeypatch: pytest.MonkeyPatch):
    message = b'{"type":"x","a":[' + b",".join([b"[]"] * limits.MOST_CONTAINERS) + b"]}"
    monkeypatch.setattr(wire.orjson, "loads", pytest.fail)
    assert "more than 1000000 objects" in wire.decode(message).reason


@pytest.mark.parametrize("kind", ["list", "dict"])
def test_a_message_that_is_too_deep_is_malformed_and_one_that_is_not_passes(kind: str):
    # The message itself is a level.
    fits = {"type": "session.weather", "a": nested(MOST_DEPTH - 1, kind)}
    deep = {"type": "session.weather", "a": nested(MOST_DEPTH, kind)}
    assert wire.decode(json.dumps(fits).encode()).event.data == fits
    assert wire.decode(json.dumps(deep).encode()) == wire.Malformed(
        reason="it is nested deeper than 64", sample=json.dumps(deep)[:120]
    )


@pytest.mark.parametrize("type_", ["response.output_audio.delta", "session.output_audio.delta"])
def test_a_delta_of_audio_may_have_a_length(type_: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "LONGEST_DELTA", 400)
    ids = {"response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0}
    for characters, is_taken in ((320, True), (400, True), (408, False)):
        event = {"type": type_, "event_id": "e", **ids, "delta": "A" * characters}
        message = json.dumps(event, separators=(",", ":")).encode()
        received = wire.decode(message)
        if is_taken:
            assert len(received.event.pcm) == characters // 4 * 3
        else:
            assert received.reason == "the audio is longer than 400 characters"


def test_a_long_message_that_is_no_audio_is_taken(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "LONGEST_DELTA", 400)
    event = {"type": "session.weather", "delta": "A" * 404}
    assert wire.decode(json.dumps(event).encode()).event.data == event

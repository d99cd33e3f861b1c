from __future__ import annotations

import base64

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.audio import codec
from trunkline.telemetry.contents import DETAIL_CHARS, Coding, Contents

PCM = Coding()
DELTA = base64.b64encode(bytes(4800)).decode()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=300),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)


def _contents(fields, coding=PCM):
    return Contents(orjson.dumps(fields), coding)


def test_audio_is_told_by_its_size_and_its_time():
    detail = _contents({"type": "response.output_audio.delta", "delta": DELTA}).detail()
    assert detail == (
        '{\n  "type": "response.output_audio.delta",\n'
        '  "delta": "<base64 6 400 B → 4 800 B → 100 ms PCM16>"\n}'
    )


@pytest.mark.parametrize(("kind", "name"), [("audio/pcmu", "PCMU"), ("audio/pcma", "PCMA")])
def test_audio_of_a_telephone_is_told_as_such(kind, name):
    coding = Coding(type=kind, rate_hz=8000)
    detail = _contents({"audio": base64.b64encode(bytes(800)).decode()}, coding).detail()
    assert f"<base64 1 068 B → 800 B → 100 ms {name}>" in detail


def test_an_image_is_base64_without_a_time_and_words_are_words():
    image = base64.b64encode(bytes(999)).decode()
    words = "as long as an instruction is, and no base64: " * 10
    detail = _contents({"item": {"content": [{"image": image}, {"text": words}]}}).detail()
    assert "<base64 1 332 B → 999 B>" in detail
    assert words in detail


def test_an_item_with_audio_is_shown_with_its_time():
    assert "100 ms PCM16" in _contents({"item": {"content": [{"audio": DELTA}]}}).detail()


def test_keys_and_control_characters_do_not_get_through():
    detail = _contents(
        {"headers": {"Authorization": "Bearer sk-abcdef123456"}, "a": "\x9b2J"}
    ).detail()
    assert "sk-abcdef" not in detail
    assert "\x9b" not in detail


@given(st.binary(max_size=400) | JSON.map(orjson.dumps))
def test_anything_can_be_shown(message):
    contents = Contents(message, PCM)
    detail = contents.detail()
    assert len(detail) <= DETAIL_CHARS
    assert "\x1b" not in detail
    assert isinstance(contents.pcm(), bytes)


def test_a_document_that_is_too_deep_or_too_long_is_cut():
    deep = {}
    for _ in range(100):
        deep = {"a": deep}
    assert "…" in _contents(deep).detail()
    assert len(_contents({"text": "word " * 9000}).detail()) == DETAIL_CHARS


@pytest.mark.parametrize("law", [None, "ulaw", "alaw"])
def test_the_audio_is_what_was_sent(law):
    pcm = bytes(range(200)) * 4
    kind = {None: "audio/pcm", "ulaw": "audio/pcmu", "alaw": "audio/pcma"}[law]
    contents = Contents(codec.append_message(pcm, law=law), Coding(type=kind))
    assert contents.pcm() == (pcm if law is None else codec.decode(contents.text("audio"), law=law))
    assert len(contents.pcm()) == len(pcm)


def test_audio_that_is_none_is_nothing():
    assert _contents({"audio": "not base64!"}).pcm() == b""
    assert _contents({"audio": 7}).pcm() == b""


def test_fields_are_had_by_name_and_are_strings_or_nothing():
    contents = _contents({"item_id": "i", "item": {"id": "j", "n": 1}, "response": 3})
    assert (contents.text("item_id"), contents.inner("item", "id")) == ("i", "j")
    assert (
        contents.text("item"),
        contents.inner("item", "n"),
        contents.inner("response", "id"),
    ) == ("", "", "")

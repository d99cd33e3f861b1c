"""G.711's Python face against the standard library's, which has another convention for µ-law."""

from __future__ import annotations

import base64
import importlib.util
import json
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.audio import codec, g711
from trunkline.errors import CodecError

EVERY_SAMPLE = np.arange(-32768, 32768).astype("<i2")
EVERY_CODE = bytes(range(256))
ENCODE = {"ulaw": g711.encode_ulaw, "alaw": g711.encode_alaw}
DECODE = {"ulaw": g711.decode_ulaw, "alaw": g711.decode_alaw}

laws = pytest.mark.parametrize("law", ["ulaw", "alaw"])
pcms = st.binary(max_size=2000).map(lambda data: data[: len(data) // 2 * 2])


@pytest.fixture
def audioop():
    if importlib.util.find_spec("audioop") is None:
        pytest.skip(f"audioop was removed in Python 3.13, and this is {sys.version.split()[0]}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return importlib.import_module("audioop")


def test_a_law_is_the_standard_library_s_for_every_sample_and_code(audioop):
    assert g711.encode_alaw(EVERY_SAMPLE) == audioop.lin2alaw(EVERY_SAMPLE.tobytes(), 2)
    assert g711.decode_alaw(EVERY_CODE) == audioop.alaw2lin(EVERY_CODE, 2)


def test_u_law_is_the_standard_library_s_but_for_the_side_of_negative_steps(audioop):
    assert g711.decode_ulaw(EVERY_CODE) == audioop.ulaw2lin(EVERY_CODE, 2)
    ours, theirs = (
        np.frombuffer(codes, np.uint8)
        for codes in (
            g711.encode_ulaw(EVERY_SAMPLE),
            audioop.lin2ulaw(EVERY_SAMPLE.tobytes(), 2),
        )
    )
    assert np.array_equal(ours[32768:], theirs[32768:])
    # Two's complement of 14 bits there, one's complement here: one step of 14 bits, 4 of 16.
    assert np.array_equal(ours[: 32768 - 4], theirs[4:32768])


@laws
def test_a_code_s_sample_is_as_near_as_half_a_step(law):
    decoded = np.frombuffer(DECODE[law](ENCODE[law](EVERY_SAMPLE)), "<i2").astype(int)
    magnitude = np.abs(EVERY_SAMPLE.astype(int))
    step = np.maximum(16, 2.0 ** np.floor(np.log2(magnitude + 132) - 4))
    assert np.all(np.abs(decoded - EVERY_SAMPLE)[magnitude < 32124] <= step[magnitude < 32124])


@laws
@given(pcm=pcms)
def test_the_message_is_what_json_and_base64_would_write(law, pcm):
    event = {"type": "input_audio_buffer.append", "audio": ""}
    event["audio"] = base64.b64encode(ENCODE[law](pcm)).decode()
    expected = json.dumps(event, separators=(",", ":")).encode()
    assert codec.append_message(pcm, law=law) == expected
    with_id = json.loads(codec.append_message(pcm, law=law, event_id="tk1"))
    assert with_id == {"event_id": "tk1", **event}


@laws
@given(codes=st.binary(max_size=1200))
def test_a_delta_s_text_is_decoded_as_in_two_steps(law, codes):
    text = base64.b64encode(codes)
    assert g711.decode_text(text, law=law) == DECODE[law](codes)
    assert g711.decode_text(text.decode(), law=law) == DECODE[law](codes)


@laws
def test_floats_are_converted_as_the_codec_does_it(law):
    floats = np.array([0.0, 0.5, -0.5, 2.0, np.nan], np.float32)
    assert ENCODE[law](floats) == ENCODE[law](codec.to_pcm(floats))
    assert codec.append_message(floats, law=law) == codec.append_message(
        codec.to_pcm(floats), law=law
    )


@laws
@given(codes=st.binary(max_size=1200), quote=st.sampled_from(["", " "]))
def test_a_delta_of_any_number_of_codes_is_read_by_its_shape_and_by_a_parser_alike(
    law, codes, quote
):
    event = {
        "type": "response.output_audio.delta",
        "event_id": "event_1",
        "response_id": "resp_1",
        "item_id": "item_1",
        "output_index": 0,
        "content_index": 0,
        "delta": base64.b64encode(codes).decode(),
    }
    usual = json.dumps(event, separators=(",", ":")).encode()
    fast = codec.read_delta_fast(usual, law=law)
    assert fast is not None
    assert fast.pcm == DECODE[law](codes)
    assert codec.read_delta(usual, law=law) == fast
    assert codec.read_delta(json.dumps({"x" + quote: 1, **event}), law=law) == fast


@laws
@given(pcm=pcms, chunk_ms=st.integers(1, 40))
def test_a_long_recording_becomes_messages_of_so_many_milliseconds(law, pcm, chunk_ms):
    messages = codec.append_messages(pcm, chunk_ms=chunk_ms, law=law)
    texts = [base64.b64decode(json.loads(message)["audio"]) for message in messages]
    assert b"".join(texts) == ENCODE[law](pcm)
    assert all(len(text) == 8 * chunk_ms for text in texts[:-1])


def test_input_that_cannot_be_converted_is_refused():
    for call, offset in [
        (lambda: g711.encode_ulaw(b"abc"), 2),
        (lambda: g711.encode_alaw(np.zeros(2)), None),
        (lambda: g711.decode_alaw(np.zeros(2, np.float32)), None),
        (lambda: g711.decode_text("AA!A", law="ulaw"), 2),
        (lambda: codec.append_message(b"", law="alaw", event_id="a\n"), 1),
        (lambda: codec.append_message(b"", law="opus"), None),
    ]:
        with pytest.raises(CodecError) as caught:
            call()
        assert caught.value.offset == offset


def test_the_formats_are_bytes_at_8_kilohertz():
    assert [g711.PCMU.name, g711.PCMA.name] == ["audio/pcmu", "audio/pcma"]
    assert g711.PCMU.bytes_of_ms(20) == g711.PCMA.bytes_of_ms(20) == 160

"""The codec's Python face against numpy, base64 and json."""

from __future__ import annotations

import array
import base64
import itertools
import json
import subprocess
import sys
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.audio import codec
from trunkline.audio.level import Level
from trunkline.errors import CodecError

pcms = st.binary(max_size=400).map(lambda data: data[: len(data) // 2 * 2])
floats = st.lists(st.floats(width=32), max_size=300).map(
    lambda values: np.array(values, np.float32)
)


@pytest.fixture(autouse=True, params=codec.backends())
def backend(request):
    codec.use_backend(request.param)
    yield request.param
    codec.use_backend(None)


def int16_of(values: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        scaled = np.nan_to_num(np.rint(values * np.float32(32768)), nan=0)
    return np.clip(scaled, -32768, 32767).astype("<i2")


def message_of(pcm: bytes, **first: str) -> bytes:
    audio = base64.b64encode(pcm).decode()
    event = {**first, "type": "input_audio_buffer.append", "audio": audio}
    return json.dumps(event, separators=(",", ":")).encode()


def refusal(call, *args, **kwargs) -> tuple[str, int | None]:
    with pytest.raises(CodecError) as caught:
        call(*args, **kwargs)
    return caught.value.reason, caught.value.offset


# --- samples in -------------------------------------------------------------------------------


@given(pcms)
def test_pcm_becomes_the_message_that_json_and_base64_would_write(pcm):
    assert codec.append_message(pcm) == message_of(pcm)
    assert codec.append_message(pcm, event_id="tk1") == message_of(pcm, event_id="tk1")


@given(floats)
def test_floats_are_rounded_clipped_and_silenced_as_numpy_does_it(values):
    pcm = int16_of(values).tobytes()
    assert codec.to_pcm(values) == pcm
    assert codec.encode(values) == base64.b64encode(pcm)
    assert codec.append_message(values) == message_of(pcm)


@pytest.mark.parametrize(
    "samples",
    [
        b"\1\0\2\0",
        bytearray(b"\1\0\2\0"),
        memoryview(b"\1\0\2\0"),
        memoryview(bytearray(b"\1\0\2\0")).toreadonly(),
        memoryview(b"\1\0\2\0").cast("h"),
        array.array("h", [1, 2]),
        np.array([1, 2], np.int16),
        np.array([1, 2], "<i2"),
        np.array([9, 1, 2, 9], np.int16)[1:3],
        np.array([1 / 32768, 2 / 32768], np.float32),
        np.array([1 / 32768, 2 / 32768], "<f4"),
        np.frombuffer(b"\0" + np.array([1, 2], "<i2").tobytes(), np.dtype("<i2"), offset=1),
    ],
    ids=lambda samples: type(samples).__name__,
)
def test_every_kind_of_buffer_gives_the_same_pcm(samples):
    assert codec.to_pcm(samples) == b"\1\0\2\0"


@pytest.mark.parametrize("empty", [b"", bytearray(), np.array([], np.int16), np.array([], "f4")])
def test_no_samples_are_fine(empty):
    assert codec.append_message(empty) == message_of(b"")
    assert codec.append_messages(empty, chunk_ms=20) == []
    assert codec.encode(empty) == codec.to_pcm(empty) == codec.decode("") == b""
    assert codec.level(empty) == Level(rms=0.0, peak=0, clipped=0, samples=0)


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (np.zeros(2), "float64 samples: convert with .astype(np.float32)"),
        (np.zeros(2, ">i2"), "big-endian int16 samples: convert with .astype('<i2')"),
        (np.zeros(2, ">f4"), "big-endian float32 samples: convert with .astype('<f4')"),
        (np.zeros(2, np.int8), "int8 samples: scale to 16 bits and convert with .astype(np.int16)"),
        (np.zeros(2, np.complex64), "samples of buffer format 'Zf': pass int16 or float32"),
        (
            np.zeros((3, 2), np.int16),
            "samples of shape [3, 2]: pass one channel as a one-dimensional array",
        ),
        (
            np.array(3, np.int16),
            "ndarray is not a row of samples: pass bytes, or an int16 or float32 array",
        ),
        (np.zeros(4, np.int16)[::2], "samples 4 bytes apart: copy with np.ascontiguousarray"),
        (np.zeros(4, np.int16)[::-1], "samples -2 bytes apart: copy with np.ascontiguousarray"),
        ([1, 2], "list is not a row of samples: pass bytes, or an int16 or float32 array"),
        ("ab", "str is not a row of samples: pass bytes, or an int16 or float32 array"),
        (None, "NoneType is not a row of samples: pass bytes, or an int16 or float32 array"),
    ],
)
def test_what_are_no_samples_is_refused_with_what_would_do(samples, reason):
    for call in (codec.append_message, codec.encode, codec.to_pcm, codec.level):
        assert refusal(call, samples) == (reason, None)
    assert refusal(codec.append_messages, samples, chunk_ms=20) == (reason, None)


def test_half_a_sample_is_refused_at_its_byte():
    expected = ("audio ends inside a sample of 2 bytes", 4)
    for odd in (b"abcde", bytearray(b"abcde"), np.frombuffer(b"abcde", np.uint8)):
        for call in (codec.append_message, codec.encode, codec.to_pcm, codec.level):
            assert refusal(call, odd) == expected


@pytest.mark.parametrize(
    ("event_id", "offset"),
    [("", 0), ('a"b', 1), ("a\\", 1), ("a\n", 1), ("ä", 0), ("x" * 513, 512)],
)
def test_an_event_id_that_json_would_escape_is_refused(event_id, offset):
    reason, found = refusal(codec.append_message, b"", event_id=event_id)
    assert reason.startswith("event_id must be 1 to 512 printable ASCII characters")
    assert found == offset


@given(pcms, st.integers(1, 3))
def test_a_long_recording_becomes_messages_of_the_chunks_it_would_be_cut_into(pcm, chunk_ms):
    size = chunk_ms * 48
    chunks = [pcm[start : start + size] for start in range(0, len(pcm), size)]
    expected = [message_of(chunk) for chunk in chunks]
    assert codec.append_messages(pcm, chunk_ms=chunk_ms) == expected
    scaled = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
    assert codec.append_messages(scaled, chunk_ms=chunk_ms) == expected


def test_a_chunk_of_no_time_is_refused():
    assert refusal(codec.append_messages, b"ab", chunk_ms=0)[0] == "chunk_ms must be at least 1"


def test_long_input_is_converted_the_same_without_the_gil():
    values = np.linspace(-1.1, 1.1, 1_200_000, dtype=np.float32)
    pcm = int16_of(values).tobytes()
    assert codec.append_message(values) == message_of(pcm)
    assert codec.decode(codec.encode(pcm)) == pcm
    assert codec.level(values).samples == 1_200_000


# --- text in ----------------------------------------------------------------------------------


@given(st.binary(max_size=300))
def test_base64_round_trips_as_the_standard_library_has_it(data):
    text = base64.b64encode(data)
    for kind in (text, text.decode(), bytearray(text), memoryview(text)):
        assert codec.decode(kind) == data


@given(pcms)
def test_text_becomes_arrays_that_nobody_can_write_to(pcm):
    text = base64.b64encode(pcm).decode()
    samples, values = codec.decode_samples(text), codec.decode_floats(text)
    assert samples.dtype == np.int16
    assert values.dtype == np.float32
    assert samples.tobytes() == pcm
    np.testing.assert_array_equal(values, samples.astype(np.float32) / 32768)
    assert not samples.flags.writeable
    assert not values.flags.writeable


def test_every_int16_sample_survives_the_way_to_float_and_back():
    samples = np.arange(-32768, 32768).astype("<i2")
    values = codec.decode_floats(codec.encode(samples))
    assert codec.to_pcm(values) == samples.tobytes()


@pytest.mark.parametrize(
    ("text", "reason", "offset"),
    [
        ("QUJ!", "'!' is not a base64 symbol", 3),
        ("QUJD\n", "byte 0x0a is not a base64 symbol", 4),
        ("QUJDQ", "base64 ends inside a group of four", 5),
        ("QQ==QUJD", "base64 padding before the end", 2),
        ("QUJDQR==", "base64 with bits left over", 5),
        ("QUJ\u00e4", "byte 0xc3 is not a base64 symbol", 3),
        (b"\xffUJD", "byte 0xff is not a base64 symbol", 0),
    ],
)
def test_text_that_is_not_strict_base64_is_refused_at_its_first_wrong_symbol(text, reason, offset):
    decoder = codec.Base64Decoder()

    def stream() -> None:
        decoder.update(text)
        decoder.finish()

    for call in (codec.decode, codec.decode_samples, codec.decode_floats):
        assert refusal(call, text) == (reason, offset)
    assert refusal(stream) == (reason, offset)


def test_a_fault_at_any_place_of_a_long_text_is_refused_there():
    text = base64.b64encode(bytes(600)).decode()
    for offset in range(len(text)):
        damaged = f"{text[:offset]}\n{text[offset + 1 :]}"
        for call in (codec.decode, codec.decode_samples, codec.decode_floats):
            assert refusal(call, damaged) == ("byte 0x0a is not a base64 symbol", offset)


def test_text_of_an_odd_number_of_bytes_makes_no_samples():
    for call in (codec.decode_samples, codec.decode_floats):
        assert refusal(call, "QUJD") == ("audio ends inside a sample of 2 bytes", 2)
        assert refusal(call, "QQ==") == ("audio ends inside a sample of 2 bytes", 0)


def test_what_is_no_text_is_refused():
    assert refusal(codec.decode, 5)[0].startswith("int is not a row")
    assert refusal(codec.decode, "\ud800")[0].startswith("str is not a row")


# --- in pieces --------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=20), max_size=12))
def test_encoding_in_pieces_gives_the_text_of_the_whole(pieces):
    encoder = codec.Base64Encoder()
    for _ in range(2):
        text = b"".join([encoder.update(piece) for piece in pieces]) + encoder.finish()
        assert text == base64.b64encode(b"".join(pieces))


@given(st.binary(max_size=60), st.lists(st.integers(0, 80), max_size=8))
def test_decoding_in_pieces_gives_the_bytes_of_the_whole(data, cuts):
    decoder, text = codec.Base64Decoder(), base64.b64encode(data).decode()
    edges = [0, *sorted(cuts), len(text)]
    for _ in range(2):
        pieces = [text[start:end] for start, end in itertools.pairwise(edges)]
        assert b"".join([decoder.update(piece) for piece in pieces]) == data
        decoder.finish()


def test_a_fault_in_a_stream_is_counted_from_its_start_and_stays_until_the_end():
    decoder = codec.Base64Decoder()
    decoder.update("QUJDQ")
    for piece in ("U!D", "QUJD"):
        assert refusal(decoder.update, piece) == ("'!' is not a base64 symbol", 6)
    assert refusal(decoder.finish)[1] == 6
    assert decoder.update("QUJD") == b"ABC"


def test_floats_cannot_be_encoded_as_bytes_of_a_stream():
    reason, _ = refusal(codec.Base64Encoder().update, np.zeros(2, np.float32))
    assert reason == "float32 samples: convert with to_pcm first"


# --- deltas -----------------------------------------------------------------------------------

PCM = b"\1\0\2\0\3\0"
EVENT = {
    "type": "response.output_audio.delta",
    "event_id": "event_1",
    "response_id": "resp_2",
    "item_id": "item_3",
    "output_index": 0,
    "content_index": 1,
    "delta": base64.b64encode(PCM).decode(),
}
COMPACT = json.dumps(EVENT, separators=(",", ":"))


@pytest.mark.parametrize("message", [COMPACT, COMPACT.encode(), json.dumps(EVENT)])
def test_a_delta_of_a_known_shape_is_read_without_a_parser(message):
    delta = codec.read_delta_fast(message)
    assert delta == codec.read_delta(message) == codec.delta_from_event(json.loads(message))
    assert (delta.event_id, delta.response_id, delta.item_id) == ("event_1", "resp_2", "item_3")
    assert (delta.output_index, delta.content_index, delta.pcm) == (0, 1, PCM)


def test_a_delta_gives_its_audio_as_arrays():
    delta = codec.read_delta(COMPACT)
    assert delta.samples.tolist() == [1, 2, 3]
    assert (delta.floats * 32768).tolist() == [1, 2, 3]
    assert delta.samples.dtype == np.int16
    assert delta.floats.dtype == np.float32


def test_deltas_are_equal_by_value_and_do_not_show_their_audio():
    one, two = codec.read_delta(COMPACT), codec.read_delta(COMPACT)
    other = codec.read_delta(COMPACT.replace("item_3", "item_4"))
    assert one == two
    assert hash(one) == hash(two)
    assert one != other
    assert repr(one) == 'Delta(item_id="item_3", content_index=1, pcm=<6 bytes>)'


def test_a_long_delta_is_read_without_the_gil():
    pcm = bytes(2_400_000)
    message = json.dumps({**EVENT, "delta": base64.b64encode(pcm).decode()})
    assert codec.read_delta_fast(message).pcm == pcm


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "[]",
        "null",
        '"response.output_audio.delta"',
        b"\xff",
        "\ud800",
        '{"type":"response.done"}',
        "{}",
    ],
)
def test_what_is_no_audio_delta_is_none(message):
    assert codec.read_delta(message) is None


@pytest.mark.parametrize("key", ["event_id", "response_id", "item_id", "delta"])
def test_a_delta_without_one_of_its_strings_is_malformed(key):
    for event in ({**EVENT, key: 5}, {name: EVENT[name] for name in EVENT if name != key}):
        reason, offset = refusal(codec.delta_from_event, event)
        assert (reason, offset) == (f"audio delta without the string {key}", None)


@pytest.mark.parametrize("value", [None, -1, 2**32, True, 1.0, "0"])
def test_a_delta_without_a_proper_index_is_malformed(value):
    for key in ("output_index", "content_index"):
        reason, _ = refusal(codec.delta_from_event, {**EVENT, key: value})
        assert reason == f"audio delta without the index {key}"


def test_a_delta_with_damaged_audio_is_malformed_at_the_symbol():
    damaged = COMPACT.replace(EVENT["delta"], "AQAC!AMA")
    assert refusal(codec.read_delta, damaged) == ("'!' is not a base64 symbol", 4)
    odd = COMPACT.replace(EVENT["delta"], "AQAC")
    assert refusal(codec.read_delta, odd) == ("audio delta ends inside a sample of 2 bytes", 2)


# --- level and the machine --------------------------------------------------------------------


@given(pcms.filter(bool))
def test_the_level_is_what_numpy_measures(pcm):
    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    level = codec.level(pcm)
    assert level.rms == pytest.approx(float(np.sqrt(np.mean(samples**2))))
    assert (level.peak, level.samples) == (int(np.abs(samples).max()), len(samples))


@pytest.mark.parametrize(
    ("samples", "clipped"),
    [
        ([32767, 32767, 0, 32767], 0),
        ([32767, 32767, 32767], 3),
        ([-32768, -32767, 32767, 32767, 0, -32768, -32768, -32768], 7),
    ],
)
def test_only_runs_of_three_full_scale_samples_are_clipped(samples, clipped):
    assert codec.level(np.array(samples, np.int16)).clipped == clipped


def test_floats_are_measured_as_they_will_be_sent():
    assert codec.level(np.full(4, 1.5, np.float32)) == Level(
        rms=32767.0, peak=32767, clipped=4, samples=4
    )


def test_the_backend_in_use_is_the_one_that_was_chosen(backend):
    assert codec.backend() == backend
    assert refusal(codec.use_backend, "abacus") == ("this machine has no such backend", None)
    assert codec.backend() == backend
    codec.use_backend(None)
    assert codec.backend() == codec.backends()[-1]


def test_the_build_says_how_it_was_compiled():
    assert codec.build_profile() in {"release", "debug"}


def test_importing_the_codec_loads_neither_numpy_nor_anything_of_the_upper_layers():
    program = (
        "import sys; from trunkline.audio import codec; codec.read_delta('{}'); codec.append_message(b'ab');"
        "print(*{'numpy', 'websockets', 'textual', 'asyncio'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def unmasked(frame: bytes) -> tuple[int, bytes]:
    """The first byte and the payload of a client's frame, read by RFC 6455 §5.2."""
    assert frame[1] & 0x80
    length, start = frame[1] & 0x7F, 2
    if length > 125:
        start = {126: 4, 127: 10}[length]
        length = int.from_bytes(frame[2:start], "big")
    key, payload = frame[start : start + 4], frame[start + 4 :]
    assert len(payload) == length
    return frame[0], bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))


@given(
    st.sampled_from([0, 1, 40, 480, 2400, 40_000]),
    st.binary(min_size=4, max_size=4),
    st.sampled_from([None, "tk7"]),
    st.sampled_from([None, "ulaw"]),
)
def test_a_frame_is_the_message_with_header_and_mask(count, key, event_id, law):
    samples = (np.arange(count) * 97).astype("<i2")
    message = codec.append_message(samples, event_id=event_id, law=law)
    frame = codec.append_frame(samples, key, event_id=event_id, law=law)
    assert unmasked(frame) == (0x81, message)
    assert codec.text_frame(message, key) == frame
    assert codec.text_frame(message.decode(), key) == frame


def test_a_frame_is_what_websockets_would_write_and_reads():
    frames = pytest.importorskip("websockets.frames")
    message = codec.append_message(np.zeros(480, np.float32))
    theirs = frames.Frame(frames.Opcode.TEXT, message)
    ours = codec.text_frame(message, b"\x01\x02\x03\x04")
    with mock.patch("secrets.token_bytes", return_value=b"\x01\x02\x03\x04"):
        assert theirs.serialize(mask=True) == ours


@pytest.mark.parametrize("key", [b"", b"abc", b"abcde", "abcd"])
def test_a_mask_of_another_size_is_refused(key):
    with pytest.raises((ValueError, TypeError)):
        codec.append_frame(b"", key)


@pytest.mark.parametrize("kind", ["<i2", "<f4"])
def test_an_array_is_read_alike_short_and_long_and_as_its_memory(kind):
    for count in (1, 480, 131_072, 131_073, 400_000):
        samples = (np.arange(count) % 77).astype(kind)
        assert codec.encode(samples) == codec.encode(memoryview(samples)), count


def test_an_array_of_a_subclass_and_a_view_are_read_as_their_samples():
    class Own(np.ndarray):
        pass

    samples = np.arange(1000, dtype="<i2")
    assert codec.encode(samples.view(Own)) == codec.encode(samples)
    assert codec.encode(samples[100:200]) == codec.encode(samples[100:200].copy())
    with pytest.raises(CodecError, match="4 bytes apart"):
        codec.encode(samples[::2])
    with pytest.raises(CodecError, match="big-endian"):
        codec.encode(samples.astype(">i2"))
    with pytest.raises(CodecError, match="shape"):
        codec.encode(samples.reshape(2, 500))
    with pytest.raises(CodecError, match="int64"):
        codec.encode(samples.astype(np.int64))

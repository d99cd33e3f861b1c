"""The short way to read an audio delta and the parser's way give the same, on any message."""

from __future__ import annotations

import base64
import json

from hypothesis import event, given, settings
from hypothesis import strategies as st

from trunkline.audio import codec
from trunkline.errors import CodecError

EVENT = {
    "type": "response.output_audio.delta",
    "event_id": "event_1",
    "response_id": "resp_2",
    "item_id": "item_3",
    "output_index": 0,
    "content_index": 1,
    "delta": "AQACAAMA",
}
BETA_ORDER = ["event_id", *(key for key in EVENT if key != "event_id")]
ORDERS = [list(EVENT), BETA_ORDER, sorted(EVENT)]


pcms = st.binary(max_size=400).map(lambda data: data[: len(data) // 2 * 2])
encoded = pcms.map(lambda pcm: base64.b64encode(pcm).decode())
odd_texts = st.one_of(
    st.sampled_from(["", "item_1", 'a"b', "é", "\u2028", "a\\b", "\x7f", "{"]), st.text()
)
odd_indices = st.one_of(
    st.integers(0, 3), st.integers(), st.sampled_from([2**32 - 1, 2**32, True, 1.0, "0", None])
)
odd_audio = st.one_of(
    encoded,
    st.binary(max_size=9).map(lambda data: base64.b64encode(data).decode()),
    st.sampled_from(["QR==", "QUJ", "Q\nUJ", "QUJD=", "====", 'QUJ"', 5, None]),
)
odd_fields = st.fixed_dictionaries(
    {
        "type": st.sampled_from([EVENT["type"], "response.audio.delta", "response.done", 5]),
        "event_id": odd_texts,
        "response_id": odd_texts,
        "item_id": st.one_of(odd_texts, st.none()),
        "output_index": odd_indices,
        "content_index": odd_indices,
        "delta": odd_audio,
    },
    optional={"obfuscation": st.text(max_size=3)},
)


def pairs(fields: dict[str, object], order: list[str], separators: tuple[str, str]) -> str:
    return json.dumps({key: fields[key] for key in order}, separators=separators)


@st.composite
def known_shapes(draw):
    """Deltas as servers write them, which the short way reads."""
    text = st.text("abcXYZ019_-.: #[]{},", max_size=12)
    ids = {key: draw(text) for key in ("event_id", "response_id", "item_id")}
    numbers = {key: draw(st.integers(0, 2**32 - 1)) for key in ("output_index", "content_index")}
    name = draw(st.sampled_from(["response.output_audio.delta", "response.audio.delta"]))
    fields = {"type": name, **ids, **numbers, "delta": draw(encoded)}
    return pairs(
        fields, draw(st.sampled_from(ORDERS)), draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    )


@st.composite
def damaged_shapes(draw):
    """The same with one stretch replaced."""
    text = draw(known_shapes())
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 3)))
    return (
        text[:start]
        + draw(st.sampled_from(['"', "}", " ", "\\", "0", "", "é", ",", "="]))
        + text[end:]
    )


@st.composite
def odd_shapes(draw):
    """Events with any fields in any order and spacing."""
    fields = draw(odd_fields)
    keys = draw(st.permutations(list(fields)))[draw(st.sampled_from([0, 0, 0, 1])) :]
    return pairs(fields, keys, draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,", ":")])))


messages = st.one_of(known_shapes(), damaged_shapes(), odd_shapes())


@settings(max_examples=400)
@given(
    messages.flatmap(lambda text: st.sampled_from([text, text.encode("utf-8", "surrogatepass")]))
)
def test_the_short_way_and_the_parser_read_the_same(message):
    expected = by_json(message)
    fast = codec.read_delta_fast(message)
    event("short way" if fast else "parser")
    assert fast is None or fast == expected
    assert by_either(message) == expected


@given(known_shapes())
def test_what_servers_write_is_read_the_short_way(message):
    assert codec.read_delta_fast(message) is not None


def by_json(message: str | bytes) -> codec.Delta | tuple[str, int | None] | None:
    """The ordinary way, with the standard library's parser; an error as its facts."""
    try:
        fields = json.loads(message)
    except ValueError:
        return None
    try:
        return codec.delta_from_event(fields) if isinstance(fields, dict) else None
    except CodecError as error:
        return error.reason, error.offset


def by_either(message: str | bytes) -> codec.Delta | tuple[str, int | None] | None:
    try:
        return codec.read_delta(message)
    except CodecError as error:
        return error.reason, error.offset

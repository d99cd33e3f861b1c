"""What `benches/codec.py` times: each work as statements, ours and those of the peers.

They are statements and not functions, so that neither side pays for a call that a caller would not
make. A peer may be two units off what we give (the usual idiom scales by 32767 and cuts off), which is
less work, in its favour; `check` holds all to the same audio within that.
"""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass

import msgspec
import numpy as np
import orjson
import pybase64
from openai.resources.realtime.realtime import AsyncRealtimeConnection

from trunkline.audio import codec, g711

BULK_MS = 5_000_000 // 24
"""10 MB of int16 at 24 kHz."""
ALL_MS = (20, 100, 1000, BULK_MS)

IDS = {
    "type": "response.output_audio.delta",
    "event_id": "event_BGQCwd9zOaTBXZVJsPCgf",
    "response_id": "resp_BGQCwZbkXUPRB5jMSxYCh",
    "item_id": "item_BGQCwd9zOaTBXZVJsPCgf",
    "output_index": 0,
    "content_index": 0,
}

loop = asyncio.new_event_loop()


class TypedDelta(msgspec.Struct):
    """msgspec decodes the base64 of a field of bytes itself."""

    type: str
    event_id: str
    response_id: str
    item_id: str
    output_index: int
    content_index: int
    delta: bytes


class Nowhere:
    """The SDK's connection: takes what is sent, and that is all."""

    sent = ""

    async def send(self, data):
        self.sent = data


nowhere = Nowhere()
connection = AsyncRealtimeConnection(nowhere)

NAMES = {
    "APPEND": "input_audio_buffer.append",
    "PREFIX": b'{"type":"input_audio_buffer.append","audio":"',
    "SUFFIX": b'"}',
    "append": codec.append_message,
    "append_frame": codec.append_frame,
    "base64": base64,
    "codec": codec,
    "copyto": np.copyto,
    "decode_g711": g711.decode_text,
    "meter": codec.Meter(),
    "key": b"\x01\x02\x03\x04",
    "fast_decode": pybase64.b64decode,
    "fast_encode": pybase64.b64encode,
    "fast_text": pybase64.b64encode_as_string,
    "frombuffer": np.frombuffer,
    "join": b"".join,
    "json": json,
    "level": codec.level,
    "np": np,
    "orjson": orjson,
    "parse_event": connection.parse_event,
    "read_delta": codec.read_delta_fast,
    "scale": np.float32(1 / 32768),
    "sdk": connection.input_audio_buffer,
    "typed": msgspec.json.Decoder(TypedDelta).decode,
}


def names_of(ms):
    """What the statements see: the functions, and the same audio in every form."""
    count = 24 * ms
    floats = (np.random.default_rng(7).standard_normal(count) * 0.2).astype(np.float32)
    pcm = codec.to_pcm(floats)
    text = base64.b64encode(pcm)
    samples = np.frombuffer(pcm, "<i2")
    return NAMES | {
        "floats": floats,
        "samples": samples,
        "pcm": pcm,
        "text": text,
        "delta": orjson.dumps({**IDS, "delta": text.decode()}),
        # numpy as fast as it gets: the arrays between are there before.
        "scaled": np.empty(count, np.float32),
        "converted": np.empty(count, "<i2"),
        "phone": samples[: 8 * ms].copy(),
        "phone_text": base64.b64encode(g711.encode_ulaw(samples[: 8 * ms].copy())),
    }


@dataclass(frozen=True)
class Work:
    """One line: our statement, the peers' by the table's columns, "" where there is none."""

    name: str
    ours: str
    fast: str = ""
    orjson: str = ""
    idiom: str = ""
    sdk: str = ""
    # Ours without what this work adds; taken on every backend as well.
    plain: str = ""
    lengths_ms: tuple[int, ...] = ALL_MS


def _appends(name, ours, *, fast, array, pcm):
    text = f"base64.b64encode({pcm}).decode()"
    return Work(
        name,
        ours,
        fast=fast,
        orjson=f"orjson.dumps({{'type': APPEND, 'audio': fast_text({array})}})",
        idiom=f"json.dumps({{'type': APPEND, 'audio': {text}}})",
        sdk=f"await sdk.append(audio={text})",
    )


def _deltas(name, ours, then=""):
    return Work(
        name,
        ours,
        fast=f"frombuffer(typed(delta).delta, '<i2'){then}",
        orjson="frombuffer(fast_decode(orjson.loads(delta)['delta'], validate=True), '<i2')" + then,
        idiom=f"frombuffer(base64.b64decode(json.loads(delta)['delta']), '<i2'){then}",
        sdk=f"frombuffer(base64.b64decode(parse_event(delta).delta), '<i2'){then}",
    )


_INTO = (
    "np.multiply(floats, 32767.0, out=scaled); np.clip(scaled, -32767.0, 32767.0, out=scaled); "
    "copyto(converted, scaled, casting='unsafe'); "
)
_ARRAY = "(np.clip(floats, -1.0, 1.0) * 32767).astype(np.int16)"
_FAST_DECODED = "frombuffer(fast_decode(text, validate=True), '<i2')"
_DECODED = "frombuffer(base64.b64decode(text), '<i2')"

WORKS = [
    _appends(
        "float32 → append",
        "append(floats)",
        fast=f"{_INTO}join((PREFIX, fast_encode(converted), SUFFIX))",
        array=_ARRAY,
        pcm=f"{_ARRAY}.tobytes()",
    ),
    _appends(
        "int16 → append",
        "append(samples)",
        fast="join((PREFIX, fast_encode(samples), SUFFIX))",
        array="samples",
        pcm="samples.tobytes()",
    ),
    _appends(
        "bytes → append",
        "append(pcm)",
        fast="join((PREFIX, fast_encode(pcm), SUFFIX))",
        array="pcm",
        pcm="pcm",
    ),
    _deltas("delta → int16", "read_delta(delta).samples"),
    _deltas("delta → float32", "read_delta(delta).floats", " * scale"),
    Work(
        "float32 → base64",
        "codec.encode(floats)",
        fast=f"{_INTO}fast_encode(converted)",
        idiom=f"base64.b64encode({_ARRAY}.tobytes())",
        lengths_ms=(BULK_MS,),
    ),
    Work(
        "int16 → base64",
        "codec.encode(samples)",
        fast="fast_encode(samples)",
        idiom="base64.b64encode(samples)",
        lengths_ms=(BULK_MS,),
    ),
    Work(
        "base64 → int16",
        "codec.decode_samples(text)",
        fast=_FAST_DECODED,
        idiom=_DECODED,
        lengths_ms=(BULK_MS,),
    ),
    Work(
        "base64 → float32",
        "codec.decode_floats(text)",
        fast=f"{_FAST_DECODED} * scale",
        idiom=f"{_DECODED} * scale",
        lengths_ms=(BULK_MS,),
    ),
    Work("level of int16", "level(samples)", lengths_ms=(20, 1000)),
    # No peer: the standard library has dropped audioop.
    Work("int16 → µ-law append", "append(phone, law='ulaw')", lengths_ms=(20, 1000)),
    Work("µ-law base64 → int16", "decode_g711(phone_text, law='ulaw')", lengths_ms=(20, 1000)),
    *(
        Work(f"{form} → append, level", f"append({array}, meter=meter)", plain=f"append({array})")
        for form, array in (("float32", "floats"), ("int16", "samples"))
    ),
    Work("float32 → masked frame", "append_frame(floats, key)", plain="append(floats)"),
]


def result_of(statement, names):
    """What a statement gives, once."""
    before, _, last = statement.rpartition("; ")
    if last.startswith("await "):
        loop.run_until_complete(eval(last.removeprefix("await "), names))
        return nowhere.sent
    exec(before, names)
    return eval(last, names)


def check(work, names):
    """Refuses a peer that does something else than we do."""
    ours = _samples(result_of(work.ours, names)) if work.fast else None
    for peer in filter(None, (work.fast, work.orjson, work.idiom, work.sdk)):
        theirs = _samples(result_of(peer, names))
        if len(theirs) != len(ours) or np.abs(theirs - ours).max() > 2:
            raise SystemExit(f"not the same audio: {peer}")


def _samples(result):
    """The samples that any of the results stands for."""
    if isinstance(result, np.ndarray):
        return result.astype(np.float64) * (32768 if result.dtype == np.float32 else 1)
    text = json.loads(result)["audio"] if result[:1] in ("{", b"{") else result
    return np.frombuffer(base64.b64decode(text), "<i2").astype(np.float64)

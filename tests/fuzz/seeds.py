"""The inputs that coverage-guided fuzzing starts from, as `rust/fuzz/seeds` holds them.

Few and small, one for each thing a fuzzer would take long to find by itself: lengths about the blocks of the
kernels, a sound text of every padding, messages of every known shape, a value of every kind of structured input.
Run as a script it writes them; `test_seeds.py` sees that what is stored is what it writes.
"""

from __future__ import annotations

import base64
import json
import random
import struct
from pathlib import Path

SEEDS = Path(__file__).parents[2] / "rust" / "fuzz" / "seeds"

# Kernels' blocks are 24 to 64 bytes, those of conversions 384 and 1920: below, at and above.
LENGTHS = [0, 1, 2, 3, 47, 48, 98, 384, 386, 1922]

FIELDS = {
    "type": "response.output_audio.delta",
    "event_id": "event_1",
    "response_id": "resp_2",
    "item_id": "item_3",
    "output_index": 0,
    "content_index": 4294967295,
    "delta": "AQACAAMA",
}
BETA = ["event_id", *(key for key in FIELDS if key != "event_id")]

# Variants by their places in the targets' enums.
KNOWN_RATE, ANY_RATE = 0, 1
SMALL_INDEX, ANY_INDEX = 0, 1


def noise(count: int) -> bytes:
    return random.Random(count).randbytes(count)


def placed(what: bytes, offset: int) -> bytes:
    """As `Placed::from_input` takes it."""
    return bytes([offset]) + what


def variant(index: int, count: int) -> bytes:
    """As the derived `Arbitrary` chooses one of an enum's variants: by the upper bits of a u32."""
    return struct.pack("<I", -(-index * 2**32 // count))


def listed(items: list[bytes]) -> bytes:
    """As `Arbitrary` makes a `Vec` that is not the last field: an odd byte in front of each, an even one at the end."""
    return b"".join(b"\x01" + item for item in items) + b"\x00"


def texts() -> dict[str, bytes]:
    sound = {f"sound-{n}": placed(base64.b64encode(noise(n)), n % 64) for n in LENGTHS}
    bad = [
        "QUJ",
        "QQ=",
        "QR==",
        "QUF=",
        "QQ==QUJD",
        "====",
        "QU!D",
        "QUJDREVG" * 9 + "QUJ\n",
        "QU-_",
    ]
    return sound | {f"bad-{index}": placed(text.encode(), index) for index, text in enumerate(bad)}


def samples() -> dict[str, bytes]:
    edges = [0.0, 1.0, -1.0, 0.5 / 32768, 1.5 / 32768, 2.0, float("inf"), float("nan"), 1e-45]
    floats = struct.pack(f"<{len(edges) * 8}f", *edges * 8)
    clipped = struct.pack("<900h", *([32767, -32768, 32767, 0, -1, 7] * 150))
    plain = {f"noise-{n}": placed(noise(n), n % 64) for n in LENGTHS}
    return plain | {"edges": placed(floats, 4), "clipped": placed(clipped, 2)}


def cuts() -> dict[str, bytes]:
    cut = [[], [0], [1, 1, 1, 1], [3, 5, 0, 7], [255, 2]]
    bodies = [b"", b"a", noise(50), base64.b64encode(noise(49)), b"QQ==QUJD", b"QUJDQU!D"]
    made = [(sizes, body) for sizes in cut for body in bodies]
    return {
        f"cut-{index}": listed([bytes([size]) for size in sizes]) + body
        for index, (sizes, body) in enumerate(made[::4])
    }


def messages() -> dict[str, bytes]:
    made = {}
    for name, order in (("openai", list(FIELDS)), ("beta", BETA), ("sdk", sorted(FIELDS))):
        for spacing, separators in (("compact", (",", ":")), ("spaced", (", ", ": "))):
            fields = {key: FIELDS[key] for key in order}
            made[f"{name}-{spacing}"] = json.dumps(fields, separators=separators).encode()
    plain = made["openai-compact"]
    made["empty"] = plain.replace(b"AQACAAMA", b"")
    made["old-type"] = plain.replace(b"output_audio", b"audio")
    made["twice"] = plain.replace(b',"delta"', b',"delta":"","delta"')
    made["escaped"] = plain.replace(b"event_1", b"event\\u00311")
    return made


def shapes() -> dict[str, bytes]:
    ids = [b"e", b"response", b"an item of more than eight bytes"]
    listed_ids = b"".join(listed([bytes([byte]) for byte in text]) for text in ids)
    return {
        f"order-{order}-{flags}": variant(order, 3)
        + bytes([flags & 1, flags >> 1])
        + variant(SMALL_INDEX, 2)
        + bytes([order])
        + variant(ANY_INDEX, 2)
        + struct.pack("<I", 2**32 - 1 - flags)
        + listed_ids
        + struct.pack("<HBB", order * 40 + flags, flags, order * 7 + flags)
        + noise(order * 9 + flags)
        for order, flags in [(0, 0), (0, 3), (1, 1), (1, 2), (2, 0), (2, 3)]
    }


def streams() -> dict[str, bytes]:
    # By their places among 8, 16, 24, 44.1 and 48 kHz: to and from 24, and some of those with 8.
    pairs = [(0, 2), (1, 2), (3, 2), (4, 2), (2, 0), (2, 3), (2, 2), (1, 0), (3, 0), (0, 4)]
    made = {}
    for index, pair in enumerate(pairs):
        rates = b"".join(variant(KNOWN_RATE, 2) + bytes([rate]) for rate in pair)
        sizes = listed([struct.pack("<H", size) for size in (1, 0, index * 41, 511)])
        made[f"rates-{pair[0]}-{pair[1]}"] = rates + bytes([index & 1]) + sizes + noise(600 + index)
    made["any"] = (variant(ANY_RATE, 2) + struct.pack("<I", 24000)) * 2 + b"\x00\x00" + noise(100)
    return made


def seeds() -> dict[str, dict[str, bytes]]:
    """Of each target, the seeds by their names."""
    return {
        "decode": texts(),
        "encode": samples(),
        "stream": cuts(),
        "delta": messages(),
        "delta_shapes": shapes(),
        "resample": streams(),
    }


def main() -> None:
    for target, files in seeds().items():
        folder = SEEDS / target
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, content in files.items():
            (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()

"""What the codec costs, against the usual ways to do the same: `python benches/codec.py [--quick]`.

Contestants take turns within one run, so that a change of the machine's mood hits all of them; the
figure is the median of the rounds. Read the ratios, not the times. The call from Python is included.
"""

from __future__ import annotations

import argparse
import base64
import json
import statistics
import time

import numpy as np
import orjson
import pybase64

from trunkline.audio import codec

IDS = {
    "type": "response.output_audio.delta",
    "event_id": "event_BGQCwd9zOaTBXZVJsPCgf",
    "response_id": "resp_BGQCwZbkXUPRB5jMSxYCh",
    "item_id": "item_BGQCwd9zOaTBXZVJsPCgf",
    "output_index": 0,
    "content_index": 0,
}


def int16_of(floats):
    return np.clip(np.rint(floats * 32768), -32768, 32767).astype("<i2")


def append_stdlib(pcm):
    audio = base64.b64encode(pcm).decode("ascii")
    return json.dumps({"type": "input_audio_buffer.append", "audio": audio})


def append_fast(pcm):
    audio = pybase64.b64encode_as_string(pcm)
    return orjson.dumps({"type": "input_audio_buffer.append", "audio": audio})


def delta_stdlib(message):
    return np.frombuffer(base64.b64decode(json.loads(message)["delta"]), "<i2")


def delta_fast(message):
    return np.frombuffer(pybase64.b64decode(orjson.loads(message)["delta"], validate=True), "<i2")


def level_numpy(samples):
    wide = samples.astype(np.float64)
    return np.sqrt(np.mean(wide * wide)), np.abs(wide).max()


def works(ms):
    """Name, argument, and the three contestants: ours, stdlib, the fastest libraries."""
    floats = (np.random.default_rng(7).standard_normal(24 * ms) * 0.2).astype(np.float32)
    samples = int16_of(floats)
    pcm = samples.tobytes()
    delta = orjson.dumps({**IDS, "delta": base64.b64encode(pcm).decode()})
    return [
        ("float32 -> append", floats, codec.append_message,
         lambda x: append_stdlib(int16_of(x).tobytes()), lambda x: append_fast(int16_of(x))),
        ("int16 -> append", samples, codec.append_message,
         lambda x: append_stdlib(x.tobytes()), append_fast),
        ("pcm -> append", pcm, codec.append_message, append_stdlib, append_fast),
        ("delta -> int16", delta, lambda m: codec.read_delta_fast(m).samples,
         delta_stdlib, delta_fast),
        ("delta -> float32", delta, lambda m: codec.read_delta_fast(m).floats,
         lambda m: delta_stdlib(m) / np.float32(32768), lambda m: delta_fast(m) / np.float32(32768)),
        ("level", samples, codec.level, level_numpy, level_numpy),
    ]  # fmt: skip


def timed(call, argument, count):
    start = time.perf_counter()
    for _ in range(count):
        call(argument)
    return (time.perf_counter() - start) / count


def medians(contestants, argument, *, rounds, budget):
    """Seconds a call of each contestant, in turns; each turn lasts about the budget."""
    counts = [max(1, int(budget / timed(call, argument, 3))) for call in contestants]
    turns = [
        [timed(call, argument, count) for call, count in zip(contestants, counts, strict=True)]
        for _ in range(rounds)
    ]
    return [statistics.median(column) for column in zip(*turns, strict=True)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the time, for a smoke test"
    )
    parser.add_argument("--backend", choices=codec.backends(), help="force one")
    arguments = parser.parse_args()
    if codec.build_profile() != "release":
        parser.exit(2, "the extension is a debug build: make build\n")
    codec.use_backend(arguments.backend)
    rounds, budget = (5, 0.002) if arguments.quick else (25, 0.008)
    print(
        f"backend {codec.backend()}; median of {rounds} rounds in turns; µs a call, and times ours"
    )
    print(
        f"{'work':20}{'audio':>8}{'trunkline':>11}{'numpy+base64+json':>24}{'numpy+pybase64+orjson':>26}"
    )
    for ms in (20, 100, 1000, 60_000):
        for name, argument, *contestants in works(ms):
            ours, *others = medians(contestants, argument, rounds=rounds, budget=budget)
            columns = [f"{other * 1e6:.2f} ({other / ours:.1f}x)" for other in others]
            print(f"{name:20}{ms:>5} ms{ours * 1e6:>11.2f}{columns[0]:>24}{columns[1]:>26}")


if __name__ == "__main__":
    main()

"""What the codec costs, against the usual ways to do the same: `python benches/codec.py [--quick]`.

All backends of this machine, forced in turn, and all peers take turns within one run, so that a change
of the machine's mood hits all of them; the figure is the median of the rounds. Read the ratios, not the
times. The call from Python is included. The targets are those of the two fastest x86 backends.
"""

from __future__ import annotations

import argparse
import base64
import json
import statistics
import time

import msgspec
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
PREFIX, SUFFIX = b'{"type":"input_audio_buffer.append","audio":"', b'"}'

# Work and audio: microseconds that the call may take at most.
TARGETS = {
    ("float32 -> append", 20): {"avx512": 0.2, "avx2": 0.4},
    ("int16 -> append", 20): {"avx512": 0.15, "avx2": 0.3},
    ("delta -> int16", 20): {"avx512": 0.35, "avx2": 0.45},
    ("delta -> float32", 20): {"avx512": 0.5, "avx2": 0.5},
}
# How many times slower than a copy of the same output the call may be at most.
TIMES_A_COPY = {("float32 -> append", 1000): {"avx512": 1.6, "avx2": 6.0}}
# How many times faster than the fast peer it must be at least, on any of these backends.
TIMES_THE_PEER = {
    ("float32 -> append", 20): {"avx512": 25, "avx2": 12},
    ("delta -> int16", 20): {"avx512": 5, "avx2": 5},
    ("float32 -> append", 109_227): {"avx512": 1.5, "avx2": 1.5},
    ("delta -> int16", 109_227): {"avx512": 1.5, "avx2": 1.5},
}


class TypedDelta(msgspec.Struct):
    """msgspec decodes the base64 of a field of bytes itself."""

    type: str
    event_id: str
    response_id: str
    item_id: str
    output_index: int
    content_index: int
    delta: bytes


TYPED = msgspec.json.Decoder(TypedDelta)


def int16_of(floats):
    return np.clip(np.rint(floats * 32768), -32768, 32767).astype("<i2")


class IntoInt16:
    """numpy as fast as it gets: every intermediate array is there before."""

    def __init__(self, count):
        self.scaled = np.empty(count, np.float32)
        self.samples = np.empty(count, "<i2")

    def __call__(self, floats):
        np.multiply(floats, np.float32(32768), out=self.scaled)
        np.rint(self.scaled, out=self.scaled)
        np.clip(self.scaled, -32768, 32767, out=self.scaled)
        np.copyto(self.samples, self.scaled, casting="unsafe")
        return self.samples


def append_stdlib(pcm):
    audio = base64.b64encode(pcm).decode("ascii")
    return json.dumps({"type": "input_audio_buffer.append", "audio": audio})


def append_joined(pcm):
    return b"".join((PREFIX, pybase64.b64encode(pcm), SUFFIX))


def delta_stdlib(message):
    return np.frombuffer(base64.b64decode(json.loads(message)["delta"]), "<i2")


def delta_typed(message):
    return np.frombuffer(TYPED.decode(message).delta, "<i2")


def level_numpy(samples):
    wide = samples.astype(np.float64)
    return np.sqrt(np.mean(wide * wide)), np.abs(wide).max()


def works(ms):
    """Name, argument, our call, the usual idiom and the fastest libraries, and an output to copy."""
    floats = (np.random.default_rng(7).standard_normal(24 * ms) * 0.2).astype(np.float32)
    samples, convert, scale = int16_of(floats), IntoInt16(24 * ms), np.float32(1 / 32768)
    pcm = samples.tobytes()
    delta = orjson.dumps({**IDS, "delta": base64.b64encode(pcm).decode()})
    message = append_joined(pcm)
    return [
        ("float32 -> append", floats, codec.append_message,
         lambda x: append_stdlib(int16_of(x).tobytes()), lambda x: append_joined(convert(x)), message),
        ("int16 -> append", samples, codec.append_message,
         lambda x: append_stdlib(x.tobytes()), append_joined, message),
        ("pcm -> append", pcm, codec.append_message, append_stdlib, append_joined, message),
        ("delta -> int16", delta, lambda m: codec.read_delta_fast(m).samples,
         delta_stdlib, delta_typed, pcm),
        ("delta -> float32", delta, lambda m: codec.read_delta_fast(m).floats,
         lambda m: delta_stdlib(m) * scale, lambda m: delta_typed(m) * scale, bytes(floats)),
        ("level", samples, codec.level, level_numpy, level_numpy, b""),
    ]  # fmt: skip


def timed(call, argument, count):
    start = time.perf_counter()
    for _ in range(count):
        call(argument)
    return (time.perf_counter() - start) / count


def forced(backend, call):
    """The contestant and what must be done before its turn, outside the time that is taken."""
    return lambda: codec.use_backend(backend), call


def medians(contestants, *, rounds, budget):
    """Microseconds a call of each contestant, in turns; each turn lasts about the budget."""
    counts = []
    for prepare, call, argument in contestants:
        prepare()
        counts.append(max(1, int(budget / timed(call, argument, 3))))
    columns = [[] for _ in contestants]
    for _ in range(rounds):
        for (prepare, call, argument), count, column in zip(
            contestants, counts, columns, strict=True
        ):
            prepare()
            column.append(timed(call, argument, count) * 1e6)
    codec.use_backend(None)
    return [statistics.median(column) for column in columns]


def verdicts(key, backends, ours, copy, peer):
    """Each target of this line with what was reached."""
    for backend, mine in zip(backends, ours, strict=True):
        for limits, value, unit, is_met in (
            (TARGETS, mine, "us", lambda value, limit: value <= limit),
            (TIMES_A_COPY, mine / copy, "x a copy", lambda value, limit: value <= limit),
            (TIMES_THE_PEER, peer / mine, "x the fast peer", lambda value, limit: value >= limit),
        ):
            limit = limits.get(key, {}).get(backend)
            if limit is not None:
                word = "met" if is_met(value, limit) else "MISSED"
                yield f"{backend}: {word}, {value:.2f} for {limit} {unit}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the time, for a smoke test"
    )
    parser.add_argument("--backend", choices=codec.backends(), help="this one alone")
    arguments = parser.parse_args()
    if codec.build_profile() != "release":
        parser.exit(2, "the extension is a debug build: make build\n")
    backends = [arguments.backend] if arguments.backend else codec.backends()
    rounds, budget = (5, 0.002) if arguments.quick else (25, 0.008)
    print(f"median of {rounds} rounds in turns; us a call, and times that of {backends[-1]}")
    print("the usual idiom: numpy + base64 + json; fast peers: numpy into arrays that are there +")
    print("pybase64 + join for appends, msgspec with a typed Struct for deltas, numpy for levels")
    names = "".join(f"{name:>10}" for name in backends)
    print(f"{'work':18}{'audio':>10}{names}{'copy':>10}{'usual idiom':>20}{'fast peer':>18}")
    lines = []
    # The last one is 10 MB of float32.
    for ms in (20, 100, 1000, 109_227):
        for name, argument, call, idiom, peer, output in works(ms):
            source = bytearray(output)
            contestants = [
                *((*forced(backend, call), argument) for backend in backends),
                (lambda: None, bytes, source),
                (lambda: None, idiom, argument),
                (lambda: None, peer, argument),
            ]
            *ours, copy, slow, fast = medians(contestants, rounds=rounds, budget=budget)
            columns = "".join(f"{mine:>10.2f}" for mine in ours)
            others = [f"{other:.2f} ({other / ours[-1]:.1f}x)" for other in (slow, fast)]
            print(f"{name:18}{ms:>7} ms{columns}{copy:>10.2f}{others[0]:>20}{others[1]:>18}")
            found = verdicts((name, ms), backends, ours, copy, fast)
            lines += [f"{name}, {ms} ms, {verdict}" for verdict in found]
    print("\ntargets")
    print(*lines, sep="\n")


if __name__ == "__main__":
    main()

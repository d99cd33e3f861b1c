"""Which JSON decoder reads the events that are not audio: orjson against msgspec and the standard library.

Interleaved in one run, medians; a ratio above 1 says how much slower than orjson. Run by `make bench`.
"""

from __future__ import annotations

import json
import time
from statistics import median

import msgspec
import orjson

SESSION = {
    "type": "session.updated",
    "event_id": "event_C9bqA1b2C3d4E5f6G7h8I",
    "session": {
        "type": "realtime",
        "object": "realtime.session",
        "instructions": "You are an interpreter. " * 20,
        "tools": [{"type": "function", "name": f"tool_{n}", "parameters": {}} for n in range(5)],
        "audio": {"input": {"turn_detection": {"type": "server_vad", "threshold": 0.5}}},
    },
}
WORDS = {
    "type": "response.output_audio_transcript.delta",
    "event_id": "event_C9bqA1b2C3d4E5f6G7h8I",
    "response_id": "resp_C9bqA1b2C3d4E5f6G7h8I",
    "item_id": "item_C9bqA1b2C3d4E5f6G7h8I",
    "output_index": 0,
    "content_index": 0,
    "delta": " Quisiera",
    "obfuscation": "aB3dE6g",
}
DECODERS = {"orjson": orjson.loads, "msgspec": msgspec.json.decode, "json": json.loads}
ROUNDS = 200
CALLS = 200


def time_of(decode, message: bytes) -> float:
    began = time.perf_counter()
    for _ in range(CALLS):
        decode(message)
    return (time.perf_counter() - began) / CALLS


def main() -> None:
    for name, event in (("transcript delta", WORDS), ("session.updated", SESSION)):
        message = json.dumps(event).encode()
        times = {decoder: [] for decoder in DECODERS}
        for _ in range(ROUNDS):
            for decoder, decode in DECODERS.items():
                times[decoder].append(time_of(decode, message))
        medians = {decoder: median(values) for decoder, values in times.items()}
        row = "  ".join(
            f"{decoder} {value * 1e6:.2f} us ({value / medians['orjson']:.2f}x)"
            for decoder, value in medians.items()
        )
        print(f"{name}, {len(message)} bytes: {row}")


if __name__ == "__main__":
    main()

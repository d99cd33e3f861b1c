"""Random messages against the reader: nothing but an event or a `Malformed` may come of any bytes.

Mutates well-formed events (bytes flipped, cut, doubled, spliced) from a printed seed, and holds the short way of
audio deltas equal to the ordinary one. Run by `make fuzz`.
"""

from __future__ import annotations

import argparse
import json
import random
import time

from trunkline.audio import codec
from trunkline.errors import CodecError
from trunkline.protocol import wire

EVENTS = [
    {"type": "error", "event_id": "e", "error": {"type": "t", "code": None, "message": "m"}},
    {"type": "session.created", "event_id": "e", "session": {"id": "s", "model": "m"}},
    {"type": "input_audio_buffer.speech_started", "item_id": "i", "audio_start_ms": 20},
    {"type": "input_audio_buffer.committed", "item_id": "i", "previous_item_id": None},
    {"type": "conversation.item.added", "item": {"id": "i", "type": "message", "role": "user"}},
    {"type": "response.created", "response": {"id": "r", "conversation_id": "c"}},
    {"type": "response.done", "response": {"id": "r", "status": "completed"}},
]
DELTA = {
    "type": "response.output_audio.delta",
    "event_id": "event_1",
    "response_id": "resp_1",
    "item_id": "item_1",
    "output_index": 0,
    "content_index": 0,
    "delta": "AAABAAIAAwAEAAUABgAHAAgA",
}


def mutate(dice: random.Random, message: bytes) -> bytes:
    """One to four small injuries."""
    text = bytearray(message)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(text) + 1)
        kind = dice.randrange(4)
        if kind == 0:
            text[at : at + 1] = bytes([dice.randrange(256)])
        elif kind == 1:
            del text[at : at + dice.randint(1, 8)]
        elif kind == 2:
            text[at:at] = text[: dice.randint(0, 20)]
        else:
            text[at:at] = dice.choice([b'"', b"\\", b"{", b"\\u0000", b" ", b"=", b",", b"1e9"])
    return bytes(text)


def check_delta(message: bytes) -> None:
    """The short way must agree with the ordinary one wherever it answers."""
    fast = codec.read_delta_fast(message)
    if fast is None:
        return
    slow = codec.delta_from_event(json.loads(message))
    if slow != fast:
        raise SystemExit(f"the two ways differ for {message!r}")


def main() -> None:
    """Runs for the time given and says how many messages it tried."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=float, default=60.0)
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    options = arguments.parse_args()
    dice = random.Random(options.seed)
    ends_at = time.monotonic() + options.seconds
    count = 0
    while time.monotonic() < ends_at:
        event = DELTA if dice.random() < 0.5 else dice.choice(EVENTS)
        separators = (",", ":") if dice.random() < 0.5 else (", ", ": ")
        message = mutate(dice, json.dumps(event, separators=separators).encode())
        wire.decode(message)
        try:
            check_delta(message)
        except CodecError:
            pass
        count += 1
    print(f"seed {options.seed}: {count} messages, no finding")


if __name__ == "__main__":
    main()

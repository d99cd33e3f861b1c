"""An engine with its clock turned by hand: one line per step of a test."""

from __future__ import annotations

import base64
from typing import Any

from trunkline.simulator.engine import Engine
from trunkline.simulator.timing import Timing
from trunkline.simulator.voice import Reply

MS = 48
"""Bytes of pcm in a millisecond."""


def loud(ms: int) -> bytes:
    """A square wave no detector can miss."""
    return (b"\x00\x20" * 12 + b"\x00\xe0" * 12) * ms


def quiet(ms: int) -> bytes:
    return bytes(ms * MS)


def append(pcm: bytes) -> dict[str, Any]:
    return {"type": "input_audio_buffer.append", "audio": base64.b64encode(pcm).decode()}


def user_text(text: str, **fields: Any) -> dict[str, Any]:
    content = [{"type": "input_text", "text": text}]
    item = {"type": "message", "role": "user", "content": content, **fields}
    return {"type": "conversation.item.create", "item": item}


class Parrot:
    """A voice that says two words in half a second, and hears nothing but lengths."""

    def hear(self, pcm: bytes) -> str:
        return f"heard {len(pcm) // MS} ms"

    def reply(self, context) -> Reply:
        return Reply(text="hello there", pcm=bytes(range(256)) * 93 + bytes(192))


class Sitting:
    """One session; events are collected as they are due."""

    def __init__(self, **settings: Any) -> None:
        defaults = {"model": "gpt-realtime-2.1", "voice": Parrot(), "timing": Timing()}
        self.engine = Engine(**defaults | settings)
        self.now = 100.0
        self.events: list[dict[str, Any]] = []
        self.engine.opened(self.now)
        self.collect()

    def send(self, kind: str | dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
        """What a client event makes the server say at once."""
        event = {"type": kind, **fields} if isinstance(kind, str) else kind
        self.engine.receive(event, self.now)
        return self.collect()

    def configure(self, **session: Any) -> list[dict[str, Any]]:
        return self.send("session.update", session={"type": "realtime", **session})

    def detect(self, **turn_detection: Any) -> list[dict[str, Any]]:
        settings = {"type": "server_vad", **turn_detection} if turn_detection else None
        return self.configure(audio={"input": {"turn_detection": settings}})

    def speak(self, pcm: bytes, *, chunk_ms: int = 20) -> list[dict[str, Any]]:
        """Append in real time; what the server says meanwhile."""
        heard: list[dict[str, Any]] = []
        size = chunk_ms * MS
        for start in range(0, len(pcm), size):
            heard += self.send(append(pcm[start : start + size]))
            heard += self.wait(chunk_ms / 1000)
        return heard

    def wait(self, seconds: float) -> list[dict[str, Any]]:
        """Let time pass, stopping wherever the engine asked to."""
        until = self.now + seconds
        heard: list[dict[str, Any]] = []
        while (due := self.engine.deadline()) is not None and due <= until:
            self.now = max(self.now, due)
            self.engine.handle_timeout(self.now)
            heard += self.collect()
        self.now = until
        return heard

    def collect(self) -> list[dict[str, Any]]:
        fresh: list[dict[str, Any]] = []
        while (event := self.engine.next_event()) is not None:
            fresh.append(event)
        self.events += fresh
        return fresh


def types(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def error(events: list[dict[str, Any]]) -> dict[str, Any]:
    """The one error among these events, its message and event_id aside."""
    (found,) = [event["error"] for event in events if event["type"] == "error"]
    return found

"""An interpreter at the far end of a line driven by hand: it hears in frames, and says as much as it hears."""

from __future__ import annotations

import base64
from typing import Any

from protocol.driving import Line, positions
from trunkline.protocol.dialect import Dialect
from trunkline.protocol.translation import Translation

SESSION = {"type": "translation", "audio": {"output": {"language": "es"}}}
FRAME_MS = 200
APPEND = "session.input_audio_buffer.append"
LOUD = (8000).to_bytes(2, "little")


def interpreted(**policy: Any) -> Line:
    """A line that translates; one sample is one millisecond."""
    return Line(core=Translation, **{"session": SESSION, "dialect": Dialect.TRANSLATION} | policy)


def give(line: Line, ms: int, *, loud: bool = True) -> None:
    """The speaker's audio, all of it loud or all of it quiet."""
    line.connection.send_audio(LOUD * ms if loud else bytes(2 * ms), line.now)
    line.captured += ms
    line.drain()


def say(line: Line, elapsed_ms: int | None, *, loud: bool, ms: int = FRAME_MS, **more: Any) -> None:
    """A frame of the interpreter's output."""
    pcm = LOUD * ms if loud else bytes(2 * ms)
    where = {} if elapsed_ms is None else {"elapsed_ms": elapsed_ms}
    delta = base64.b64encode(pcm).decode()
    line.hear("session.output_audio.delta", delta=delta, **where, **more)


def frames(line: Line, start_ms: int, end_ms: int, *, loud: bool) -> None:
    """All frames of a stretch of the session."""
    for elapsed_ms in range(start_ms, end_ms, FRAME_MS):
        say(line, elapsed_ms, loud=loud)


def appended(messages: list[dict[str, Any]]) -> list[int]:
    """The samples of all audio appended by the messages, in order."""
    return [
        sample
        for message in messages
        if message["type"] == APPEND
        for sample in positions(message["audio"])
    ]

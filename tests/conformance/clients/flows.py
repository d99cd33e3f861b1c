"""What the Python drivers share: a microphone that speaks when told, a log to wait on, the flows.

It imports nothing but the standard library: each client has an environment of its own, without us.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import wave
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn, Protocol

BASE_URL = os.environ["OPENAI_BASE_URL"]
SOCKET_URL = BASE_URL.replace("http", "ws", 1) + "/realtime"
KEY = os.environ["OPENAI_API_KEY"]
SPEECH = Path(os.environ["TRUNKLINE_SPEECH"])
TURNS = json.loads((SPEECH / "turns.json").read_text(encoding="utf-8"))["turns"]
MODEL = "gpt-realtime-2.1"
TRANSCRIBER = "gpt-4o-transcribe"
INSTRUCTIONS = "You are a clerk at a ticket office. Answer briefly."
CHUNK = 960
"""Bytes of 20 ms at 24 kHz."""

GREETING = "Good evening, are you still open?"
ASK_FOR_FARE = "Please run look_up_fare for me."
ASK_FOR_LENGTH = "Please count slowly to one hundred."


def said(turn: int) -> str:
    """What the caller says in a recording, 0 to 4."""
    return TURNS[turn]["caller_text"]


def answered(turn: int) -> str:
    """What the simulator's interpreter answers to it."""
    return TURNS[turn]["interpreter_text"]


def expect(condition: object, otherwise: str) -> None:
    if not condition:
        raise AssertionError(otherwise)


def same_words(one: str, other: str) -> bool:
    return " ".join(one.split()) == " ".join(other.split())


class Microphone:
    """Always on: 20 ms in 20 ms, silence until it is told to say something."""

    def __init__(self) -> None:
        self._waiting: deque[bytes] = deque()

    def say(self, turn: int) -> None:
        with wave.open(str(SPEECH / TURNS[turn]["caller"])) as file:
            pcm = file.readframes(file.getnframes())
        pcm += bytes(-len(pcm) % CHUNK)
        self._waiting.extend(pcm[at : at + CHUNK] for at in range(0, len(pcm), CHUNK))

    async def chunks(self) -> AsyncIterator[bytes]:
        due = time.monotonic()
        while True:
            yield self._waiting.popleft() if self._waiting else bytes(CHUNK)
            due += 0.02
            await asyncio.sleep(max(0.0, due - time.monotonic()))


@dataclass(eq=False)
class Note:
    kind: str
    fields: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]


class Log:
    """What the client told its application, in order."""

    def __init__(self) -> None:
        self.notes: list[Note] = []
        self._more = asyncio.Event()

    def note(self, kind: str, **fields: Any) -> None:
        self.notes.append(Note(kind, fields))
        self._more.set()

    def mark(self) -> int:
        return len(self.notes)

    def of(self, kind: str, since: int = 0) -> list[Note]:
        return [note for note in self.notes[since:] if note.kind == kind]

    async def until(
        self, kind: str, since: int = 0, where: Callable[[Note], object] = lambda _: True
    ) -> Note:
        """The first such note from `since` on, also if it is there already."""
        try:
            while True:
                for note in self.notes[since:]:
                    if note.kind == kind and where(note):
                        return note
                self._more.clear()
                await self._more.wait()
        except asyncio.CancelledError:
            kinds = list(dict.fromkeys(note.kind for note in self.notes[since:]))
            print(f"waited for {kind}, saw {kinds}", file=sys.stderr)
            raise


class Application(Protocol):
    """A client in use; each method is a flow, fills in what it saw, and raises if that is wrong."""

    async def connect(self, saw: dict[str, Any]) -> None: ...

    async def spoken(self, saw: dict[str, Any]) -> None:
        """A recording is spoken, transcribed, and answered with sound and words."""

    async def text(self, saw: dict[str, Any]) -> None:
        """A written message is answered."""

    async def tool(self, saw: dict[str, Any]) -> None:
        """A function is called, its output goes back, a message follows."""

    async def barge_in(self, saw: dict[str, Any]) -> None:
        """The caller speaks into a long answer: cancelled, truncated, and the caller answered."""

    async def long(self, saw: dict[str, Any]) -> None:
        """The application interrupts a long answer, and the next message is answered."""

    async def errors(self, saw: dict[str, Any]) -> None:
        """Nothing was refused in all that."""


FLOWS = ("connect", "spoken", "text", "tool", "barge_in", "long", "errors")
FLOW_SECONDS = 25.0


async def run_flows(package: str, application: Application) -> NoReturn:
    """Run one flow after the other, print the line, and leave; 1 if a flow failed."""
    report: dict[str, dict[str, Any]] = {}
    for name in FLOWS:
        saw = report[name] = {}
        try:
            async with asyncio.timeout(FLOW_SECONDS):
                await getattr(application, name)(saw)
        except TimeoutError:
            saw["failed"] = f"it did not end within {FLOW_SECONDS:g} s"
        except Exception as error:  # noqa: BLE001 - whatever a client raises is its answer
            saw["failed"] = f"{type(error).__name__}: {error}"
    line = {"client": package, "version": version(package), "flows": report}
    print(json.dumps(line, ensure_ascii=False), flush=True)
    # A framework's threads must not decide when this ends.
    os._exit(any("failed" in saw for saw in report.values()))

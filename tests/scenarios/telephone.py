"""A telephone behind a provider of Twilio's kind: speaks, plays what it gets in real time, and remembers both."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections import deque
from typing import Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from trunkline.simulator.formats import WireFormat

FRAME = 160
FRAME_SECONDS = 0.02
SILENCE = b"\xff" * FRAME
# The caller speaks faster than people do; the answer is played in real time all the same.
HASTE = 4.0


def codes_of(pcm: bytes, *, block_ms: int = 200) -> bytes:
    """What the simulator gives out for speech of 24 kHz: each delta is converted by itself."""
    size = block_ms * 48
    wire = WireFormat(name="audio/pcmu")
    blocks = (pcm[at : at + size] for at in range(0, len(pcm), size))
    return b"".join(base64.b64decode(wire.encode(block)) for block in blocks)


class MeteredConnection(ServerConnection):
    """The bridge's side of a call, with a look at when it sends: arrival is later by what a busy loop takes."""

    lead = 0.0
    """The most that ever was sent and not yet due to be heard, in seconds."""
    _dry_at = 0.0

    async def send(self, message, *args, **options) -> None:
        now, event = asyncio.get_running_loop().time(), json.loads(message)["event"]
        if event == "media":
            self._dry_at = max(self._dry_at, now) + FRAME_SECONDS
            self.lead = max(self.lead, self._dry_at - now)
        elif event == "clear":
            self._dry_at = 0.0
        await super().send(message, *args, **options)


class Telephone:
    """One call. Enter it: the provider connects to the bridge, and the caller is silent until `say`."""

    def __init__(self, port: int) -> None:
        self._address = f"ws://127.0.0.1:{port}"
        self._socket: ClientConnection
        self._to_say: deque[bytes] = deque()
        self._buffer: deque[tuple[str, bytes | str]] = deque()
        self._filled = asyncio.Event()
        self._tasks: list[asyncio.Task] = []
        self.played: list[bytes] = []
        """The frames that were heard to their end."""
        self.sizes: set[int] = set()
        self.clears: list[int] = []
        """How many frames had been heard at each `clear`."""
        self.is_over = asyncio.Event()
        """The bridge has hung up, or the connection is lost."""

    async def __aenter__(self) -> Self:
        self._socket = await connect(self._address)
        await self._tell({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        start = {"mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}}
        await self._tell({"event": "start", "streamSid": "MZ1", "start": start})
        parts = (self._listen(), self._speak(), self._play())
        self._tasks = [asyncio.create_task(part) for part in parts]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._socket.close()

    def say(self, pcm: bytes, *, pause_ms: int = 900) -> None:
        """The caller says this, at 24 kHz, and is silent again."""
        codes = codes_of(pcm)
        codes += b"\xff" * (-len(codes) % FRAME)
        self._to_say.extend(codes[at : at + FRAME] for at in range(0, len(codes), FRAME))
        self._to_say.extend([SILENCE] * (pause_ms // 20))

    async def stop(self) -> None:
        """The caller puts the receiver down."""
        await self._tell({"event": "stop", "streamSid": "MZ1", "stop": {"callSid": "CA1"}})

    def break_off(self) -> None:
        """The provider's connection is reset."""
        self._socket.transport.abort()

    def heard(self, since: int = 0) -> bytes:
        """What was heard from the so-manieth frame on."""
        return b"".join(self.played[since:])

    async def _tell(self, message: dict) -> None:
        await self._socket.send(json.dumps(message))

    async def _speak(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                payload = base64.b64encode(self._to_say.popleft() if self._to_say else SILENCE)
                media = {"track": "inbound", "payload": payload.decode()}
                await self._tell({"event": "media", "streamSid": "MZ1", "media": media})
                await asyncio.sleep(FRAME_SECONDS / HASTE)

    async def _listen(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in self._socket:
                message = json.loads(text)
                assert message["streamSid"] == "MZ1"
                if message["event"] == "clear":
                    await self._clear()
                elif message["event"] == "mark":
                    self._buffer.append(("mark", message["mark"]["name"]))
                else:
                    self._receive(base64.b64decode(message["media"]["payload"]))
                self._filled.set()
        self.is_over.set()

    def _receive(self, codes: bytes) -> None:
        self.sizes.add(len(codes))
        self._buffer.append(("media", codes))

    async def _clear(self) -> None:
        self.clears.append(len(self.played))
        left, self._buffer = self._buffer, deque()
        for kind, name in left:
            # As Twilio does: the marks of what is thrown away come back at once.
            if kind == "mark":
                await self._tell_mark(name)

    async def _tell_mark(self, name: bytes | str) -> None:
        await self._tell({"event": "mark", "streamSid": "MZ1", "mark": {"name": name}})

    async def _play(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                while not self._buffer:
                    self._filled.clear()
                    await self._filled.wait()
                kind, what = self._buffer.popleft()
                if kind == "mark":
                    await self._tell_mark(what)
                    continue
                clears = len(self.clears)
                # Never faster than real time, also when the loop was busy: then it plays a little late all along, and
                # only its own word says how much was heard.
                await asyncio.sleep(FRAME_SECONDS)
                if clears == len(self.clears):
                    self.played.append(what)

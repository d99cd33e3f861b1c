"""Who streams in `lines.py`: one class each, in the way its own documentation shows.

`await open(number)` gives a session; `send(session, pcm)` sends a chunk, by itself or as a coroutine; what comes is
given to `heard(number, audio)` as an int16 array. `opens_together` says how many may be opened at once.
"""

from __future__ import annotations

import asyncio
import base64
import json
import math
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CONTESTANTS"]

DELTA = "response.output_audio.delta"
APPEND = "input_audio_buffer.append"
HEADERS = {"Authorization": "Bearer sk-test-lines"}
SESSION = {"type": "realtime", "instructions": "hi"}
RETENTION_MS = 10_000


class Contestant:
    """What all have: the server's address, who hears, and tasks that must not be forgotten."""

    opens_together = 1

    def __init__(self, url: str, heard: Callable[[int, np.ndarray], None], tls: Any = None) -> None:
        self.url, self.heard, self.tls = url, heard, tls
        self.tasks: list[asyncio.Task[None]] = []
        self.prepare()

    def prepare(self) -> None:
        """Imports what it needs: that is no session's cost."""

    def read(self, reading: Any) -> None:
        self.tasks.append(asyncio.get_running_loop().create_task(reading))


class Pacer(Contestant):
    """Nobody: the pacing and the clock of the harness itself."""

    async def open(self, number: int) -> int:
        return number

    def send(self, _session: int, _pcm: bytes) -> None:
        pass


class Trunkline(Contestant):
    """A line with everything on: restore, books, liveness; watched by telemetry whose socket nobody reads."""

    opens_together = 32

    def prepare(self) -> None:
        import trunkline
        from trunkline.protocol.events import AudioDelta
        from trunkline.protocol.policy import LinePolicy

        # As a process with many lines opens them (docs/many-lines.md): they do not rotate together.
        self.pool = trunkline.Pool(500)
        self.kind = AudioDelta
        self.policy = LinePolicy(
            session=SESSION, retention_ms=RETENTION_MS, replay_limit_ms=RETENTION_MS
        )
        self.telemetry = self.watch()
        self.transport = self.network()

    def network(self) -> Any:
        from trunkline.transports.websocket import WebSocketTransport

        return WebSocketTransport(tls=self.tls)

    def watch(self) -> Any:
        import trunkline

        return trunkline.Publisher(directory=Path(tempfile.mkdtemp()))

    async def open(self, number: int) -> Any:
        line = await self.pool.open(
            model="gpt-realtime",
            api_key="sk-test-lines",
            base_url=self.url,
            policy=self.policy,
            telemetry=self.telemetry,
            transport=self.transport,
        )
        self.read(self.listen(line, number))
        return line

    async def listen(self, line: Any, number: int) -> None:
        heard, kind = self.heard, self.kind

        def take(event: Any) -> None:
            if type(event) is kind:
                heard(number, np.frombuffer(event.pcm, np.int16))

        await line.listen(take)

    def send(self, line: Any, pcm: bytes) -> None:
        line.send_audio(pcm)


class Iterating(Trunkline):
    """The same, read by iterating."""

    async def listen(self, line: Any, number: int) -> None:
        heard, kind = self.heard, self.kind
        async for event in line:
            if type(event) is kind:
                heard(number, np.frombuffer(event.pcm, np.int16))


class Unwatched(Trunkline):
    """The same without telemetry."""

    def watch(self) -> None:
        return None


class Bare(Unwatched):
    """A line whose core keeps no books of audio and tells nothing of it, without telemetry.

    Chunks go to the link and deltas to the application the short way, and what is noted of them is forgotten: outbox,
    stream, ledger, turns and observations never hear of it. The lifecycle, liveness, restore of what is not audio,
    driver and inbox are the line's. No such line exists: it is what a line with telemetry and books is compared with.
    """

    def prepare(self) -> None:
        super().prepare()
        from trunkline.client.client import Line

        # The only seam there is; each process of the bench has one contestant.
        Line._core = bare_core()


class Link(Trunkline):
    """The link and the codec alone, without a line: what is above them is the rest of a line's cost."""

    def watch(self) -> None:
        return None

    def prepare(self) -> None:
        super().prepare()
        from trunkline.audio.codec import append_message
        from trunkline.protocol.wire import decode, encode
        from trunkline.transports.base import Listener, Target

        self.append, self.decode, self.encode = append_message, decode, encode
        self.target = Target(url=self.url, headers=tuple(HEADERS.items()))
        self.listener = Listener(pong=lambda _: None, writable=lambda: None)

    async def open(self, number: int) -> Any:
        link = await self.transport.dial(self.target, self.listener)
        link.write(self.encode({"type": "session.update", "session": SESSION}))
        self.read(link.deliver(partial(self.take, number)))
        return link

    def take(self, number: int, messages: Any) -> None:
        heard, kind, decode = self.heard, self.kind, self.decode
        for message in messages:
            event = decode(message).event
            if type(event) is kind:
                heard(number, np.frombuffer(event.pcm, np.int16))

    def send(self, link: Any, pcm: bytes) -> None:
        link.write(self.append(pcm))


def bare_core() -> type:
    """A core whose short way forgets what it noted."""
    from trunkline.protocol.connection import Connection
    from trunkline.protocol.fast_path import FastPath

    class BarePath(FastPath):
        def _post_chunks(self, _chunks: list[bytes], _began_at: float, at: float, _: int) -> None:
            # Without it the line would ping less.
            self._supervisor.link.liveness.audio_at = at

        def _post_deltas(self, times: Any, _samples: Any, _: int) -> None:
            link = self._supervisor.link
            self._attention.ran_at = link.liveness.received_at = times[-1]

        def _ends_at(self) -> float:
            return math.inf

        def _tell_chunk(self, *_: object) -> None:
            pass

        def _tell_delta(self, *_: object) -> None:
            pass

    class BareConnection(Connection):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.fast_path.__class__ = BarePath

    return BareConnection


class OpenAI(Contestant):
    """The official SDK's documented use: base64, `input_audio_buffer.append`, `async for event in connection`."""

    def prepare(self) -> None:
        from openai import AsyncOpenAI

        self.client = AsyncOpenAI(api_key="sk-test-lines", websocket_base_url=self.url)

    async def open(self, number: int) -> Any:
        connection = await self.client.realtime.connect(model="gpt-realtime").enter()
        await connection.session.update(session=SESSION)
        self.read(self.listen(connection, number))
        return connection

    async def listen(self, connection: Any, number: int) -> None:
        async for event in connection:
            if event.type == DELTA:
                self.heard(number, np.frombuffer(base64.b64decode(event.delta), np.int16))

    async def send(self, connection: Any, pcm: bytes) -> None:
        await connection.input_audio_buffer.append(audio=base64.b64encode(pcm).decode("utf-8"))


class Websockets(Contestant):
    """`websockets` as its tutorial has it, with json and base64 of the standard library."""

    options: dict[str, Any] = {}  # noqa: RUF012 - constant

    async def open(self, number: int) -> Any:
        from websockets.asyncio.client import connect

        connection = await connect(self.url, additional_headers=HEADERS, **self.options)
        await connection.send(json.dumps({"type": "session.update", "session": SESSION}))
        self.read(self.listen(connection, number))
        return connection

    async def listen(self, connection: Any, number: int) -> None:
        async for message in connection:
            event = json.loads(message)
            if event["type"] == DELTA:
                self.heard(number, np.frombuffer(base64.b64decode(event["delta"]), np.int16))

    async def send(self, connection: Any, pcm: bytes) -> None:
        audio = base64.b64encode(pcm).decode("utf-8")
        await connection.send(json.dumps({"type": APPEND, "audio": audio}))


class Aiohttp(Contestant):
    """aiohttp's client, compression off, text left as bytes, orjson and pybase64."""

    def prepare(self) -> None:
        import aiohttp
        import orjson
        import pybase64

        self.aiohttp, self.orjson, self.base64 = aiohttp, orjson, pybase64
        self.client: Any = None

    async def open(self, number: int) -> Any:
        if self.client is None:
            connector = self.aiohttp.TCPConnector(limit=0, ssl=self.tls or True)
            self.client = self.aiohttp.ClientSession(connector=connector)
        connection = await self.client.ws_connect(
            self.url, compress=0, max_msg_size=0, decode_text=False, headers=HEADERS
        )
        update = self.orjson.dumps({"type": "session.update", "session": SESSION})
        await connection.send_frame(update, self.aiohttp.WSMsgType.TEXT)
        self.read(self.listen(connection, number))
        return connection

    async def listen(self, connection: Any, number: int) -> None:
        loads, decode, text = self.orjson.loads, self.base64.b64decode, self.aiohttp.WSMsgType.TEXT
        async for message in connection:
            if message.type is text and (event := loads(message.data))["type"] == DELTA:
                self.heard(number, np.frombuffer(decode(event["delta"], validate=True), np.int16))

    async def send(self, connection: Any, pcm: bytes) -> None:
        audio = self.base64.b64encode_as_string(pcm)
        message = self.orjson.dumps({"type": APPEND, "audio": audio})
        await connection.send_frame(message, self.aiohttp.WSMsgType.TEXT)


class Picows(Contestant):
    """picows's listener on the payload in its buffer, orjson and pybase64."""

    def prepare(self) -> None:
        import orjson
        import picows
        import pybase64

        self.picows, self.orjson, self.base64 = picows, orjson, pybase64

    async def open(self, number: int) -> Any:
        loads, decode, text = self.orjson.loads, self.base64.b64decode, self.picows.WSMsgType.TEXT
        heard = self.heard

        class Listener(self.picows.WSListener):
            def on_ws_frame(self, _transport: Any, frame: Any) -> None:
                if frame.msg_type != text:
                    return
                event = loads(frame.get_payload_as_memoryview())
                if event["type"] == DELTA:
                    heard(number, np.frombuffer(decode(event["delta"], validate=True), np.int16))

        transport, _ = await self.picows.ws_connect(
            Listener, self.url, ssl_context=self.tls, extra_headers=HEADERS
        )
        transport.send(text, self.orjson.dumps({"type": "session.update", "session": SESSION}))
        return transport

    def send(self, transport: Any, pcm: bytes) -> None:
        audio = self.base64.b64encode_as_string(pcm)
        message = self.orjson.dumps({"type": APPEND, "audio": audio})
        transport.send(self.picows.WSMsgType.TEXT, message)


CONTESTANTS = {
    "pacer": Pacer,
    "openai": OpenAI,
    "websockets": Websockets,
    "aiohttp": Aiohttp,
    "picows": Picows,
    "trunkline": Trunkline,
    "trunkline-iterating": Iterating,
    "trunkline-unwatched": Unwatched,
    "trunkline-bare": Bare,
    "trunkline-link": Link,
}

"""Answers phone calls with a Realtime model: a media stream of Twilio's kind on one side, a line on the other."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

import trunkline
from trunkline.audio.g711 import decode_ulaw
from trunkline.audio.pacing import Pacer
from trunkline.protocol import events

ULAW = {"format": {"type": "audio/pcmu"}}
VAD = {"turn_detection": {"type": "server_vad", "silence_duration_ms": 500}}
SESSION = {"instructions": "You answer the phone.", "audio": {"input": ULAW | VAD, "output": ULAW}}
log = logging.getLogger("phone")


class Call:
    """One call: three tasks, and it is over when the first of them is."""

    def __init__(self, phone: ServerConnection, line: trunkline.Line) -> None:
        self.phone, self.line, self.pacer = phone, line, Pacer()
        self.stream, self.news = "", asyncio.Event()

    async def listen(self) -> None:
        """From the phone: the caller's voice goes to the line as it comes, and what was played is told."""
        async for text in self.phone:
            message = json.loads(text)
            match message.get("event"):
                case "start":
                    self.stream = message["streamSid"]
                case "media":
                    self.line.send_audio(decode_ulaw(base64.b64decode(message["media"]["payload"])))
                case "mark":
                    for item, samples in self.pacer.heard(int(message["mark"]["name"])).items():
                        self.line.played(item, samples)
                case "stop":
                    return

    async def follow(self) -> None:
        """From the line: the answer waits in the pacer, and an interruption empties both buffers."""
        async for event in self.line:
            if isinstance(event, events.AudioDelta):
                self.pacer.push(event.item_id, event.pcm)
                # From now on an interruption is told, even before the first frame was heard.
                self.line.played(event.item_id, 0)
            elif isinstance(event, events.AudioDone):
                self.pacer.finish(event.item_id)
            elif isinstance(event, events.Interrupted):
                self.pacer.flush()
                await self.tell("clear")
            self.news.set()

    async def speak(self) -> None:
        """To the phone: each frame when it is due, and behind it its number, to be said back when it was played."""
        now = asyncio.get_running_loop().time
        while True:
            self.news.clear()
            while frame := self.pacer.take(now()):
                await self.tell("media", media={"payload": base64.b64encode(frame.codes).decode()})
                await self.tell("mark", mark={"name": str(frame.number)})
            due = self.pacer.next_at
            wait = None if due is None else asyncio.get_running_loop().call_at(due, self.news.set)
            await self.news.wait()
            if wait is not None:
                wait.cancel()

    async def tell(self, event: str, **body: Any) -> None:
        """One message to the provider."""
        await self.phone.send(json.dumps({"event": event, "streamSid": self.stream, **body}))


async def answer(phone: ServerConnection, **where: Any) -> None:
    """Takes one call until either side ends it; a line that fails hangs up, and nothing here ends other calls."""
    try:
        async with trunkline.connect(session=SESSION, **where) as line:
            call = Call(phone, line)
            tasks = [
                asyncio.create_task(each) for each in (call.listen(), call.follow(), call.speak())
            ]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
            for end in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(end, Exception) and not isinstance(end, ConnectionClosed):
                    log.error("the call ended: %r", end)
    except trunkline.LineFailed as failure:
        log.error("no line: %s", failure)
    finally:
        await phone.close()


async def main() -> None:
    """Serves wss through the TLS of the proxy in front; the key is OPENAI_API_KEY."""
    async with serve(answer, "127.0.0.1", 8080) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())

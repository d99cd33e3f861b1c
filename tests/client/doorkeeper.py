"""A server of many faces that writes down how it was entered: the upgrade, and the minting of keys."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from trunkline.client.client import Line
from trunkline.client.config import LineConfig
from trunkline.protocol.backoff import BackoffPolicy, RetryBudget
from trunkline.transports.websocket import WebSocketTransport

QUICK = BackoffPolicy(first_least=0.0, first_most=0.001, base=0.001, cap=0.002)
Answer = Callable[[], web.StreamResponse]


@dataclass(slots=True)
class Entry:
    """One request as it came."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any = None

    @property
    def protocols(self) -> list[str]:
        return [name.strip() for name in self.headers.get("Sec-Websocket-Protocol", "").split(",")]


@dataclass
class Doorkeeper:
    """What it saw, and how it answers."""

    port: int = 0
    entries: list[Entry] = field(default_factory=list)
    mints: list[Entry] = field(default_factory=list)
    heard: list[dict[str, Any]] = field(default_factory=list)
    """What the sessions were asked, all together."""
    minting: Callable[[int], web.Response] | None = None
    """Given the number of the request, from 1; without it, a key that lives as long as was asked."""
    complaint: str = ""
    """Said instead of a greeting, in an error and in the close behind it."""
    greets: bool = True
    """Whether a session says that it was created."""
    conversation: str = ""
    """What it calls its conversation, if it does."""
    drops: int = 0
    """How many sessions are broken off as soon as they are configured."""
    upgrade: Answer | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def session(self, request: web.Request) -> web.StreamResponse:
        self.entries.append(_entry(request))
        if self.upgrade is not None:
            return self.upgrade()
        offered = request.headers.get("Sec-WebSocket-Protocol", "")
        ws = web.WebSocketResponse(protocols=("realtime",) if offered else (), compress=False)
        await ws.prepare(request)
        if self.complaint:
            error = {"type": "invalid_request_error", "code": "invalid_api_key"}
            error["message"] = self.complaint
            await ws.send_json({"type": "error", "error": error})
            await ws.close(code=3000, message=self.complaint.encode()[:120])
            return ws
        if self.greets:
            await ws.send_json({"type": "session.created", "session": {"id": "s", "model": "m"}})
        if self.conversation:
            named = {"type": "conversation.created", "conversation": {"id": self.conversation}}
            await ws.send_json(named)
        async for message in ws:
            if message.type is not WSMsgType.TEXT:
                break
            event = json.loads(message.data)
            self.heard.append(event)
            if event["type"] == "session.update":
                await ws.send_json({"type": "session.updated", "session": event["session"]})
                if self.drops:
                    self.drops -= 1
                    await ws.close(code=1012, message=b"")
        return ws

    async def mint(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.mints.append(_entry(request, body))
        if self.minting is not None:
            return self.minting(len(self.mints))
        return minted(len(self.mints), seconds=body["expires_after"]["seconds"])


def minted(number: int, *, seconds: float, ahead: float = 0.0) -> web.Response:
    """A fresh key, by a clock that is so many seconds ahead."""
    now = time.time() + ahead
    value = f"ek_canary_minted_{number:04}"
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(now))
    body = {"value": value, "expires_at": int(now + seconds), "session": {"model": "m"}}
    return web.json_response(body, headers={"Date": date})


def _entry(request: web.Request, body: Any = None) -> Entry:
    headers = {name.title(): value for name, value in request.headers.items()}
    return Entry(request.path, dict(request.query), headers, body)


@contextlib.asynccontextmanager
async def doorkeeper(**how: Any) -> AsyncIterator[Doorkeeper]:
    """The server, while the block runs."""
    keeper = Doorkeeper(**how)
    app = web.Application()
    for path in ("/v1", "/openai/v1", "/openai"):
        app.router.add_get(f"{path}/realtime", keeper.session)
        app.router.add_post(f"{path}/realtime/client_secrets", keeper.mint)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    keeper.port = runner.addresses[0][1]
    try:
        yield keeper
    finally:
        await runner.cleanup()


def quick_line(config: LineConfig, observers: Any = ()) -> Line:
    """A line that loses no time between its attempts."""
    budget = RetryBudget(size=1000.0)
    return Line(
        config, transport=WebSocketTransport(), observers=tuple(observers), budget=budget, seed=1
    )

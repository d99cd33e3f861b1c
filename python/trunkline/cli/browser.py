"""`trunkline console --serve`: the console in a browser of this machine, to be looked at only.

Each visitor's websocket has a console of its own in a process of its own, which ends with the websocket. The port is
bound to the loopback address; who may speak to it is `browser_guard`, what a console is given is `browser_child`. The
terminal in the page, its fonts and the form of the pipe are textual-serve's; everything is served from here.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import textual_serve
from aiohttp import WSMsgType, web
from textual_serve.download_manager import DownloadManager

from trunkline.cli.browser_child import Child
from trunkline.cli.browser_guard import Guard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["MOST_CONSOLES", "Browser", "serve"]

MOST_CONSOLES = 4
"""At once; each is a process of 60 MB. One more is refused until another ends."""

_ADDRESS = "127.0.0.1"
_MOST_MESSAGE_BYTES = 65_536
_HEARTBEAT_SECONDS = 15
_FONT = "RobotoMono-VariableFont_wght.ttf"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".ttf": "font/ttf", ".png": "image/png"}

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<link rel="icon" href="data:,">
<link rel="preload" href="/static/fonts/{font}" as="font" type="font/ttf" crossorigin>
<link rel="stylesheet" href="/static/css/xterm.css">
<style>
@font-face{{font-family:"Roboto Mono";src:url("/static/fonts/{font}");font-weight:100 700;font-display:block}}
html,body{{margin:0;height:100%;background:#121212;color:#e0e0e0;font-family:"Roboto Mono",monospace}}
.textual-terminal{{height:100vh;opacity:0}}
body.-first-byte .textual-terminal{{opacity:1}}
.says{{position:absolute;inset:0;display:flex;align-items:center;justify-content:center;z-index:10}}
.says a{{color:#5cb0ff;margin-left:1ch}}
body.-first-byte .opening{{display:none}}
.closed{{display:none;background:#121212cc}}
body.-closed .closed{{display:flex}}
body.-closed .opening{{display:none}}
</style>
<script src="/static/js/textual.js"></script></head>
<body>
<div class="says opening">Opening the console…</div>
<div class="says closed">The console has ended.<a href="/">Open it again</a></div>
<div id="terminal" class="textual-terminal" data-session-websocket-url="ws://{host}/ws" data-font-size="14"></div>
</body></html>
"""


@dataclass(slots=True)
class Browser:
    """The web server: what it runs for each visitor, and who is here."""

    guard: Guard
    command: Sequence[str]
    """The program that is run and its arguments: a Textual application that may only look."""
    title: str = "trunkline console"
    children: set[Child] = field(default_factory=set)
    _downloads: DownloadManager = field(default_factory=DownloadManager)
    _opening: int = 0

    def application(self) -> web.Application:
        """The routes; there is no listing of anything."""
        application = web.Application(middlewares=[self.guard.middleware])
        application.on_response_prepare.append(self.guard.mark)
        application.on_shutdown.append(self._end_all)
        application.router.add_get("/", self._page)
        application.router.add_get("/ws", self._console)
        application.router.add_get("/download/{key}", self._download)
        for path, file in _static_files().items():
            application.router.add_get(path, _sender(file))
        return application

    async def _page(self, request: web.Request) -> web.Response:
        # The guard has seen to it that the host is one of ours.
        text = _PAGE.format(title=escape(self.title), font=_FONT, host=escape(request.host))
        return web.Response(text=text, content_type="text/html")

    async def _console(self, request: web.Request) -> web.StreamResponse:
        """One visitor: a console as long as the websocket lives."""
        if len(self.children) + self._opening >= MOST_CONSOLES:
            raise web.HTTPServiceUnavailable(reason="too many consoles are open")
        websocket = web.WebSocketResponse(
            heartbeat=_HEARTBEAT_SECONDS, max_msg_size=_MOST_MESSAGE_BYTES
        )
        self._opening += 1
        try:
            await websocket.prepare(request)
            child = self._child(websocket)
            await child.start(*_size(request))
            self.children.add(child)
        finally:
            self._opening -= 1
        try:
            await self._listen(websocket, child)
        finally:
            # The connection may be what cancels us; the console ends all the same.
            await asyncio.shield(self._end(child))
        return websocket

    def _child(self, websocket: web.WebSocketResponse) -> Child:
        async def close() -> None:
            await websocket.close()

        return Child(
            self.command,
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=close,
            downloads=self._downloads,
        )

    async def _listen(self, websocket: web.WebSocketResponse, child: Child) -> None:
        """Until the visitor leaves or says what no page of ours says."""
        async for message in websocket:
            if message.type is not WSMsgType.TEXT:
                break
            if not await _obey(websocket, child, message.data):
                break
        await websocket.close()

    async def _end(self, child: Child) -> None:
        await child.stop()
        self.children.discard(child)

    async def _end_all(self, _application: web.Application) -> None:
        await asyncio.gather(*(self._end(child) for child in tuple(self.children)))

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """A file that a console exports, under a key that it just told its visitor."""
        key = request.match_info["key"]
        try:
            about = await self._downloads.get_download_metadata(key)
        except KeyError:
            raise web.HTTPNotFound from None
        name = re.sub(r"[^\w.-]", "_", about.file_name, flags=re.ASCII)[:100] or "export"
        # Saved and never shown: a transcript must not become a page of this origin.
        response = web.StreamResponse(
            headers={
                "Content-Type": "application/octet-stream",
                "Content-Disposition": f'attachment; filename="{name}"',
            }
        )
        await response.prepare(request)
        async for chunk in self._downloads.download(key):
            await response.write(chunk)
        await response.write_eof()
        return response


def serve(command: Sequence[str], *, port: int, title: str, tell: Callable[[str], None]) -> None:
    """Serves until interrupted; `tell` gets the address with the token, once it is served. Port 0 takes a free one.

    Raises OSError if the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with contextlib.closing(listener):
        listener.bind((_ADDRESS, port))
        asyncio.run(_serve(listener, command, title=title, tell=tell))


async def _serve(
    listener: socket.socket, command: Sequence[str], *, title: str, tell: Callable[[str], None]
) -> None:
    port = listener.getsockname()[1]
    browser = Browser(guard=Guard(port), command=command, title=title)
    runner = web.AppRunner(browser.application(), access_log=None, handle_signals=True)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        tell(f"http://{_ADDRESS}:{port}/?token={browser.guard.token}")
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


async def _obey(websocket: web.WebSocketResponse, child: Child, text: str) -> bool:
    """Does what the page asks; False for what is no message of it."""
    try:
        kind, *rest = json.loads(text)
        value: Any = rest[0] if rest else None
        if kind == "stdin":
            await child.send_bytes(value.encode())
        elif kind == "resize":
            await child.set_terminal_size(int(value["width"]), int(value["height"]))
        elif kind == "ping":
            await websocket.send_json(["pong", str(value)[:40]])
        elif kind in ("blur", "focus"):
            await (child.blur() if kind == "blur" else child.focus())
        else:
            return False
    except (ValueError, TypeError, KeyError, AttributeError):
        return False
    return True


def _static_files() -> dict[str, Path]:
    """Every file of the page by its path, read from the package once: nothing else can be asked for."""
    root = Path(textual_serve.__file__).parent / "static"
    return {
        f"/static/{file.relative_to(root).as_posix()}": file
        for file in sorted(root.rglob("*"))
        if file.suffix in _TYPES
    }


def _sender(file: Path) -> Any:
    async def send(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(file, headers={"Content-Type": _TYPES[file.suffix]})

    return send


def _size(request: web.Request) -> tuple[int, int]:
    """Columns and rows that the page asks for; 80x24 if it asks for none."""
    return _integer(request, "width", 80), _integer(request, "height", 24)


def _integer(request: web.Request, name: str, otherwise: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else otherwise

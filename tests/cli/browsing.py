"""A served console in this process, and visitors of every kind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from pathlib import Path

import aiohttp
from aiohttp import web

from trunkline.cli.browser import Browser
from trunkline.cli.browser_guard import Guard

SERVED = (sys.executable, "-P", str(Path(__file__).with_name("served_console.py")))


class Site:
    """What is served, and how a browser would ask for it."""

    def __init__(self, browser, port):
        self.browser, self.port = browser, port
        self.host = f"127.0.0.1:{port}"
        self.origin = f"http://{self.host}"
        self.address = f"{self.origin}/?token={browser.guard.token}"

    @contextlib.asynccontextmanager
    async def visitor(self, *, introduced=True):
        """A client that keeps cookies, as the browser that opened the printed address does."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            if introduced:
                async with session.get(self.address, allow_redirects=False) as response:
                    assert response.status == 303
            yield session

    @contextlib.asynccontextmanager
    async def console(self, session, *, query="?width=100&height=30", **headers):
        headers = {"Origin": self.origin} | headers
        async with session.ws_connect(f"{self.origin}/ws{query}", headers=headers) as websocket:
            yield websocket


@contextlib.asynccontextmanager
async def served(command=SERVED):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    browser = Browser(guard=Guard(port), command=command, title="a & <b>")
    runner = web.AppRunner(browser.application(), access_log=None, shutdown_timeout=5)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield Site(browser, port)
    finally:
        await runner.cleanup()


async def screen_until(websocket, words):
    """What the console wrote, up to the words."""
    seen = ""
    async with asyncio.timeout(20):
        async for message in websocket:
            if message.type is aiohttp.WSMsgType.BINARY:
                seen += message.data.decode()
                if words in seen:
                    return seen
    raise AssertionError(f"{words!r} never came: {seen!r}")


async def until(condition, seconds=10):
    """Waits for what another process does; fails if it does not."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return status != "Z"

"""A real headless Chromium, led over its debugging protocol."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import os
import shutil
import tempfile
from pathlib import Path

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
    "--window-size=1100,700",
)


def chromium():
    """Its path; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Tab:
    """One page: what it was sent, what it asked for and what it complained of."""

    def __init__(self, websocket):
        self._websocket = websocket
        self._numbers = itertools.count(1)
        self._answers = {}
        self.requests, self.complaints = [], []
        self.received, self.sent = "", ""
        self._reading = asyncio.create_task(self._read())

    async def call(self, method, **parameters):
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._websocket.send_json({"id": number, "method": method, "params": parameters})
        async with asyncio.timeout(30):
            answer = await self._answers[number]
        assert "error" not in answer, answer
        return answer["result"]

    async def open(self, address):
        for domain in ("Page", "Network", "Runtime", "Log"):
            await self.call(f"{domain}.enable")
        await self.call("Page.navigate", url=address)

    async def value_of(self, expression):
        answer = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True)
        return answer["result"].get("value")

    async def type(self, text):
        for key in text:
            await self.call("Input.dispatchKeyEvent", type="char", text=key)

    async def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            await self.call(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
            )

    async def picture(self):
        answer = await self.call("Page.captureScreenshot", format="png")
        return base64.b64decode(answer["data"])

    async def _read(self):
        async for message in self._websocket:
            told = json.loads(message.data)
            if "id" in told:
                self._answers[told["id"]].set_result(told)
            else:
                self._note(told["method"], told["params"])

    def _note(self, method, parameters):
        if method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.requests.append(parameters["url"])
        elif method == "Network.webSocketFrameReceived":
            frame = parameters["response"]
            data = frame["payloadData"]
            self.received += (
                base64.b64decode(data).decode("utf-8", "replace") if frame["opcode"] == 2 else data
            )
        elif method == "Network.webSocketFrameSent":
            self.sent += parameters["response"]["payloadData"]
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(parameters["exceptionDetails"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            self.complaints.append(parameters["entry"]["text"])


@contextlib.asynccontextmanager
async def tab():
    """A new browser with one empty page; both are gone afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
        process = await asyncio.create_subprocess_exec(
            chromium(), *FLAGS, *sandbox, f"--user-data-dir={folder}", "about:blank",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            port = await _port(Path(folder) / "DevToolsActivePort")
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                    pages = [one for one in await answer.json() if one["type"] == "page"]
                address = pages[0]["webSocketDebuggerUrl"]
                async with session.ws_connect(address, max_msg_size=0) as websocket:
                    yield Tab(websocket)
        finally:
            process.kill()
            await process.wait()


async def _port(file):
    async with asyncio.timeout(40):
        while True:
            with contextlib.suppress(FileNotFoundError, IndexError, ValueError):
                return int(file.read_text().splitlines()[0])
            await asyncio.sleep(0.1)

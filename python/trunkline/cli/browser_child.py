"""A console in a process of its own, whose terminal is a page in a browser.

The pipe's form is textual-serve's and Textual's own. What is ours: no shell, an environment of names that are listed
here, a complaint that is cleaned before it reaches our terminal, and an end that does not wait for a child that hangs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING

import click
from textual_serve.app_service import AppService

from trunkline.cli.environment import environment
from trunkline.text import clean

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Awaitable, Callable, Sequence

    from textual_serve.download_manager import DownloadManager

__all__ = ["Child"]

_COLUMNS = (20, 500)
_ROWS = (5, 200)
# It says goodbye, is asked to end, is ended.
_PATIENCE_SECONDS = 3.0
_MOST_COMPLAINT_CHARS = 2000


class Child(AppService):
    """One console and its pipe, for one websocket."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        write_bytes: Callable[[bytes], Awaitable[None]],
        write_str: Callable[[str], Awaitable[None]],
        close: Callable[[], Awaitable[None]],
        downloads: DownloadManager,
    ) -> None:
        super().__init__(
            "",
            write_bytes=write_bytes,
            write_str=write_str,
            close=close,
            download_manager=downloads,
        )
        self._argv = tuple(command)
        self._complaints: asyncio.Task[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Of the process; None before it was started."""
        return self._process.pid if self._process is not None else None

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        return environment(os.environ) | {
            "TEXTUAL_DRIVER": "trunkline.tui.remote:RemoteDriver",
            "TEXTUAL_FPS": "30",
            "TEXTUAL_COLOR_SYSTEM": "truecolor",
            "TERM_PROGRAM": "textual",
            "COLUMNS": str(_within(width, _COLUMNS)),
            "ROWS": str(_within(height, _ROWS)),
        }

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        process = await asyncio.create_subprocess_exec(
            *self._argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._build_environment(width, height),
            # A Ctrl+C at our terminal is ours: we end the children.
            start_new_session=True,
        )
        self._process, self._stdin = process, process.stdin
        assert process.stderr is not None
        self._complaints = asyncio.create_task(_read_some(process.stderr))
        # textual-serve prints what it reads there as it is; it finds nothing more to read.
        process.stderr = asyncio.StreamReader()
        process.stderr.feed_eof()
        return process

    async def run(self) -> None:
        """Carries bytes until the console ends, and tells the page so; it may have died without a word."""
        await super().run()
        await self.remote_close()

    async def set_terminal_size(self, width: int, height: int) -> None:
        """The page was resized."""
        await super().set_terminal_size(_within(width, _COLUMNS), _within(height, _ROWS))

    async def on_meta(self, data: bytes) -> None:
        """What the console wishes of the browser; leading it to another address is not granted."""
        if b'"open_url"' not in data:
            await super().on_meta(data)

    async def stop(self) -> None:
        """Ends the console: asked to, then by signals; returns when it is gone. May be called more than once."""
        process = self._process
        if process is None:
            return
        for step in (self._say_goodbye, process.terminate, process.kill):
            with contextlib.suppress(ProcessLookupError):
                step()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _PATIENCE_SECONDS)
                break
        self._process = None
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None
        await self._report()

    def _say_goodbye(self) -> None:
        """A meta packet that Textual ends at, and the end of its input."""
        packet = self.encode_packet(b"M", b'{"type":"quit"}')
        with contextlib.suppress(OSError, RuntimeError):
            self.stdin.write(packet)

    async def _report(self) -> None:
        """What it complained of, on our own standard error; a Textual application that broke ends with 0."""
        if self._complaints is None:
            return
        complaint, self._complaints = await self._complaints, None
        words = complaint.decode("utf-8", "replace").strip()
        if words:
            click.echo(f"a console said: {clean(words[-_MOST_COMPLAINT_CHARS:])}", err=True)


async def _read_some(stream: asyncio.StreamReader) -> bytes:
    """The last of a stream, read up to its end, so that nobody waits for us."""
    kept = b""
    while chunk := await stream.read(4096):
        kept = (kept + chunk)[-4 * _MOST_COMPLAINT_CHARS :]
    return kept


def _within(value: int, bounds: tuple[int, int]) -> int:
    least, most = bounds
    return min(max(value, least), most)

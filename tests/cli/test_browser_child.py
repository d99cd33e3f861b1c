"""A console of a browser: what it is given, and how it ends."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from textual_serve.download_manager import DownloadManager

from cli.browsing import SERVED, is_alive, until
from trunkline.cli.browser_child import Child

SECRETS = (
    "OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_CUSTOM_HEADERS", "AZURE_OPENAI_API_KEY", "XAI_API_KEY", "GITHUB_TOKEN",
    "AWS_SECRET_ACCESS_KEY", "DATABASE_URL", "PGPASSWORD", "SSH_AUTH_SOCK", "TRUNKLINE_API_KEY", "TRUNKLINE_TOKEN",
    "XDG_SECRET", "LC_KEY", "TRUNKLINE_PUBLISH", "TEXTUAL_DRIVER", "PYTHONSTARTUP", "LD_PRELOAD", "anything",
    "trunkline_key",
)  # fmt: skip
CANARY = "sk-canary-0123456789"


class Pipe:
    """The websocket's side of a child."""

    def __init__(self, *extra):
        self.written, self.said, self.closed = bytearray(), [], 0
        self.child = Child(
            (*SERVED, *extra),
            write_bytes=self._write,
            write_str=self._say,
            close=self._close,
            downloads=DownloadManager(),
        )

    async def _write(self, data):
        self.written += data

    async def _say(self, text):
        self.said.append(text)

    async def _close(self):
        self.closed += 1

    async def shows(self, words):
        await until(lambda: words.encode() in self.written, 20)


def live(script, *extra):
    async def run():
        pipe = Pipe(*extra)
        await pipe.child.start(90, 25)
        try:
            await pipe.shows("this is the console")
            return await script(pipe)
        finally:
            await pipe.child.stop()

    return asyncio.run(run())


def told_by_the_kernel(pipe, what):
    return Path(f"/proc/{pipe.child.pid}/{what}").read_bytes()


def test_the_process_has_no_secret_in_its_environment(monkeypatch):
    for name in SECRETS:
        if name not in ("TEXTUAL_DRIVER", "PYTHONSTARTUP", "LD_PRELOAD"):
            monkeypatch.setenv(name, CANARY)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/of-a-test")

    async def script(pipe):
        return told_by_the_kernel(pipe, "environ")

    told = live(script)
    assert CANARY.encode() not in told
    names = {entry.partition(b"=")[0].decode() for entry in told.split(b"\0") if entry}
    assert not names & set(SECRETS) - {"TEXTUAL_DRIVER"}
    assert b"XDG_RUNTIME_DIR=/run/user/of-a-test" in told


def test_there_is_no_shell_between_us_and_the_console():
    async def script(pipe):
        return told_by_the_kernel(pipe, "cmdline").split(b"\0")[:-1]

    assert [part.decode() for part in live(script)] == list(SERVED)


def test_keys_and_sizes_reach_it():
    async def script(pipe):
        await pipe.shows("size 90x25")
        await pipe.child.send_bytes(b"k")
        await pipe.shows("key k")
        await pipe.child.set_terminal_size(61, 17)
        await pipe.shows("61x17")

    live(script)


def test_absurd_sizes_are_brought_to_what_a_screen_can_be():
    async def script(pipe):
        await pipe.child.set_terminal_size(10**9, -5)
        await pipe.shows("500x5")

    live(script)


def test_asked_to_end_it_is_gone_when_stop_returns_and_a_second_stop_is_nothing():
    async def script(pipe):
        pid = pipe.child.pid
        await pipe.child.stop()
        assert not is_alive(pid)
        await pipe.child.stop()

    live(script)


def test_one_that_ignores_everything_is_ended_all_the_same(monkeypatch):
    monkeypatch.setattr("trunkline.cli.browser_child._PATIENCE_SECONDS", 0.3)

    async def script(pipe):
        pid = pipe.child.pid
        await pipe.child.stop()
        assert not is_alive(pid)

    live(script, "--deaf")


def test_one_that_breaks_closes_the_websocket_and_is_told_of_in_clean_words(capfd):
    async def script(pipe):
        await pipe.child.send_bytes(b"x")
        await until(lambda: pipe.closed)
        await pipe.child.stop()

    live(script)
    out, err = capfd.readouterr()
    assert "it broke" in err
    assert "a console said: " in err
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", out + err)


def test_it_cannot_lead_the_browser_to_another_address():
    async def script(pipe):
        await pipe.child.on_meta(
            b'{"type": "open_url", "url": "http://evil.example", "new_tab": true}'
        )
        return pipe.said

    assert live(script) == []


def test_a_program_that_cannot_be_started_is_an_error_that_names_it():
    async def run():
        pipe = Pipe()
        pipe.child._argv = ("/nowhere/trunkline",)
        with pytest.raises(FileNotFoundError):
            await pipe.child.start(80, 24)
        await pipe.child.stop()

    asyncio.run(run())

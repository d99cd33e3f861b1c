"""Pieces of docs/console.md, docs/many-lines.md, docs/simulator.md and docs/watching.md, run against the simulator.

They are shorter than a program: what stands around them, and what their `...` stands for, is here.
"""

from __future__ import annotations

import asyncio
import re
import textwrap

import pytest

import trunkline
from docs.blocks import blocks
from trunkline.protocol import events
from trunkline.simulator.recordings import recorded_turns

TURN = recorded_turns()[2]


def python(page: str) -> list[str]:
    return [block.text for block in blocks(page) if block.language == "python"]


@pytest.fixture
def server(realtime_server, monkeypatch, tmp_path):
    """A simulator where the environment points, and a folder and a runtime directory of nobody else."""
    run = tmp_path / "run"
    run.mkdir(mode=0o700)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(run))
    monkeypatch.setenv("OPENAI_BASE_URL", realtime_server.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", realtime_server.key)
    return realtime_server


def run_in_a_coroutine(text: str, where: str, **names) -> dict:
    """The names that a piece with `await`s leaves behind."""
    body = textwrap.indent(f"{text}\nleft.update(locals())", "    ")
    left: dict = {}
    scope = {"trunkline": trunkline, "asyncio": asyncio, "left": left} | names
    exec(compile(f"async def piece():\n{body}", where, "exec"), scope)
    asyncio.run(asyncio.wait_for(scope["piece"](), 20))
    return left


def test_the_line_of_the_console_s_page_is_published(server):
    (text,) = python("docs/console.md")
    left = run_in_a_coroutine(text, "console.md", key=server.key)
    assert left["line"].state.value == "closed"
    assert len(server.sessions) == 1


def test_the_parts_of_the_page_about_watching_go_together(server, tmp_path):
    (text,) = python("docs/watching.md")
    left = run_in_a_coroutine(text, "watching.md")
    left["telemetry"].close()
    assert left["line"].config.name == "kiosk-12"
    assert len(server.sessions) == 1


def test_a_pool_opens_as_many_lines_as_it_is_asked_for(server, capsys):
    text = python("docs/many-lines.md")[0].replace("500", "5")
    exec(compile(text, "many-lines.md", "exec"), {})
    assert re.search(r"live.*5", capsys.readouterr().out)
    assert len(server.sessions) == 5


def test_a_port_is_shared_as_the_page_says():
    from websockets.asyncio.server import serve

    async def answer(_phone) -> None: ...

    text = python("docs/many-lines.md")[1].replace("0.0.0.0", "127.0.0.1").replace("8080", "0")
    waiting = "await asyncio.get_running_loop().create_future()"
    assert waiting in text
    run_in_a_coroutine(text.replace(waiting, "pass"), "many-lines.md", serve=serve, answer=answer)


async def say(base_url: str, key: str) -> None:
    """What a client does: a second of audio, no more."""
    async with trunkline.connect(base_url=base_url, api_key=key) as line:
        line.send_audio(bytes(48_000))
        line.send({"type": "input_audio_buffer.commit"})
        async for event in line:
            if isinstance(event, events.AudioCommitted):
                break


def test_a_test_with_a_server_of_its_own_passes(capsys):
    text = python("docs/simulator.md")[0]
    names: dict = {"client": say}
    call = "await client(server.base_url, 'sk-test-1')"
    exec(compile(re.sub(r"\.\.\.(?=  #)", call, text), "simulator.md", "exec"), names)
    asyncio.run(asyncio.wait_for(names["test_mine"](), 20))
    assert capsys.readouterr().out.splitlines()[1:] == ["1000.0"]


def test_tests_with_the_fixture_pass(realtime_server):
    text = python("docs/simulator.md")[1]
    from openai import OpenAI

    def use(client) -> None:
        asyncio.run(say(str(client.base_url), client.api_key))

    names: dict = {"OpenAI": OpenAI, "pytest": pytest, "use": use}
    exec(
        compile(
            re.sub(r"^    \.\.\.$", "    use(client)", text, flags=re.MULTILINE),
            "simulator.md",
            "exec",
        ),
        names,
    )
    names["test_mine"](realtime_server)
    (marker,) = names["test_another"].pytestmark
    assert marker.kwargs == {"voice": "tone", "profile": "azure-ga", "seed": 7}
    names["test_another"](realtime_server)

"""docs/adapters.md does what it says: its code, on the simulator, with the real packages."""

from __future__ import annotations

import asyncio
import base64
import re
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import openai
import pytest

from conformance.environments import requirements_of
from trunkline.protocol.backoff import RetryBudget
from trunkline.simulator import Scenario, SimulatorServer, Timing
from trunkline.simulator.recordings import recorded_turns

PAGE = (Path(__file__).parents[1] / "docs" / "adapters.md").read_text(encoding="utf-8")
FAST = Timing(pace=20.0, response_delay=0.005, transcription_delay=0.005)
TURN = recorded_turns()[0]


def code(number: int) -> dict:
    block = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[number]
    names: dict = {}
    exec(compile(block, "adapters.md", "exec"), names)
    return names


def run(scenario):
    return asyncio.run(asyncio.wait_for(scenario, 20))


def serving(*faults: dict) -> SimulatorServer:
    return SimulatorServer(timing=FAST, scenario=Scenario.from_dict({"faults": list(faults)}))


def sdk(server: SimulatorServer) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(api_key="sk-test-page", base_url=server.base_url)


@pytest.fixture(autouse=True)
def _budget_of_its_own(monkeypatch):
    # The tests of one process drop more links than a process should.
    monkeypatch.setattr("trunkline.client.client.process_budget", lambda: RetryBudget(size=1000.0))


def test_a_program_of_the_sdk_works_with_one_line_changed():
    async def scenario():
        async with serving() as server:
            return await code(0)["ask"](sdk(server), TURN.caller_text)

    assert run(scenario()) == TURN.reply_text


def test_what_the_line_knows_can_be_had(capsys):
    async def speak(connection) -> None:
        pcm = TURN.caller_pcm + bytes(48 * 700)
        for start in range(0, len(pcm), 9600):
            chunk = base64.b64encode(pcm[start : start + 9600]).decode()
            await connection.input_audio_buffer.append(audio=chunk)

    async def scenario():
        async with serving({"when": {"reply": 1, "ms": 400}, "action": "rst"}) as server:
            return await code(1)["listen"](sdk(server), speak)

    books = run(scenario())
    assert books.gap == 0
    assert books.accepted == len(TURN.caller_pcm) // 2 + 24 * 700
    assert capsys.readouterr().out.splitlines() == [
        "live, link 1",
        "dropped: connection reset",
        "live, link 2",
    ]


@pytest.mark.skipif(
    find_spec("agents") is None,
    reason="NOT PROVEN: that the page's program for openai-agents works; make adapters",
)
def test_a_program_of_the_agents_sdk_works_with_one_line_changed():
    from agents import set_tracing_disabled
    from agents.realtime import RealtimeAgent

    set_tracing_disabled(True)

    async def scenario():
        async with serving() as server:
            url = server.base_url.replace("http", "ws", 1) + "/realtime?model=gpt-realtime-2.1"
            config = {"url": url, "api_key": "sk-test-page"}
            agent = RealtimeAgent(name="Clerk", instructions="Answer briefly.")
            return await code(2)["converse"](agent, config, TURN.caller_text)

    assert run(scenario()) == TURN.reply_pcm


def test_the_page_tells_the_versions_that_were_tried():
    pinned = requirements_of("openai_agents_line").read_text(encoding="utf-8").splitlines()
    versions = dict(line.split("==") for line in pinned)
    assert version("openai") == versions["openai"]
    for name in ("openai", "openai-agents"):
        assert f"| {name} {versions[name]} |" in PAGE

"""The example of docs/translation.md against the simulator, with a link that breaks."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path

from scenarios.judging import CHUNK_SAMPLES, caller_stream
from trunkline.protocol.backoff import RetryBudget
from trunkline.simulator.scenario import Scenario
from trunkline.simulator.server import SimulatorServer
from trunkline.simulator.timing import Timing

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/interpreter.py"


def example():
    spec = importlib.util.spec_from_file_location("interpreter", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_shows_the_example_as_it_is():
    page = (ROOT / "docs/translation.md").read_text(encoding="utf-8")
    assert f"```python\n{EXAMPLE.read_text(encoding='utf-8')}```" in page


async def captured(pcm: bytes):
    for start in range(0, len(pcm), 2 * CHUNK_SAMPLES):
        yield pcm[start : start + 2 * CHUNK_SAMPLES]
        await asyncio.sleep(0.004)


def test_the_example_translates_a_talk_over_a_break():
    _, talk = caller_stream([3], pause_ms=1000)
    scenario = Scenario.from_dict(
        {"faults": [{"when": {"utterance": 1, "ms": 900}, "action": "rst"}]}
    )
    played = bytearray()

    async def run() -> tuple[str, int]:
        timing = Timing(pace=10.0, response_delay=0.03)
        async with SimulatorServer(scenario=scenario, timing=timing) as server:
            words = await example().interpret(
                captured(talk),
                played.extend,
                api_key="sk-test-1",
                base_url=server.base_url,
                budget=RetryBudget(),
            )
            return words, len(server.sessions)

    words, sessions = asyncio.run(asyncio.wait_for(run(), 60))
    assert words.strip() == "Viajo con dos niños y una bicicleta."
    assert sessions == 2
    assert len(played) > len(talk)

"""The example of docs/talk.md with a recorded voice for a microphone, and what the page says of keys and options."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from trunkline.cli.live_terminal import KEYS
from trunkline.cli.main import trunkline as command
from trunkline.devices.files import pcm_source
from trunkline.devices.silence import silent_sink
from trunkline.protocol.backoff import RetryBudget
from trunkline.simulator.recordings import recorded_turns
from trunkline.simulator.server import SimulatorServer
from trunkline.simulator.timing import Timing

PAGE = (Path(__file__).parents[2] / "docs/talk.md").read_text(encoding="utf-8")
TURN = recorded_turns()[2]
SESSION = {
    "audio": {
        "input": {
            "transcription": {"model": "gpt-realtime-whisper"},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 500},
        }
    }
}


def test_the_example_prints_what_both_sides_say(monkeypatch, capsys):
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict = {}
    exec(compile(example, "talk.md", "exec"), names)
    names["Microphone"] = lambda: pcm_source(TURN.caller_pcm, is_endless=True)
    names["Loudspeaker"] = silent_sink
    printed: list[str] = []

    async def run() -> None:
        timing = Timing(pace=20.0, response_delay=0.02, transcription_delay=0.02)
        async with SimulatorServer(timing=timing) as server:
            talking = asyncio.create_task(
                names["talk"](
                    SESSION,
                    api_key="sk-test-page",
                    base_url=server.base_url,
                    budget=RetryBudget(),
                    seed=1,
                )
            )
            while len(printed) < 2:
                await asyncio.sleep(0.05)
                printed.extend(capsys.readouterr().out.splitlines())
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)

    asyncio.run(asyncio.wait_for(run(), 40))
    assert sorted(line.partition(" ")[0] for line in printed) == ["assistant", "user"]


def test_the_example_is_ten_lines_and_its_imports():
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    body = example[example.index("def show") :]
    assert len([line for line in body.splitlines() if line]) <= 10


def test_every_key_is_on_the_page():
    assert all(f"`{name}`" in PAGE for name, _, _ in KEYS.values())


@pytest.mark.parametrize("name", ["talk", "translate"])
def test_every_option_of_the_table_is_one_of_the_commands(name: str):
    help_text = CliRunner().invoke(command, [name, "--help"]).output
    table = PAGE[PAGE.index("| option |") : PAGE.index("`translate` takes")]
    options = set(re.findall(r"`(--[a-z-]+)", table))
    assert len(options) > 6
    assert [option for option in sorted(options) if option not in help_text] == []

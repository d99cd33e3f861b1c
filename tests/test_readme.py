"""What README shows, run."""

from __future__ import annotations

import asyncio
import re
import shlex
import wave
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from trunkline.cli.main import trunkline as command
from trunkline.simulator.scenario import Scenario
from trunkline.simulator.server import SimulatorServer
from trunkline.simulator.timing import Timing

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SPEECH = ROOT / "python/trunkline/speech"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def _pcm(name: str) -> bytes:
    with wave.open(str(SPEECH / name)) as file:
        return file.readframes(file.getnframes())


@pytest.mark.parametrize(
    "faults",
    [
        [],
        [{"when": {"reply": 1, "ms": 600}, "action": "close", "code": 1011, "reason": "x"}],
    ],
    ids=["quiet", "broken in mid-reply"],
)
def test_the_librarys_example_gets_its_answer(faults, capsys: pytest.CaptureFixture[str]):
    (example,) = _blocks("python")
    names: dict = {}
    exec(compile(example, "README.md", "exec"), names)

    async def run() -> bytes:
        scenario = Scenario.from_dict({"faults": faults})
        timing = Timing(pace=20.0, response_delay=0.02, transcription_delay=0.02)
        async with SimulatorServer(scenario=scenario, timing=timing) as server:
            return await names["talk"](
                _pcm("caller_3.wav"), key="sk-test-readme", base_url=server.base_url
            )

    answer = asyncio.run(asyncio.wait_for(run(), 30))
    given = np.frombuffer(_pcm("interpreter_3.wav"), "<i2")
    assert np.array_equal(np.frombuffer(answer, "<i2")[: len(given)], given)
    assert ("dropped: the server met an unexpected condition" in capsys.readouterr().out) == bool(
        faults
    )


def test_the_librarys_example_is_about_twenty_lines():
    (example,) = _blocks("python")
    body = example[example.index("async def") :]
    assert len(body.splitlines()) <= 22


def test_the_command_lines_are_those_the_command_has():
    shown = next(block for block in _blocks("sh") if "trunkline demo [" in block)
    for line in shown.splitlines():
        words = shlex.split(line.partition("#")[0].replace("[", " ").replace("]", " "))
        words = words[words.index("trunkline") + 1 :]
        help_text = CliRunner().invoke(command, [words[0], "--help"]).output
        for word in words[1:]:
            if word.startswith("--"):
                assert word in help_text, f"{words[0]} has no {word}"


def test_readme_opens_with_the_two_commands():
    first = _blocks("sh")[0].splitlines()
    assert [line.split("#")[0].strip() for line in first] == ["make demo", "make test"]
    assert README.index("make demo") < 40


def test_every_page_that_is_linked_is_there():
    for page in ROOT.glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links {target}"
    for page in (ROOT / "docs").glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links {target}"
